"""The configuration keys of DNSSEC: what may be trusted, and what is said of the rest."""

import pytest
from certwright.errors import InvalidInput
from certwright.settings import ServerAddress, Settings, ValidatingAddress, meaning, resolve_settings

ENVIRON = {"HOME": "/home/someone"}
KEY = "validatingResolver"

ADDRESSES: dict[str, ValidatingAddress] = {
    "127.0.0.1": ValidatingAddress(ServerAddress("127.0.0.1", 53)),
    "127.0.0.53:5353": ValidatingAddress(ServerAddress("127.0.0.53", 5353)),
    "::1": ValidatingAddress(ServerAddress("::1", 53)),
    "[::1]:5353": ValidatingAddress(ServerAddress("::1", 5353)),
    "tls://9.9.9.9": ValidatingAddress(ServerAddress("9.9.9.9", 853), "9.9.9.9"),
    "tls://9.9.9.9#dns.quad9.net": ValidatingAddress(ServerAddress("9.9.9.9", 853), "dns.quad9.net"),
    "tls://9.9.9.9:8853#DNS.Quad9.net.": ValidatingAddress(ServerAddress("9.9.9.9", 8853), "dns.quad9.net"),
    "tls://[2620:fe::fe]:853#dns.quad9.net": ValidatingAddress(ServerAddress("2620:fe::fe", 853), "dns.quad9.net"),
    "tls://2620:fe::fe": ValidatingAddress(ServerAddress("2620:fe::fe", 853), "2620:fe::fe"),
}


def settings(**config: object) -> Settings:
    return resolve_settings(config, ENVIRON)


def faults(**config: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as raised:
        settings(**config)
    return [(fault.path, fault.code) for fault in raised.value.faults]


@pytest.mark.parametrize(("text", "address"), ADDRESSES.items(), ids=ADDRESSES.keys())
def test_a_validating_resolver_may_be(text: str, address: ValidatingAddress) -> None:
    assert settings(validatingResolver=text).validating_resolver == address


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.53",
        "8.8.8.8:53",
        "::ffff:192.0.2.1",
        "0.0.0.0",
        "localhost",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1#name",
        "tls://",
        "tls://dns.quad9.net",
        "tls://9.9.9.9#",
        "tls://9.9.9.9#a b",
        "tls://9.9.9.9#a..b",
        "tls://9.9.9.9:0#dns.quad9.net",
        "https://9.9.9.9/dns-query",
        "TLS 9.9.9.9",
        "\x1b[2J",
    ],
)
def test_no_validating_resolver_is(text: str) -> None:
    assert faults(validatingResolver=text) == [(KEY, "BAD_VALIDATING_RESOLVER")]


def test_nothing_is_validated_or_required_unless_configured() -> None:
    plain = settings()
    assert plain.validating_resolver is None
    assert plain.policy.require_dnssec is False


@pytest.mark.parametrize("flag", [True, "true", "1"], ids=repr)
def test_signatures_may_be_required_where_they_are_checked(flag: object) -> None:
    assert settings(requireDnssec=flag, validatingResolver="127.0.0.1").policy.require_dnssec is True


def test_signatures_that_nothing_checks_cannot_be_required() -> None:
    assert faults(requireDnssec="true") == [("requireDnssec", "NO_VALIDATING_RESOLVER")]


def test_a_resolver_that_is_wrong_is_the_only_fault_of_a_requirement() -> None:
    assert faults(requireDnssec=True, validatingResolver="192.0.2.1") == [(KEY, "BAD_VALIDATING_RESOLVER")]


def test_a_resolver_that_is_not_known_yet_is_no_fault_of_a_requirement() -> None:
    read = resolve_settings({"requireDnssec": True}, ENVIRON, frozenset({KEY}))
    assert read.policy.require_dnssec is True


def test_the_environment_stands_in_for_both_keys() -> None:
    environ = {**ENVIRON, "CERTWRIGHT_VALIDATING_RESOLVER": "::1", "CERTWRIGHT_REQUIRE_DNSSEC": "true"}
    read = resolve_settings({}, environ)
    assert read.validating_resolver == ADDRESSES["::1"]
    assert read.policy.require_dnssec is True


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (KEY, "127.0.0.1", "127.0.0.1:53"),
        (KEY, "tls://9.9.9.9#dns.quad9.net", "tls://9.9.9.9:853#DNS.quad9.NET"),
        ("requireDnssec", True, "true"),
    ],
)
def test_two_spellings_mean_the_same(name: str, one: object, other: object) -> None:
    assert meaning(name, one) == meaning(name, other)
