"""Labels of validation records: keyed, bound to installation, account and name; the same in every Region (R12, R13)."""

import base64
import hmac

from certwright.model.names import DomainName
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.secret import SecretBytes

LABEL_LENGTH = 32
_VERSION = b"\x01"


def cname_record(
    secret: SecretBytes, installation_id: str, account: str, name: DomainName, validation_domain: str
) -> ResourceRecord:
    """Return the CNAME that proves control over the base of `name`; apex and wildcard share it."""
    base = name.base.text
    owner = _label(secret, "name", installation_id, account, base)
    target = _label(secret, "value", installation_id, account, base)
    return ResourceRecord(f"_{owner}.{base}.", RecordType.CNAME, f"_{target}.{validation_domain}.")


def _label(secret: SecretBytes, purpose: str, installation_id: str, account: str, name: str) -> str:
    """Return 160 bits of HMAC-SHA-256 in 32 lower-case base32 characters."""
    message = _VERSION + b"\0".join(part.encode() for part in (purpose, installation_id, account, name))
    digest = hmac.digest(secret.reveal(), message, "sha256")
    return base64.b32encode(digest)[:LABEL_LENGTH].decode().lower()
