"""Check of a Certificate: every fault with its path, all at once, and nothing on what is unknown yet."""

import pytest
from certwright.resources.certificate_inputs import check_certificate
from certwright.resources.certificate_meaning import names_are_known, names_of, version_is_known
from certwright.resources.values import UNKNOWN, Properties

from tests.unit.resources.declared import decoded, policy

LOGGING = "certificateTransparencyLoggingPreference"


def places(values: Properties, *permitted: str) -> list[tuple[str, str]]:
    """Return path and code of every fault."""
    return [(item.path, item.code) for item in check_certificate(decoded(**values), policy(*permitted)).faults]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="a name alone"),
        pytest.param({"subjectAlternativeNames": ["*.example.com", "example.com."]}, id="more names"),
        pytest.param({"validationMethod": "DNS"}, id="DNS validation"),
        pytest.param({"keyAlgorithm": "EC_prime256v1"}, id="another key"),
        pytest.param({"issuer": "embedded"}, id="the built-in issuer"),
        pytest.param({"options": {"export": "ENABLED"}}, id="export enabled"),
        pytest.param({"options": {"export": "DISABLED"}}, id="export disabled"),
        pytest.param({"options": {}}, id="options without any"),
        pytest.param({"options": {LOGGING: "ENABLED"}}, id="logging enabled"),
        pytest.param({"options": {LOGGING: "DISABLED"}}, id="logging disabled"),
        pytest.param({"earlyRenewalDuration": "P30D"}, id="an early renewal"),
        pytest.param({"validity": {"type": "DAYS", "value": 1.0}}, id="the shortest life"),
        pytest.param({"validity": {"type": "DAYS", "value": 825.0}}, id="the longest life"),
        pytest.param({"validity": {"type": "MONTHS", "value": 27.0}}, id="a life in months"),
        pytest.param({"validity": {"type": "YEARS", "value": 2.0}}, id="a life in years"),
        pytest.param({"keyRotation": "NEVER", "renewalOutputs": "PIN", "repin": "1"}, id="pinned outputs"),
        pytest.param({"tags": {"team": "web"}}, id="tags"),
        pytest.param({"__defaults": []}, id="the engine's own"),
    ],
)
def test_a_right_declaration_has_no_fault(values: Properties) -> None:
    assert places(values) == []


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        pytest.param({"domainName": None}, "domainName", "MISSING", id="no name"),
        pytest.param({"domainName": "com"}, "domainName", "SINGLE_LABEL", id="a single label"),
        pytest.param({"domainName": "192.0.2.1"}, "domainName", "IS_IP", id="an address"),
        pytest.param({"domainName": 7.0}, "domainName", "WRONG_TYPE", id="a name that is a number"),
        pytest.param(
            {"subjectAlternativeNames": ["a.example.com", "a b"]},
            "subjectAlternativeNames[1]",
            "WHITESPACE",
            id="a wrong name behind a right one",
        ),
        pytest.param({"validationMethod": "EMAIL"}, "validationMethod", "UNSUPPORTED", id="validation by mail"),
        pytest.param({"validationMethod": "HTTP"}, "validationMethod", "NOT_IN_SET", id="validation by HTTP"),
        pytest.param({"keyAlgorithm": "RSA_1024"}, "keyAlgorithm", "NOT_IN_SET", id="a short key"),
        pytest.param({"issuer": "letsencrypt"}, "issuer", "UNKNOWN_ISSUER", id="an issuer unknown here"),
        pytest.param({"options": {"export": "YES"}}, "options.export", "NOT_IN_SET", id="an export in other words"),
        pytest.param({"options": {LOGGING: "ON"}}, f"options.{LOGGING}", "NOT_IN_SET", id="logging in other words"),
        pytest.param({"options": {"exprt": "x"}}, "options.exprt", "UNKNOWN_PROPERTY", id="an option unknown here"),
        pytest.param({"earlyRenewalDuration": "60 days"}, "earlyRenewalDuration", "BAD_DURATION", id="days in words"),
        pytest.param({"earlyRenewalDuration": "P395D"}, "earlyRenewalDuration", "BAD_DURATION", id="a whole life"),
        pytest.param(
            {"earlyRenewalDuration": "P30D", "validity": {"type": "DAYS", "value": 30.0}},
            "earlyRenewalDuration",
            "BAD_DURATION",
            id="a whole short life early",
        ),
        pytest.param({"validity": {"type": "DAYS", "value": 0.0}}, "validity.value", "BAD_VALIDITY", id="no life"),
        pytest.param({"validity": {"type": "DAYS", "value": 826.0}}, "validity.value", "BAD_VALIDITY", id="too long"),
        pytest.param({"validity": {"type": "YEARS", "value": 3.0}}, "validity.value", "BAD_VALIDITY", id="three years"),
        pytest.param({"validity": {"type": "DAYS", "value": -1.0}}, "validity.value", "BAD_VALIDITY", id="below zero"),
        pytest.param({"validity": {"type": "HOURS", "value": 1.0}}, "validity.type", "NOT_IN_SET", id="hours"),
        pytest.param({"validity": {"type": "DAYS"}}, "validity.value", "MISSING", id="a unit without a number"),
        pytest.param({"validity": {"value": 30.0}}, "validity.type", "MISSING", id="a number without a unit"),
        pytest.param({"keyRotation": "ALWAYS"}, "keyRotation", "NOT_IN_SET", id="a rotation unknown here"),
        pytest.param({"renewalOutputs": "STAY"}, "renewalOutputs", "NOT_IN_SET", id="outputs in other words"),
        pytest.param({"tags": {"n": 1.0}}, "tags.n", "WRONG_TYPE", id="a tag that is a number"),
        pytest.param({"domain": "x"}, "domain", "UNKNOWN_PROPERTY", id="a property unknown here"),
    ],
)
def test_a_fault_has_its_path_and_code(values: Properties, path: str, code: str) -> None:
    assert places(values) == [(path, code)]


