"""Which CAA record sets let the built-in authority issue (RFC 8659 section 4, RFC 8657)."""

import pytest
from certwright.core.validation.caa import judge_caa
from certwright.model.names import DomainName
from certwright.model.records import CaaRecord
from hypothesis import given
from hypothesis import strategies as st

OURS = ("ca.certwright.test",)
NAME, WILDCARD = "www.example.com", "*.example.com"


def issue(value: str, *, critical: bool = False) -> CaaRecord:
    return CaaRecord(critical, "issue", value)


def wild(value: str) -> CaaRecord:
    return CaaRecord(critical=False, tag="issuewild", value=value)


def other(tag: str, value: str = "", *, critical: bool = False) -> CaaRecord:
    return CaaRecord(critical, tag, value)


Case = tuple[str, tuple[CaaRecord, ...]]

ALLOWS: dict[str, Case] = {
    "our identity": (NAME, (issue("ca.certwright.test"),)),
    "our identity in upper case": (NAME, (issue("CA.Certwright.TEST"),)),
    "our identity with a trailing dot": (NAME, (issue("ca.certwright.test."),)),
    "our identity between spaces": (NAME, (issue("  ca.certwright.test  "),)),
    "our identity among others": (NAME, (issue("letsencrypt.org"), issue("ca.certwright.test"))),
    "our identity beside nobody": (NAME, (issue(";"), issue("ca.certwright.test"))),
    "our identity under a tag in upper case": (NAME, (other("ISSUE", "ca.certwright.test"),)),
    "a known property that is critical, in upper case": (
        NAME,
        (other("IODEF", "mailto:a@example.com", critical=True),),
    ),
    "our identity as a critical property": (NAME, (issue("ca.certwright.test", critical=True),)),
    "our identity with nothing after the semicolon": (NAME, (issue("ca.certwright.test;"),)),
    "our identity with a parameter of our own": (NAME, (issue("ca.certwright.test; policy=ev"),)),
    "our method": (NAME, (issue("ca.certwright.test; validationmethods=certwright-dns-cname"),)),
    "our method among others": (NAME, (issue("ca.certwright.test; validationmethods=dns-01,certwright-dns-cname"),)),
    "our method written loosely": (
        NAME,
        (issue("ca.certwright.test ; ValidationMethods = dns-01 , certwright-dns-cname"),),
    ),
    "a set that says only where to report": (NAME, (other("iodef", "mailto:security@example.com"),)),
    "a set for mail certificates only": (NAME, (other("issuemail", "letsencrypt.org"),)),
    "an unknown property that is not critical": (NAME, (other("tbs", "unknown"),)),
    "a known property that is critical": (NAME, (other("iodef", "mailto:a@example.com", critical=True),)),
    "a wildcard rule that speaks of wildcards only": (NAME, (wild(";"),)),
    "the wildcard by its own rule": (WILDCARD, (wild("ca.certwright.test"),)),
    "the wildcard by its own rule against the general one": (WILDCARD, (issue(";"), wild("ca.certwright.test"))),
    "the wildcard by the general rule": (WILDCARD, (issue("ca.certwright.test"),)),
    "the name by the general rule against the wildcard's": (NAME, (issue("ca.certwright.test"), wild(";"))),
}

