"""The sets of words that the SDKs name: those of the model, and only what may be written."""

import re

import pytest
from certwright.model.certificates import CertificateStatus, KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.hosted_rules import PROVIDERS
from certwright.model.keys import KeyAlgorithm
from certwright.model.rfc2136_rules import ALGORITHMS
from certwright.resources.certificate_meaning import UNITS
from certwright.resources.schema import build_schema
from certwright.resources.schema_enums import CHOICES

SCHEMA = build_schema()
_NEVER_SHOWN = {CertificateStatus.INACTIVE}
_REFUSED = {ValidationMethod.EMAIL}


def words(name: str) -> set[str]:
    """Return the words that the schema offers for a type."""
    return {item["value"] for item in SCHEMA["types"][f"certwright:index:{name}"]["enum"]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CertificateStatus", {item.value for item in set(CertificateStatus) - _NEVER_SHOWN}),
        ("DnsProvider", set(PROVIDERS)),
        ("ExportOption", {"ENABLED", "DISABLED"}),
        ("KeyAlgorithm", {item.value for item in KeyAlgorithm}),
        ("KeyRotation", {item.value for item in KeyRotation}),
        ("RenewalOutputs", {item.value for item in RenewalOutputs}),
        ("TsigAlgorithm", set(ALGORITHMS)),
        ("ValidationMethod", {item.value for item in set(ValidationMethod) - _REFUSED}),
        ("ValidityUnit", set(UNITS)),
    ],
)
def test_a_set_offers_what_may_be_written(name: str, expected: set[str]) -> None:
    assert words(name) == expected


@pytest.mark.parametrize("name", [choices.name for choices in CHOICES])
def test_every_set_is_used_and_its_words_have_names_for_code(name: str) -> None:
    declared = SCHEMA["types"][f"certwright:index:{name}"]["enum"]
    assert [item["name"] for item in declared if not re.fullmatch(r"([A-Z][a-z0-9]+)+", item["name"])] == []


def test_any_text_passes_where_words_are_offered() -> None:
    declared = SCHEMA["resources"]["certwright:index:Certificate"]["inputProperties"]["keyAlgorithm"]
    reference = {"$ref": "#/types/certwright:index:KeyAlgorithm"}
    assert (declared["type"], declared["oneOf"]) == ("string", [{"type": "string"}, reference])
