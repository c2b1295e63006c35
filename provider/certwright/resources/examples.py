"""Examples for the schema's descriptions, here those in YAML and Python; the tests run or compile them."""

from certwright.resources.examples_go import GO
from certwright.resources.examples_typescript import TYPESCRIPT

_YAML_CERTIFICATE = """\
```yaml
resources:
  certificate:
    type: certwright:Certificate
    properties:
      domainName: www.example.com
      subjectAlternativeNames: [api.example.com]
```"""
_YAML_VALIDATION = """\
```yaml
resources:
  certificate:
    type: certwright:Certificate
    properties:
      domainName: www.example.com
  issued:
    type: certwright:CertificateValidation
    properties:
      certificateArn: ${certificate.arn}
```"""
_YAML_RECORD = """\
```yaml
config:
  tsigSecret: { type: string, secret: true }
resources:
  certificate:
    type: certwright:Certificate
    properties:
      domainName: www.example.com
  record:
    type: certwright:ValidationRecord
    properties:
      zone: example.com
      name: ${certificate.domainValidationOptions[0].resourceRecordName}
      type: ${certificate.domainValidationOptions[0].resourceRecordType}
      value: ${certificate.domainValidationOptions[0].resourceRecordValue}
      rfc2136:
        server: 192.0.2.53
        keyName: updater
        keySecret: ${tsigSecret}
```"""
_YAML_GET_CERTIFICATE = """\
```yaml
variables:
  found:
    fn::invoke:
      function: certwright:getCertificate
      arguments:
        domain: www.example.com
        mostRecent: true
outputs:
  arn: ${found.arn}
```"""
_YAML_GET_TRUST_BUNDLE = """\
```yaml
variables:
  bundle:
    fn::invoke:
      function: certwright:getTrustBundle
outputs:
  roots: ${bundle.pem}
```"""
_YAML_GET_VALIDATION_RECORDS = """\
```yaml
variables:
  found:
    fn::invoke:
      function: certwright:getValidationRecords
      arguments:
        domainNames: [example.com, "*.example.com"]
outputs:
  records: ${found.records}
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


def _section(member: str, *examples: str) -> str:
    blocks = (_block("typescript", TYPESCRIPT[member]), *examples, _block("go", GO[member]))
    return "## Example Usage\n\n" + "\n\n".join(blocks)


def _block(language: str, code: str) -> str:
    return f"```{language}\n{code}```"


EXAMPLES = {
    "Certificate": _section("Certificate", _YAML_CERTIFICATE, _PYTHON_CERTIFICATE),
    "CertificateValidation": _section("CertificateValidation", _YAML_VALIDATION, _PYTHON_VALIDATION),
    "ValidationRecord": _section("ValidationRecord", _YAML_RECORD, _PYTHON_RECORD),
    "getCertificate": _section("getCertificate", _YAML_GET_CERTIFICATE, _PYTHON_GET_CERTIFICATE),
    "getTrustBundle": _section("getTrustBundle", _YAML_GET_TRUST_BUNDLE, _PYTHON_GET_TRUST_BUNDLE),
    "getValidationRecords": _section(
        "getValidationRecords", _YAML_GET_VALIDATION_RECORDS, _PYTHON_GET_VALIDATION_RECORDS
    ),
}
