"""The programs that stand for every member leave none out, and every member has an example in every language."""

import json

import pytest

from tests.support.languages import PROGRAMS, doc_examples
from tests.support.stack import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "schema.json").read_text())
MEMBERS = {token.rpartition(":")[2] for token in (*SCHEMA["resources"], *SCHEMA["functions"])}
CALLS = {
    "python/__main__.py": {
        "Certificate": "Certificate(",
        "CertificateValidation": "CertificateValidation(",
        "ValidationRecord": "ValidationRecord(",
        "getCertificate": "get_certificate_output(",
        "getTrustBundle": "get_trust_bundle_output(",
        "getValidationRecords": "get_validation_records_output(",
    },
    "typescript/index.ts": {
        "Certificate": "new certwright.Certificate(",
        "CertificateValidation": "new certwright.CertificateValidation(",
        "ValidationRecord": "new certwright.ValidationRecord(",
        "getCertificate": "getCertificateOutput(",
        "getTrustBundle": "getTrustBundleOutput(",
        "getValidationRecords": "getValidationRecordsOutput(",
    },
    "go/main.go": {
        "Certificate": "NewCertificate(",
        "CertificateValidation": "NewCertificateValidation(",
        "ValidationRecord": "NewValidationRecord(",
        "getCertificate": "LookupCertificateOutput(",
        "getTrustBundle": "GetTrustBundleOutput(",
        "getValidationRecords": "GetValidationRecordsOutput(",
    },
}


@pytest.mark.parametrize("program", CALLS)
def test_a_program_uses_every_resource_and_function(program: str) -> None:
    code = (PROGRAMS / program).read_text()
    assert {name for name, call in CALLS[program].items() if call in code} == MEMBERS


@pytest.mark.parametrize("language", ["typescript", "python", "go", "yaml"])
def test_every_resource_and_function_has_an_example(language: str) -> None:
    assert set(doc_examples(language)) == MEMBERS
