"""What is wrong with a name, as people write it: one stable code and one sentence for each."""

import idna
import pytest
from certwright.core.names import MOST_NAMES, name_faults, parse_names, too_many_names
from certwright.model.names import DomainName
from hypothesis import given
from hypothesis import strategies as st

LABEL_63 = "a" * 63
BASE_219 = ".".join([LABEL_63, LABEL_63, LABEL_63, "b" * 15, "example.com"])

REFUSED: dict[str, tuple[str, str]] = {
    "nothing": ("", "EMPTY_NAME"),
    "the root": (".", "EMPTY_NAME"),
    "white space alone": ("   ", "EMPTY_NAME"),
    "white space before": (" www.example.com", "WHITESPACE"),
    "a line feed after": ("www.example.com\n", "WHITESPACE"),
    "white space within": ("www. example.com", "WHITESPACE"),
    "a no-break space within": ("www.\u00a0example.com", "WHITESPACE"),
    "a URL": ("https://www.example.com", "IS_URL"),
    "a name with a path": ("www.example.com/login", "IS_URL"),
    "an address block": ("192.0.2.0/24", "IS_URL"),
    "an e-mail address": ("hostmaster@example.com", "IS_EMAIL"),
    "an IPv4 address": ("192.0.2.1", "IS_IP"),
    "an IPv4 address with a trailing dot": ("192.0.2.1.", "IS_IP"),
    "an IPv6 address": ("2001:db8::1", "IS_IP"),
    "an IPv6 address in brackets": ("[2001:DB8::1]", "IS_IP"),
    "an IPv4 address inside IPv6": ("::ffff:192.0.2.1", "IS_IP"),
    "the IPv6 loopback address": ("::1", "IS_IP"),
    "the wildcard of an IPv4 address": ("*.192.0.2.1", "NUMERIC_TLD"),
    "a hexadecimal IPv4 address": ("0x7f.1", "NUMERIC_TLD"),
    "three numbers": ("10.1.2", "NUMERIC_TLD"),
    "four numbers, one out of range": ("256.1.1.1", "NUMERIC_TLD"),
    "a port": ("www.example.com:443", "BAD_LABEL"),
    "a U-label": ("b\u00fccher.example", "NAME_NOT_ASCII"),
    "a symbol that IDNA 2008 has not": ("\u2603.example", "NAME_NOT_ASCII"),
    "a wildcard alone": ("*", "BAD_WILDCARD"),
    "a wildcard and a dot": ("*.", "BAD_WILDCARD"),
    "a wildcard in the middle": ("www.*.example.com", "BAD_WILDCARD"),
    "two wildcards": ("*.*.example.com", "BAD_WILDCARD"),
    "part of a label as wildcard": ("w*.example.com", "BAD_WILDCARD"),
    "a wildcard without its dot": ("*example.com", "BAD_WILDCARD"),
    "a wildcard as last label": ("example.*", "BAD_WILDCARD"),
    "a name that leaves no room for its record": (f"c{BASE_219}", "NAME_TOO_LONG"),
    "a wildcard that leaves no room for its record": (f"*.c{BASE_219}", "NAME_TOO_LONG"),
    "a single label": ("intranet", "SINGLE_LABEL"),
    "a top-level domain": ("com", "SINGLE_LABEL"),
    "a wildcard above everybody": ("*.com", "SINGLE_LABEL"),
    "a wildcard above an unknown top-level domain": ("*.corp", "SINGLE_LABEL"),
    "localhost": ("localhost", "SINGLE_LABEL"),
    "a name under localhost": ("app.localhost", "LOCALHOST"),
    "the wildcard of localhost names": ("*.app.localhost", "LOCALHOST"),
    "two dots in a row": ("www..example.com", "EMPTY_LABEL"),
    "a leading dot": (".example.com", "EMPTY_LABEL"),
    "two trailing dots": ("example.com..", "EMPTY_LABEL"),
    "a label of 64 octets": (f"{'a' * 64}.example.com", "LABEL_TOO_LONG"),
    "an underscore in front": ("_dmarc.example.com", "UNDERSCORE"),
    "an underscore within": ("my_host.example.com", "UNDERSCORE"),
    "a hyphen in front": ("-www.example.com", "BAD_LABEL"),
    "a hyphen at the end": ("www-.example.com", "BAD_LABEL"),
    "a NUL": ("www\x00.example.com", "BAD_LABEL"),
    "an escape sequence": ("www\x1b[31m.example.com", "BAD_LABEL"),
    "hyphens in places 3 and 4": ("ab--cd.example.com", "RESERVED_LABEL"),
    "an A-label that is no Punycode": ("xn--0.example", "BAD_A_LABEL"),
    "an A-label of a symbol": ("xn--n3h.example", "BAD_A_LABEL"),
    "an A-label of an upper-case letter": ("xn--bcher-2pa.example", "BAD_A_LABEL"),
    "an A-label of ASCII": ("xn--abc-.example", "BAD_LABEL"),
    "a public suffix": ("co.uk", "INVALID_PUBLIC_DOMAIN"),
    "the wildcard of a public suffix": ("*.co.uk", "INVALID_PUBLIC_DOMAIN"),
    "a suffix that the list has as a wildcard": ("anything.ck", "INVALID_PUBLIC_DOMAIN"),
    "an internationalised public suffix": ("xn--55qx5d.cn", "INVALID_PUBLIC_DOMAIN"),
}

