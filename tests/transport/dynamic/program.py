"""Declare one resource of each kind in each way that matters; the tests look at what is registered."""

import pulumi
from certwright import dynamic

TARGET = {"server": "127.0.0.1", "key_name": "k", "key_secret": "s"}

web = dynamic.Certificate(
    "web",
    domain_name="example.com",
    subject_alternative_names=["a.example.com"],
    validity={"type": "DAYS", "value": 30},
    tags={"key_algorithm": "x"},
)
site = pulumi.ComponentResource("my:index:Site", "site")
dynamic.Certificate("child", domain_name="example.com", opts=pulumi.ResourceOptions(parent=site))
dynamic.CertificateValidation("sibling", certificate_arn="arn", opts=pulumi.ResourceOptions(parent=site))
dynamic.ValidationRecord("plain", zone="z", name="n.z", type="CNAME", value="v", rfc2136=TARGET)
output = pulumi.Output.from_input(TARGET)
dynamic.ValidationRecord("output", zone="z", name="n.z", type="CNAME", value="v", rfc2136=output)
dynamic.Certificate("hushed", domain_name="example.com", tags=pulumi.Output.secret({"a": "b"}))
dynamic.Certificate("partly", domain_name="example.com", tags={"a": pulumi.Output.secret("b"), "c": "d"})
option = web.domain_validation_options[0]
dynamic.ValidationRecord(
    "seen",
    zone="example.com",
    name=option.resource_record_name,
    type=option.resource_record_type,
    value=option.resource_record_value,
)
waited = dynamic.CertificateValidation("id", certificate_arn=web.arn)
assert isinstance(waited.validation_record_fqdns, pulumi.Output), "what is not given is an output too"
