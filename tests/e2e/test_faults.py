"""Faults of inputs and configuration: all at once, each with its path and the fix, nothing stored."""

import pytest

from tests.support.programs import certificate, program
from tests.support.stack import Stack
from tests.support.store import query

_FAULTY = """
import pulumi
import pulumi_certwright as certwright

certwright.Certificate(
    "cert",
    domain_name="bücher.example",
    subject_alternative_names=["co.uk", "a_b.example.com", "*.*.example.com", "localhost", "10.0.0.1", "-.example.com"],
    validity={"type": "DAYS", "value": 900},
    early_renewal_duration="soon",
    key_algorithm="RSA_512",
    validation_method="EMAIL",
    options={"export": "YES"},
)
"""
_EXPLICIT = """
import pulumi
import pulumi_certwright as certwright

own = certwright.Provider(
    "own",
    account="12",
    region="Not A Region",
    resolvers=["dns.example.com"],
    caa_policy="maybe",
    master_key="file:relative",
    store="sqlite:///relative.db",
    preflight="perhaps",
)
certwright.Certificate("cert", domain_name="a.example.com", opts=pulumi.ResourceOptions(provider=own))
"""
_VARIABLES = {
    "account": "ACCOUNT",
    "region": "REGION",
    "resolvers": "RESOLVERS",
    "caaPolicy": "CAA_POLICY",
    "masterKey": "MASTER_KEY",
    "store": "STORE",
    "preflight": "PREFLIGHT",
}
_BAD = {
    "account": "12",
    "region": "Not A Region",
    "resolvers": '["dns.example.com"]',
    "caaPolicy": "maybe",
    "masterKey": "file:relative",
    "store": "sqlite:///relative.db",
    "preflight": "perhaps",
}


@pytest.mark.parametrize("command", ["preview", "up"])
def test_every_fault_of_every_resource_is_told_at_once_with_path_and_fix(stack: Stack, command: str) -> None:
    stack.write_python(_FAULTY)
    run = stack.preview() if command == "preview" else stack.up()
    text = run.require_failed().messages
    for part in (
        "domainName",
        "Write the A-label 'xn--bcher-kva.example'",
        "subjectAlternativeNames[0]",
        "public suffix",
        "subjectAlternativeNames[1]",
        "underscore",
        "subjectAlternativeNames[2]",
        "subjectAlternativeNames[3]",
        "subjectAlternativeNames[4]",
        "subjectAlternativeNames[5]",
        "validity.value",
        "earlyRenewalDuration",
        "keyAlgorithm",
        "validationMethod",
        "options.export",
    ):
        assert part in text, (part, text)
    assert query(stack.home, "SELECT count(*) FROM certificates") == [(0,)]
    assert query(stack.home, "SELECT count(*) FROM handed_out_names") == [(0,)]


@pytest.mark.parametrize(
    ("resource", "parts"),
    [
        pytest.param(
            'CertificateValidation("issued", certificate_arn="arn:aws:acm:eu-1:1:certificate/1")',
            ("certificateArn", "arn:certwright:acm:<region>"),
            id="CertificateValidation",
        ),
        pytest.param(
            'ValidationRecord("record", zone="example.com", name="a.example.org", type="TXT", value="x y", ttl=0)',
            ("name", "OUTSIDE_ZONE", "type", "Use CNAME", "ttl", "BAD_TTL", "value", "BAD_NAME"),
            id="ValidationRecord",
        ),
    ],
)
def test_the_faults_of_another_resource_are_told_too(stack: Stack, resource: str, parts: tuple[str, ...]) -> None:
    stack.write_python(f"import pulumi_certwright as certwright\n\ncertwright.{resource}\n")
    text = stack.preview().require_failed().messages
    for part in parts:
        assert part in text, (part, text)


@pytest.mark.parametrize("shape", ["environment", "stack configuration", "explicit provider"])
def test_every_fault_of_the_configuration_is_told_at_once(stack: Stack, shape: str) -> None:
    env: dict[str, str] = {}
    if shape == "environment":
        env = {f"CERTWRIGHT_{_VARIABLES[key]}": value for key, value in _BAD.items()}
    if shape == "stack configuration":
        for key, value in _BAD.items():
            stack.configure(f"certwright:{key}", value)
    if shape == "explicit provider":
        stack.write_python(_EXPLICIT)
    else:
        stack.write(program(certificate(["a.example.com"])))
    found = stack.preview(env=env).require_failed().messages
    for key in _BAD:
        assert key in found, (key, found)
    for fix in (
        "12 digits",
        "Use file:/absolute/path",
        "Use sqlite:////absolute/path/store.db",
        "Write enforce or warn",
    ):
        assert fix in found, (fix, found)
    assert not stack.home.exists()


def test_configuration_works_as_json_text(stack: Stack) -> None:
    stack.configure("certwright:permittedDomains", '["example.com"]')
    stack.write(program(certificate(["a.example.org"])))
    assert "outside certwright:permittedDomains (example.com)" in stack.preview().require_failed().messages
