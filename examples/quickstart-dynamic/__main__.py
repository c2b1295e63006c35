"""A certificate for a domain: records published, issue awaited, chain handed on. No plugin is installed."""

import pulumi
from certwright import dynamic as certwright

domain = pulumi.Config().require("domain")
names = [domain, f"*.{domain}"]

certificate = certwright.Certificate("web", domain_name=domain, subject_alternative_names=names[1:])

# Plain values, known before anything exists: an ordinary loop makes the records, with any DNS provider's resource.
records = [
    certwright.ValidationRecord(record.name, zone=domain, name=record.name, type=record.type, value=record.value)
    for record in certwright.get_validation_records(domain_names=names).records
]

issued = certwright.CertificateValidation(
    "web", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn for record in records]
)

pulumi.export("arn", certificate.arn)
pulumi.export("records", certificate.domain_validation_options)
pulumi.export("notAfter", issued.not_after)
pulumi.export("certificate", issued.certificate_pem)
pulumi.export("chain", issued.chain_pem)
pulumi.export("trustBundle", certwright.get_trust_bundle().pem)