def test_all_faults_are_told_at_once() -> None:
    values: Properties = {
        "domainName": "-.example.com",
        "subjectAlternativeNames": ["ok.example.com", "x_y.example.com", "co.uk"],
        "validationMethod": "EMAIL",
        "keyAlgorithm": "DSA",
        "issuer": "x",
        "validity": {"type": "DAYS", "value": 9999.0},
        "options": {"export": "x"},
        "earlyRenewalDuration": "x",
        "colour": "red",
    }
    assert {path for path, _ in places(values)} == {
        "domainName",
        "subjectAlternativeNames[1]",
        "subjectAlternativeNames[2]",
        "validationMethod",
        "keyAlgorithm",
        "issuer",
        "validity.value",
        "options.export",
        "earlyRenewalDuration",
        "colour",
    }


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"domainName": UNKNOWN}, id="the name"),
        pytest.param({"subjectAlternativeNames": UNKNOWN}, id="all other names"),
        pytest.param({"subjectAlternativeNames": ["a.example.com", UNKNOWN]}, id="one other name"),
        pytest.param({"validity": UNKNOWN}, id="the life"),
        pytest.param({"validity": {"type": "DAYS", "value": UNKNOWN}}, id="its number"),
        pytest.param({"validity": {"type": UNKNOWN, "value": 9999.0}}, id="its unit"),
        pytest.param({"issuer": UNKNOWN}, id="the issuer"),
        pytest.param({"options": {"export": UNKNOWN}}, id="an option"),
        pytest.param({"earlyRenewalDuration": UNKNOWN}, id="the early renewal"),
        pytest.param({"validationMethod": UNKNOWN}, id="the method"),
        pytest.param({"tags": {"team": UNKNOWN}}, id="a tag"),
    ],
)
def test_what_is_unknown_skips_its_rules(values: Properties) -> None:
    assert places(values) == []


