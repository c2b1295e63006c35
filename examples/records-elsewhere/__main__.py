"""A certificate whose records another provider's DNS resource publishes, made in `apply` over its outputs.

Needs pulumi-aws beside pulumi-certwright; docs/FROM-PULUMI-AWS.md has the resources of other DNS providers.
"""

import pulumi
import pulumi_certwright as certwright
from pulumi_aws import route53

domain = pulumi.Config().require("domain")
zone = route53.get_zone(name=domain)

certificate = certwright.Certificate(
    "web", domain_name=domain, subject_alternative_names=[f"*.{domain}", f"shop.{domain}"]
)

# The options are known in a preview, so it shows every record; apex and wildcard share one, and it comes once.
fqdns = certificate.domain_validation_options.apply(
    lambda options: [
        route53.Record(
            option.resource_record_name,
            zone_id=zone.zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=300,
        ).fqdn
        for option in options
    ]
)

issued = certwright.CertificateValidation("web", certificate_arn=certificate.arn, validation_record_fqdns=fqdns)

pulumi.export("arn", issued.certificate_arn)
pulumi.export("certificate", issued.certificate_pem)
pulumi.export("chain", issued.chain_pem)