ALLOWED: dict[str, tuple[str, str]] = {
    "a name": ("www.example.com", "www.example.com"),
    "a registered domain": ("example.co.uk", "example.co.uk"),
    "a trailing dot, which goes": ("www.example.com.", "www.example.com"),
    "upper case, which goes": ("WWW.Example.COM", "www.example.com"),
    "a wildcard": ("*.Example.com.", "*.example.com"),
    "a wildcard below a domain of one's own": ("*.example.co.uk", "*.example.co.uk"),
    "a top-level domain that nobody knows": ("db.internal", "db.internal"),
    "a label of digits": ("1.example.com", "1.example.com"),
    "a last label that only starts with a digit": ("host.1a", "host.1a"),
    "a label of 63 octets": (f"{LABEL_63}.example.com", f"{LABEL_63}.example.com"),
    "219 octets": (BASE_219, BASE_219),
    "219 octets under a wildcard": (f"*.{BASE_219}", f"*.{BASE_219}"),
    "an A-label": ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    "an A-label in upper case": ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    "an A-label with a sharp s": ("xn--fa-hia.example", "xn--fa-hia.example"),
    "two hyphens in places 2 and 3": ("a--b.example.com", "a--b.example.com"),
    "an exception to a wildcard of the list": ("www.ck", "www.ck"),
    "a suffix of a company": ("github.io", "github.io"),
    "the wildcard of a company's suffix": ("*.github.io", "*.github.io"),
}

SHOWN: dict[str, tuple[str, str]] = {
    "its A-label": ("b\u00fccher.example", "xn--bcher-kva.example"),
    "its A-label with the wildcard": ("*.b\u00fccher.example", "*.xn--bcher-kva.example"),
    "its A-label without the trailing dot": ("b\u00fccher.example.", "xn--bcher-kva.example"),
    "its A-label in lower case": ("B\u00dcCHER.example", "xn--bcher-kva.example"),
    "IDNA 2008 and not 2003": ("fa\u00df.example", "xn--fa-hia.example"),
    "ASCII for full-width letters": ("\uff45xample.com", "example.com"),
    "dots for ideographic full stops": ("\u4f8b\u5b50\u3002example", "xn--fsqu00a.example"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_name_is_refused_when_it_is(text: str, code: str) -> None:
    (fault,) = name_faults(text, "domainName")
    assert (fault.code, fault.path) == (code, "domainName")
    assert fault.message
    assert fault.fix.endswith(".")


@pytest.mark.parametrize(("text", "canonical"), ALLOWED.values(), ids=ALLOWED.keys())
def test_a_name_is_allowed_when_it_is(text: str, canonical: str) -> None:
    parsed = parse_names([text], ["domainName"])
    assert parsed.faults == ()
    assert [name.text for name in parsed.names] == [canonical]


@pytest.mark.parametrize(("text", "alabel"), SHOWN.values(), ids=SHOWN.keys())
def test_the_fix_of_a_u_label_shows(text: str, alabel: str) -> None:
    (fault,) = name_faults(text, "domainName")
    assert fault.fix == f"Write the A-label {alabel!r}."


@pytest.mark.parametrize(("text", "alabel"), SHOWN.values(), ids=SHOWN.keys())
def test_the_a_label_that_a_fix_shows_is_itself_allowed(text: str, alabel: str) -> None:
    assert list(name_faults(alabel, "domainName")) == []
    assert text != alabel


def test_every_fault_of_every_name_is_found_at_once_with_its_own_path() -> None:
    texts = ["www.example.com", "a_b.example.com", "10.0.0.1", "ok.example.com", "*.co.uk"]
    paths = ["domainName", *(f"subjectAlternativeNames[{index}]" for index in range(4))]
    faults = parse_names(texts, paths).faults
    assert [(fault.path, fault.code) for fault in faults] == [
        ("subjectAlternativeNames[0]", "UNDERSCORE"),
        ("subjectAlternativeNames[1]", "IS_IP"),
        ("subjectAlternativeNames[3]", "INVALID_PUBLIC_DOMAIN"),
    ]


def many(count: int) -> tuple[DomainName, ...]:
    texts = [f"n{number}.example.com" for number in range(count)]
    return parse_names(texts, texts).names


def test_a_hundred_names_are_allowed() -> None:
    assert too_many_names(many(MOST_NAMES), "domainName") is None


def test_a_hundred_and_one_names_are_too_many() -> None:
    fault = too_many_names(many(MOST_NAMES + 1), "subjectAlternativeNames[99]")
    assert fault is not None
    assert (fault.code, fault.path) == ("TOO_MANY_NAMES", "subjectAlternativeNames[99]")
    assert "101 names" in fault.message


def test_a_name_that_is_repeated_counts_once_among_the_hundred() -> None:
    texts = [f"n{number % MOST_NAMES}.example.com" for number in range(3 * MOST_NAMES)]
    assert too_many_names(parse_names(texts, texts).names, "domainName") is None


@given(st.text(max_size=80))
def test_any_text_has_one_fault_or_none_and_a_fault_prints_no_control_character(text: str) -> None:
    faults = list(name_faults(text, "domainName"))
    assert len(faults) <= 1
    assert all(str(fault).isprintable() for fault in faults)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", max_size=20))
def test_any_punycode_is_judged_and_only_what_round_trips_is_allowed(tail: str) -> None:
    label = f"xn--{tail}"
    if not list(name_faults(f"{label}.example", "domainName")):
        assert idna.encode(idna.decode(label)).decode() == label