FORBIDS: dict[str, tuple[str, tuple[CaaRecord, ...], str]] = {
    "another identity": (NAME, (issue("letsencrypt.org"),), "letsencrypt.org"),
    "another identity under a tag in upper case": (NAME, (other("ISSUE", "letsencrypt.org"),), "letsencrypt.org"),
    "the wildcard by its own rule under a tag in upper case": (
        WILDCARD,
        (issue("ca.certwright.test"), other("IssueWild", ";")),
        "issuewild",
    ),
    "a domain below our identity": (NAME, (issue("x.ca.certwright.test"),), "x.ca.certwright.test"),
    "a domain above our identity": (NAME, (issue("certwright.test"),), "certwright.test"),
    "nobody, by a semicolon": (NAME, (issue(";"),), 'issue ";"'),
    "nobody, by a semicolon with a parameter": (NAME, (issue("; policy=ev"),), "policy=ev"),
    "nobody, by an empty value": (NAME, (issue(""),), 'issue ""'),
    "a value that is no domain": (NAME, (issue("%%%%%"),), "%%%%%"),
    "our identity and then some": (NAME, (issue("ca.certwright.test evil"),), "evil"),
    "the wildcard by its own rule": (WILDCARD, (issue("ca.certwright.test"), wild("letsencrypt.org")), "issuewild"),
    "the wildcard by nobody's rule": (WILDCARD, (issue("ca.certwright.test"), wild(";")), "issuewild"),
    "the wildcard by the general rule": (WILDCARD, (issue("letsencrypt.org"),), "letsencrypt.org"),
    "the name by the general rule against the wildcard's": (NAME, (issue(";"), wild("ca.certwright.test")), "issue"),
    "an unknown critical property": (NAME, (other("tbs", "unknown", critical=True),), "'tbs' is unknown"),
    "an unknown critical property beside our identity": (
        NAME,
        (issue("ca.certwright.test"), other("tbs", critical=True)),
        "'tbs' is unknown",
    ),
    "an account at an ACME server": (
        NAME,
        (issue("ca.certwright.test; accounturi=https://ca.example/acct/1"),),
        "accounturi",
    ),
    "an account, the tag in upper case": (NAME, (issue("ca.certwright.test; AccountURI=x"),), "AccountURI"),
    "another method": (NAME, (issue("ca.certwright.test; validationmethods=dns-01"),), "dns-01"),
    "another method written loosely": (
        NAME,
        (issue("ca.certwright.test; ValidationMethods = dns-01 , http-01"),),
        "ValidationMethods",
    ),
    "no method": (NAME, (issue("ca.certwright.test; validationmethods="),), "validationmethods="),
    "one of two limits that does not fit": (
        NAME,
        (issue("ca.certwright.test; validationmethods=certwright-dns-cname; accounturi=x"),),
        "accounturi",
    ),
    "a parameter without a value": (NAME, (issue("ca.certwright.test; accounturi"),), "accounturi"),
    "only records of limits that do not fit": (
        NAME,
        (issue("ca.certwright.test; accounturi=x"), issue("ca.certwright.test; validationmethods=http-01")),
        "http-01",
    ),
}


@pytest.mark.parametrize(("name", "records"), ALLOWS.values(), ids=ALLOWS.keys())
def test_caa_allows(name: str, records: tuple[CaaRecord, ...]) -> None:
    assert judge_caa(records, 0, DomainName(name), OURS) is None


@pytest.mark.parametrize(("name", "records", "shown"), FORBIDS.values(), ids=FORBIDS.keys())
def test_caa_forbids(name: str, records: tuple[CaaRecord, ...], shown: str) -> None:
    reason = judge_caa(records, 0, DomainName(name), OURS)
    assert reason is not None
    assert shown in reason


def test_one_record_that_cannot_be_parsed_forbids_whatever_the_others_say() -> None:
    assert judge_caa([issue("ca.certwright.test")], 1, DomainName(NAME), OURS) == "1 CAA records cannot be parsed"


def test_without_an_identity_of_our_own_every_issue_record_forbids() -> None:
    reason = judge_caa([issue("ca.certwright.test")], 0, DomainName(NAME), ())
    assert reason is not None
    assert "no identity of ours is set" in reason


def test_any_of_our_identities_will_do() -> None:
    assert judge_caa([issue("b.test")], 0, DomainName(NAME), ("a.test", "b.test")) is None


RECORDS = st.builds(
    CaaRecord,
    critical=st.booleans(),
    tag=st.sampled_from(["issue", "issuewild", "iodef", "tbs"]),
    value=st.sampled_from(["ca.certwright.test", "letsencrypt.org", ";", "", "ca.certwright.test; accounturi=x"]),
)


SHUFFLED = st.lists(RECORDS, max_size=6).flatmap(lambda records: st.tuples(st.just(records), st.permutations(records)))


@given(SHUFFLED, st.sampled_from([NAME, WILDCARD]))
def test_the_order_of_the_records_decides_nothing(orders: tuple[list[CaaRecord], list[CaaRecord]], name: str) -> None:
    first, second = (judge_caa(records, 0, DomainName(name), OURS) for records in orders)
    assert (first is None) is (second is None)


@given(st.lists(RECORDS, max_size=6), st.sampled_from([NAME, WILDCARD]))
def test_a_property_that_forbids_no_matter_what_is_never_outvoted(records: list[CaaRecord], name: str) -> None:
    assert judge_caa([*records, other("future", critical=True)], 0, DomainName(name), OURS) is not None
