"""The stack that owns the certificate: other stacks read its outputs."""

import pulumi
import pulumi_certwright as certwright

config = pulumi.Config()
domain = config.require("domain")
more = config.get_object("more") or []

certificate = certwright.Certificate(
    "web", domain_name=domain, subject_alternative_names=more, options={"export": "ENABLED"}
)
records = [
    certwright.ValidationRecord(record.name, zone=domain, name=record.name, type=record.type, value=record.value)
    for record in certwright.get_validation_records(domain_names=[domain, *more]).records
]
issued = certwright.CertificateValidation(
    "web", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn for record in records]
)

pulumi.export("arn", issued.certificate_arn)
pulumi.export("certificate", issued.certificate_pem)
pulumi.export("chain", issued.chain_pem)
pulumi.export("privateKey", issued.private_key_pem)
pulumi.export("trustBundle", certwright.get_trust_bundle().pem)
pulumi.export("records", certificate.domain_validation_options)
