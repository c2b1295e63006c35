"""Every resource and function with inputs of every kind, under a provider of its own."""

import pulumi
import pulumi_certwright as certwright

config = pulumi.Config()
domain = config.require("domain")
resolver = config.require("resolver")
updates = certwright.Rfc2136Args(
    server="127.0.0.1",
    port=config.require_int("port"),
    key_name="updater",
    key_algorithm=certwright.TsigAlgorithm.HMAC_SHA256,
    key_secret=config.require_secret("keySecret"),
)

provider = certwright.Provider(
    "own", account="123456789012", resolvers=[resolver], preflight=True, rfc2136=updates, default_tags={"team": "web"}
)
own = pulumi.ResourceOptions(provider=provider)
asked = pulumi.InvokeOptions(provider=provider)

certificate = certwright.Certificate(
    "certificate",
    domain_name=domain,
    subject_alternative_names=[f"*.{domain}"],
    validation_method=certwright.ValidationMethod.DNS,
    key_algorithm=certwright.KeyAlgorithm.EC_PRIME256V1,
    issuer="embedded",
    validity=certwright.ValidityArgs(type=certwright.ValidityUnit.DAYS, value=90),
    options=certwright.CertificateOptionsArgs(export=certwright.ExportOption.ENABLED),
    early_renewal_duration="P30D",
    key_rotation=certwright.KeyRotation.NEVER,
    renewal_outputs=certwright.RenewalOutputs.FOLLOW,
    repin="first",
    tags={"stage": "test"},
    opts=own,
)
option = certificate.domain_validation_options[0]
record = certwright.ValidationRecord(
    "record",
    zone=domain,
    name=option.resource_record_name,
    type=option.resource_record_type,
    value=option.resource_record_value,
    ttl=60,
    opts=own,
)
issued = certwright.CertificateValidation(
    "issued", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn], opts=own
)
found = certwright.get_certificate_output(
    domain=issued.certificate_arn.apply(lambda _: domain),
    statuses=[certwright.CertificateStatus.ISSUED],
    key_types=[certwright.KeyAlgorithm.EC_PRIME256V1],
    most_recent=True,
    opts=asked,
)
records = certwright.get_validation_records_output(domain_names=[domain], opts=asked).records
bundle = certwright.get_trust_bundle_output(opts=asked)

pulumi.export("arn", certificate.arn)
pulumi.export("foundArn", found.arn)
pulumi.export("names", found.subject_alternative_names)
pulumi.export("tags", found.tags)
pulumi.export("recordNames", records.apply(lambda items: [item.name for item in items]))
pulumi.export("recordName", record.name)
pulumi.export("key", issued.private_key_pem)
pulumi.export("roots", bundle.fingerprints.apply(len))
