"""Two certificates whose records another provider's DNS resource publishes, made in a plain loop.

Needs pulumi-aws beside pulumi-certwright; docs/FROM-PULUMI-AWS.md has the resources of other DNS providers.
"""

import pulumi
import pulumi_certwright as certwright
from pulumi_aws import route53

domain = pulumi.Config().require("domain")
zone = route53.get_zone(name=domain)
wanted = {"web": [domain, f"*.{domain}"], "api": [f"api.{domain}", f"*.{domain}"]}

# Plain strings, before any certificate exists: each record once, whatever number of certificates needs it.
names = [name for group in wanted.values() for name in group]
records = [
    route53.Record(
        record.name, zone_id=zone.zone_id, name=record.name, type=record.type, records=[record.value], ttl=300
    )
    for record in certwright.get_validation_records(domain_names=names).records
]
fqdns = [record.fqdn for record in records]

for label, (first, *more) in wanted.items():
    certificate = certwright.Certificate(label, domain_name=first, subject_alternative_names=more)
    issued = certwright.CertificateValidation(label, certificate_arn=certificate.arn, validation_record_fqdns=fqdns)
    pulumi.export(label, {"arn": issued.certificate_arn, "certificate": issued.certificate_pem})
