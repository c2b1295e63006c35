"""Two certificates for a domain: records published, issue awaited, chain handed on."""

import pulumi
import pulumi_certwright as certwright

domain = pulumi.Config().require("domain")

web = certwright.Certificate("web", domain_name=domain, subject_alternative_names=[f"*.{domain}", f"shop.{domain}"])
api = certwright.Certificate("api", domain_name=f"api.{domain}", key_algorithm="EC_prime256v1")

# Plain values, known before anything exists: an ordinary loop makes the records, with any DNS provider's resource.
names = [domain, f"*.{domain}", f"shop.{domain}", f"api.{domain}"]
records = [
    certwright.ValidationRecord(record.name, zone=domain, name=record.name, type=record.type, value=record.value)
    for record in certwright.get_validation_records(domain_names=names).records
]
fqdns = [record.fqdn for record in records]

issued = {
    name: certwright.CertificateValidation(name, certificate_arn=certificate.arn, validation_record_fqdns=fqdns)
    for name, certificate in {"web": web, "api": api}.items()
}

for name, validation in issued.items():
    pulumi.export(
        name,
        {
            "arn": validation.certificate_arn,
            "notAfter": validation.not_after,
            "certificate": validation.certificate_pem,
            "chain": validation.chain_pem,
        },
    )
pulumi.export("records", [{"name": r.name, "type": r.type, "value": r.value} for r in records])
pulumi.export("trustBundle", certwright.get_trust_bundle().pem)
