"""ARNs of certificates and authorities."""

import re
from dataclasses import dataclass

from certwright.errors import InvalidArn
from certwright.model.scope import Scope

_CERTIFICATE = re.compile(
    r"arn:certwright:acm:(?P<region>[a-z0-9-]{1,32}):(?P<account>[0-9]{12}):certificate/"
    r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
)


@dataclass(frozen=True, slots=True, order=True)
class CertificateArn:
    """Identify a certificate: `arn:certwright:acm:<region>:<account>:certificate/<uuid4>`."""

    region: str
    account: str
    id: str

    @property
    def scope(self) -> Scope:
        """Return the account and Region that own the certificate."""
        return Scope(self.account, self.region)

    def __str__(self) -> str:
        return f"arn:certwright:acm:{self.region}:{self.account}:certificate/{self.id}"


def parse_certificate_arn(text: str, path: str = "") -> CertificateArn:
    """Parse a certificate ARN; raise `InvalidArn`, with the property's path, for anything else."""
    match = _CERTIFICATE.fullmatch(text)
    if match is None:
        raise InvalidArn(text, "arn:certwright:acm:<region>:<account>:certificate/<uuid4>", path)
    return CertificateArn(match["region"], match["account"], match["id"])
