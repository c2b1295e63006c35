"""One name, one record, one wait."""

import pulumi
from pulumi_aws import acm, route53

domain = pulumi.Config().require("domain")

zone = route53.get_zone(name=domain, private_zone=False)
certificate = acm.Certificate("web", domain_name=f"www.{domain}", validation_method="DNS")
option = certificate.domain_validation_options[0]
record = route53.Record(
    "web-validation",
    zone_id=zone.zone_id,
    name=option.resource_record_name,
    type=option.resource_record_type,
    records=[option.resource_record_value],
    ttl=60,
)
validated = acm.CertificateValidation(
    "web",
    certificate_arn=certificate.arn,
    validation_record_fqdns=[record.fqdn],
    opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="30m")),
)

pulumi.export("certificateArn", validated.certificate_arn)
