"""Key algorithm, options and tags; then the certificate as the data source finds it."""

import pulumi
from pulumi_aws import acm, route53

domain = pulumi.Config().require("domain")

zone = route53.get_zone(name=domain)
certificate = acm.Certificate(
    "api",
    acm.CertificateArgs(
        domain_name=f"api.{domain}",
        validation_method="DNS",
        key_algorithm="EC_prime256v1",
        options=acm.CertificateOptionsArgs(certificate_transparency_logging_preference="DISABLED"),
        tags={"Name": "api", "stage": pulumi.get_stack()},
    ),
)
record = route53.Record(
    "api-validation",
    zone_id=zone.zone_id,
    name=certificate.domain_validation_options[0].resource_record_name,
    type=certificate.domain_validation_options[0].resource_record_type,
    records=[certificate.domain_validation_options[0].resource_record_value],
    ttl=60,
)
validated = acm.CertificateValidation("api", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn])

found = acm.get_certificate_output(
    domain=f"api.{domain}",
    statuses=["ISSUED"],
    types=["AMAZON_ISSUED"],
    key_types=["EC_prime256v1"],
    tags={"stage": pulumi.get_stack()},
    most_recent=True,
    opts=pulumi.InvokeOutputOptions(depends_on=[validated]),
)

pulumi.export("arn", found.arn)
pulumi.export("status", found.status)
pulumi.export("certificate", found.certificate)
pulumi.export("chain", found.certificate_chain)
pulumi.export("tags", found.tags)
pulumi.export("allTags", certificate.tags_all)
