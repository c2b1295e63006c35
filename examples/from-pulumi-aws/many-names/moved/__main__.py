"""Apex, wildcard and names of two zones; each record is made once and goes into the zone that holds it."""

import pulumi
import pulumi_certwright as acm
from pulumi_aws import route53

config = pulumi.Config()
domains = [config.require("domain"), config.require("otherDomain")]

zones = {domain: route53.get_zone(name=domain) for domain in domains}
certificate = acm.Certificate(
    "site",
    domain_name=domains[0],
    subject_alternative_names=[f"*.{domains[0]}", f"www.{domains[1]}", f"api.{domains[1]}"],
    validation_method="DNS",
)


def zone_id(name: str) -> str:
    """Return the id of the zone that holds a name."""
    return next(zones[domain].zone_id for domain in domains if name.removesuffix(".").endswith(f".{domain}"))


def publish(options: list) -> list[pulumi.Output[str]]:
    """Make the records; apex and wildcard share one."""
    unique = {option.resource_record_name: option for option in options}
    return [
        route53.Record(
            f"validation-{name}",
            allow_overwrite=True,
            zone_id=zone_id(name),
            name=name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=60,
        ).fqdn
        for name, option in sorted(unique.items())
    ]


validated = acm.CertificateValidation(
    "site",
    certificate_arn=certificate.arn,
    validation_record_fqdns=certificate.domain_validation_options.apply(publish),
)

pulumi.export("certificateArn", validated.certificate_arn)
pulumi.export("names", certificate.subject_alternative_names)
