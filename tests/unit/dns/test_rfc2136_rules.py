"""What a target of dynamic updates must look like, before anything is sent."""

import base64
from dataclasses import replace

import pytest
from certwright.adapters.dns.rfc2136 import Rfc2136Writer
from certwright.errors import Fault, Refused
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.rfc2136_rules import ALGORITHMS, Rfc2136Words, rfc2136_faults
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target
from hypothesis import example, given
from hypothesis import strategies as st

SECRET = base64.b64encode(b"canary-secret-of-32-octets-long!")
GOOD = Rfc2136Words("192.0.2.53", 53, "updater.example.com", "hmac-sha256", SecretBytes(SECRET))
LABEL = "a" * 63

SERVERS = [
    "192.0.2.53",
    "::1",
    "2001:db8::53",
    "fe80::1%eth0",
    "localhost",
    "ns1.example.com",
    "NS1.Example.COM.",
    "xn--bcher-kva.example",
    "3com.example",
    f"{LABEL}.{LABEL}.{LABEL}.example",
]


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_may_be(server: str) -> None:
    assert rfc2136_faults(replace(GOOD, server=server)) == ()


NO_SERVERS = {
    "nothing": "",
    "a dot": ".",
    "an address with a port": "192.0.2.53:53",
    "an address in brackets": "[::1]",
    "an address gone wrong": "192.0.2.256",
    "an address with too few parts": "192.0.2",
    "a number": "53",
    "an address with a strange zone": "fe80::1%e\x1bth",
    "an empty label": "ns1..example.com",
    "a leading dot": ".example.com",
    "an underscore": "_ns.example.com",
    "a leading hyphen": "-ns.example.com",
    "a trailing hyphen": "ns-.example.com",
    "a label of 64": f"{LABEL}a.example",
    "a name of 255": f"{LABEL}.{LABEL}.{LABEL}.{LABEL}",
    "a blank": "ns1 example.com",
    "a letter that is not ASCII": "b\u00fccher.example",
    "the Kelvin sign": "\u212a.example",
    "a URL": "dns://ns1.example.com",
    "a line break at the end": "ns1.example.com\n",
}


@pytest.mark.parametrize("server", NO_SERVERS.values(), ids=NO_SERVERS.keys())
def test_no_server_is(server: str) -> None:
    assert [fault.path for fault in rfc2136_faults(replace(GOOD, server=server))] == ["server"]


@pytest.mark.parametrize("port", [1, 53, 5353, 65535])
def test_a_port_may_be(port: int) -> None:
    assert rfc2136_faults(replace(GOOD, port=port)) == ()


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_no_port_is(port: int) -> None:
    assert [fault.path for fault in rfc2136_faults(replace(GOOD, port=port))] == ["port"]


@pytest.mark.parametrize("name", ["updater", "updater.example.com.", "_tsig.Example", "a-b_c", LABEL])
def test_a_key_name_may_be(name: str) -> None:
    assert rfc2136_faults(replace(GOOD, key_name=name)) == ()


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", ".a", LABEL + "a", f"{LABEL}.{LABEL}.{LABEL}.{LABEL}.a", "a b", "a\\.b", "\u00fc", "a\n"],
    ids=["nothing", "a dot", "an empty label", "a leading dot", "64", "257", "blank", "escape", "umlaut", "line"],
)
def test_no_key_name_is(name: str) -> None:
    assert [fault.path for fault in rfc2136_faults(replace(GOOD, key_name=name))] == ["keyName"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_algorithm_may_be(algorithm: str) -> None:
    assert rfc2136_faults(replace(GOOD, key_algorithm=algorithm)) == ()


@pytest.mark.parametrize("algorithm", ["", "hmac-md5", "hmac-sha1", "HMAC-SHA256", "hmac-sha256.", "sha256", "\x1b[2J"])
def test_no_algorithm_is(algorithm: str) -> None:
    assert [fault.path for fault in rfc2136_faults(replace(GOOD, key_algorithm=algorithm))] == ["keyAlgorithm"]


@pytest.mark.parametrize(
    "secret",
    [b"", b"canary", b"can ary=", b"canary=canary", b"canary\n==", "canary\u2603".encode(), b"can-ary_"],
    ids=["nothing", "no padding", "a blank", "padding inside", "a line break", "no ASCII", "base64url"],
)
def test_no_secret_is(secret: bytes) -> None:
    assert [fault.path for fault in rfc2136_faults(replace(GOOD, key_secret=SecretBytes(secret)))] == ["keySecret"]


def test_all_faults_are_told_at_once() -> None:
    words = Rfc2136Words("", 0, "", "", SecretBytes(b""))
    faults = rfc2136_faults(words)
    assert [fault.path for fault in faults] == ["server", "port", "keyName", "keyAlgorithm", "keySecret"]
    assert all(isinstance(fault, Fault) and fault.fix for fault in faults)


def target_of(words: Rfc2136Words, zone: str = "example.com.") -> Rfc2136Target:
    return Rfc2136Target(words.server, words.port, zone, words.key_name, words.key_algorithm, words.key_secret)


WORDS = st.builds(
    Rfc2136Words,
    st.one_of(st.just(GOOD.server), st.text(max_size=300)),
    st.one_of(st.just(53), st.integers()),
    st.one_of(st.just(GOOD.key_name), st.text(max_size=300)),
    st.one_of(st.just(GOOD.key_algorithm), st.text(max_size=300)),
    st.builds(SecretBytes, st.one_of(st.just(SECRET), st.binary(max_size=300).map(b"canary-".__add__))),
)


@given(WORDS)
@example(replace(GOOD, server="\u2028" * 100_000))
def test_faults_show_no_secret_and_are_fit_for_a_terminal(words: Rfc2136Words) -> None:
    for fault in rfc2136_faults(words):
        assert str(fault).isprintable()
        assert len(str(fault)) < 500
        assert "canary" not in str(fault)


def refusal_of(words: Rfc2136Words, zone: str) -> str:
    """Return why there is no writer, nothing when there is one."""
    try:
        Rfc2136Writer(target_of(words, zone))
    except Refused as error:
        return str(error)
    return ""


@given(WORDS, st.one_of(st.just("example.com."), st.text(max_size=300)))
def test_a_writer_of_any_target_is_made_or_refused(words: Rfc2136Words, zone: str) -> None:
    refusal = refusal_of(words, zone)
    assert refusal or not rfc2136_faults(words)
    assert refusal.isprintable()
    assert "canary" not in refusal


@pytest.mark.parametrize(
    "record",
    [
        ResourceRecord("a..example.com.", RecordType.CNAME, "_v.test."),
        ResourceRecord(f"{LABEL}a.example.com.", RecordType.CNAME, "_v.test."),
        ResourceRecord("_n.example.com.", RecordType.CNAME, "a..b."),
        ResourceRecord("_n.example.com.", RecordType.CNAME, "two targets"),
        ResourceRecord("_n.example.com.", RecordType.A, "no address"),
    ],
    ids=["an empty label", "a label of 64", "an empty label in its target", "two targets", "no address"],
)
def test_a_record_that_is_none_is_refused_before_anything_is_sent(record: ResourceRecord) -> None:
    writer = Rfc2136Writer(target_of(GOOD))
    for change in (lambda: writer.add(record, 60), lambda: writer.replace(record, 60), lambda: writer.remove(record)):
        with pytest.raises(Refused, match=r"192\.0\.2\.53:53 \(zone example\.com\.\)"):
            change()
