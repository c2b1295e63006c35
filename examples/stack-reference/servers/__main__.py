"""The stack that uses the certificate: everything comes from the outputs of the one that owns it.

A changed name or a renewal over there keeps the ARN; the next `pulumi up` here takes the new certificate and key up.
"""

import pulumi
import pulumi_certwright as certwright

owner = pulumi.StackReference(f"{pulumi.get_organization()}/certificates/{pulumi.get_stack()}")
certificate, chain, key = (owner.require_output(name) for name in ("certificate", "chain", "privateKey"))

# What the store knows of the certificate now, by its ARN; both stacks use the same certwright home.
found = certwright.get_certificate_output(arn=owner.require_output("arn"))

# Secret as a whole, since the key is.
pulumi.export("serverPem", pulumi.Output.concat(certificate, chain, key))
pulumi.export("clientRoots", owner.require_output("trustBundle"))
pulumi.export("arn", found.arn)
pulumi.export("names", found.subject_alternative_names)
pulumi.export("notAfter", found.not_after)
pulumi.export(
    "neverDelete", owner.require_output("records").apply(lambda records: [one["resourceRecordName"] for one in records])
)
