"""What the provider's configuration asks of the core."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

LONGEST_LEAF = timedelta(days=825)


class CaaPolicy(Enum):
    """What a CAA record that forbids us does: stop the issue, or warn."""

    ENFORCE = "enforce"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules that hold for every certificate of this configuration.

    `caa_identities` are the issuer domains our authority answers to (RFC 8659 section 4.2); `permitted_domains`
    become critical name constraints of the authority. With `has_own_servers` the configured servers are the authority
    for the installation: what they disclaim does not exist for it. `require_dnssec` refuses names whose zones are not
    signed, or whose signatures nothing checks. Lifetimes and waits are exact lengths of time.
    """

    validation_domain: str
    caa_identities: tuple[str, ...]
    caa_policy: CaaPolicy
    permitted_domains: tuple[str, ...]
    preflight: bool
    has_own_servers: bool = False
    require_dnssec: bool = False
    default_lifetime: timedelta = timedelta(days=395)
    longest_lifetime: timedelta = LONGEST_LEAF
    validation_timeout: timedelta = timedelta(hours=72)