def test_a_fault_keeps_its_index_behind_an_unknown_element() -> None:
    values: Properties = {"subjectAlternativeNames": [UNKNOWN, "a b"]}
    assert places(values) == [("subjectAlternativeNames[1]", "WHITESPACE")]


def test_an_element_that_is_null_is_missing_at_its_index() -> None:
    values: Properties = {"subjectAlternativeNames": ["a.example.com", None, "a b"]}
    assert places(values) == [("subjectAlternativeNames[1]", "MISSING"), ("subjectAlternativeNames[2]", "WHITESPACE")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"domainName": "example.com"}, [], id="the permitted domain"),
        pytest.param({"domainName": "a.b.example.com"}, [], id="below it"),
        pytest.param({"domainName": "*.example.com"}, [], id="its wildcard"),
        pytest.param(
            {"domainName": "notexample.com"}, [("domainName", "DOMAIN_NOT_ALLOWED")], id="one that ends alike"
        ),
        pytest.param(
            {"domainName": "example.com", "subjectAlternativeNames": ["a.example.com", "b.example.org"]},
            [("subjectAlternativeNames[1]", "DOMAIN_NOT_ALLOWED")],
            id="a further name elsewhere",
        ),
        pytest.param(
            {"domainName": UNKNOWN, "subjectAlternativeNames": ["b.example.org"]},
            [("subjectAlternativeNames[0]", "DOMAIN_NOT_ALLOWED")],
            id="a further name elsewhere beside an unknown first",
        ),
    ],
)
def test_names_outside_the_permitted_domains_are_refused(values: Properties, expected: list[tuple[str, str]]) -> None:
    assert places(values, "example.com") == expected


def test_more_than_a_hundred_names_are_refused() -> None:
    names: Properties = {"subjectAlternativeNames": [f"n{index}.example.com" for index in range(100)]}
    assert [code for _, code in places(names)] == ["TOO_MANY_NAMES"]


def test_names_keep_their_order_and_come_once() -> None:
    declared = decoded(domainName="B.example.com", subjectAlternativeNames=["a.example.com.", "b.example.com"])
    assert [name.text for name in names_of(declared).names] == ["b.example.com", "a.example.com"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"subjectAlternativeNames": ["a.example.com"]}, True),
        ({"tags": UNKNOWN}, True),
        ({"domainName": UNKNOWN}, False),
        ({"subjectAlternativeNames": UNKNOWN}, False),
        ({"subjectAlternativeNames": [UNKNOWN]}, False),
    ],
)
def test_whether_every_name_is_known(values: Properties, expected: bool) -> None:  # noqa: FBT001 - a row of a table
    assert names_are_known(decoded(**values)) is expected


@pytest.mark.parametrize("name", ["domainName", "subjectAlternativeNames", "keyAlgorithm", "issuer", "validity"])
def test_what_decides_on_a_version_must_be_known(name: str) -> None:
    assert not version_is_known(decoded(**{name: UNKNOWN}))


@pytest.mark.parametrize("name", ["tags", "options", "repin", "renewalOutputs", "keyRotation", "earlyRenewalDuration"])
def test_nothing_else_decides_on_a_version(name: str) -> None:
    assert version_is_known(decoded(**{name: UNKNOWN}))


@pytest.mark.parametrize(
    ("options", "warnings"),
    [({}, 0), ({"export": "ENABLED"}, 0), ({LOGGING: "DISABLED"}, 0), ({LOGGING: "ENABLED"}, 1)],
    ids=["no options", "another option", "logging disabled", "logging enabled"],
)
def test_a_wish_for_transparency_logs_warns_that_there_are_none(options: Properties, warnings: int) -> None:
    found = check_certificate(decoded(options=options), policy()).warnings
    assert [f"options.{LOGGING} is ENABLED" in warning for warning in found] == [True] * warnings
