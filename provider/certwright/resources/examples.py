"""Examples for the schema's descriptions, in YAML and Python; the tests run the same programs."""

_YAML_CERTIFICATE = """\
```yaml
resources:
  certificate:
    type: certwright:Certificate
    properties:
      domainName: www.example.com
      subjectAlternativeNames: [api.example.com]
```"""
_PYTHON_CERTIFICATE = """\
```python
import pulumi_certwright as certwright

certificate = certwright.Certificate(
    "web", domain_name="www.example.com", subject_alternative_names=["api.example.com"]
)
```"""
_PYTHON_VALIDATION = """\
```python
import pulumi_certwright as certwright

certificate = certwright.Certificate("web", domain_name="www.example.com")
validation = certwright.CertificateValidation("web", certificate_arn=certificate.arn)
```"""
_PYTHON_RECORD = """\
```python
import pulumi
import pulumi_certwright as certwright

certificate = certwright.Certificate("web", domain_name="www.example.com")
option = certificate.domain_validation_options[0]
record = certwright.ValidationRecord(
    "web",
    zone="example.com",
    name=option.resource_record_name,
    type=option.resource_record_type,
    value=option.resource_record_value,
    rfc2136={
        "server": "192.0.2.53",
        "key_name": "updater",
        "key_secret": pulumi.Config().require_secret("tsigSecret"),
    },
)
```"""
_PYTHON_GET_CERTIFICATE = """\
```python
import pulumi_certwright as certwright

found = certwright.get_certificate(domain="www.example.com", most_recent=True)
```"""
_PYTHON_GET_TRUST_BUNDLE = """\
```python
import pulumi
import pulumi_certwright as certwright

pulumi.export("roots", certwright.get_trust_bundle().pem)
```"""
_PYTHON_GET_VALIDATION_RECORDS = """\
```python
import pulumi_certwright as certwright

for record in certwright.get_validation_records(domain_names=["example.com", "*.example.com"]).records:
    print(record.name, record.type, record.value)
```"""


def _section(*examples: str) -> str:
    return "## Example Usage\n\n" + "\n\n".join(examples)


EXAMPLES = {
    "Certificate": _section(_YAML_CERTIFICATE, _PYTHON_CERTIFICATE),
    "CertificateValidation": _section(_PYTHON_VALIDATION),
    "ValidationRecord": _section(_PYTHON_RECORD),
    "getCertificate": _section(_PYTHON_GET_CERTIFICATE),
    "getTrustBundle": _section(_PYTHON_GET_TRUST_BUNDLE),
    "getValidationRecords": _section(_PYTHON_GET_VALIDATION_RECORDS),
}
