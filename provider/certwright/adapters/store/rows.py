"""Conversions between rows and the model, one per direction, for values that several tables share."""

import json
from datetime import timedelta

from certwright.errors import IntegrityError
from certwright.model.certificates import CertificateSpec
from certwright.model.keys import KeyAlgorithm, KeyBinding, KeyPurpose, ManagedKey
from certwright.model.names import DomainName
from certwright.model.scope import Scope

FORMAT = 1
_SERIAL_DIGITS = 40


def write_json(**fields: object) -> str:
    """Write a versioned JSON text."""
    return json.dumps({"v": FORMAT, **fields}, sort_keys=True)


def read_json(text: str, what: str) -> dict[str, object]:
    """Read a versioned JSON text; raise `IntegrityError` for one of another format."""
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"the stored {what} does not parse"
        raise IntegrityError(msg) from error
    if not isinstance(fields, dict) or fields.pop("v", None) != FORMAT:
        msg = f"the stored {what} has an unknown format"
        raise IntegrityError(msg)
    return fields


def write_serial(serial: int) -> str:
    """Write a serial as 40 hex digits."""
    return f"{serial:0{_SERIAL_DIGITS}x}"


def write_spec(spec: CertificateSpec) -> str:
    """Write what a version is issued for."""
    return write_json(
        names=[name.text for name in spec.names],
        keyAlgorithm=spec.key_algorithm.value,
        issuer=spec.issuer,
        lifetime=int(spec.lifetime.total_seconds()),
    )


def read_spec(text: str) -> CertificateSpec:
    """Read what a version is issued for."""
    fields = read_json(text, "certificate specification")
    names, lifetime = fields["names"], fields["lifetime"]
    if not isinstance(names, list) or not isinstance(lifetime, int):
        msg = "the stored certificate specification has fields of the wrong type"
        raise IntegrityError(msg)
    return CertificateSpec(
        tuple(DomainName(str(name)) for name in names),
        KeyAlgorithm(fields["keyAlgorithm"]),
        str(fields["issuer"]),
        timedelta(seconds=lifetime),
    )


def write_key(key: ManagedKey) -> str:
    """Write algorithm and binding of a key; the sealed half has a column of its own."""
    binding = key.binding
    return write_json(
        algorithm=key.algorithm.value,
        purpose=binding.purpose.value,
        account=binding.scope.account,
        region=binding.scope.region,
        subject=binding.subject,
        version=binding.version,
    )


def read_key(text: str, public_key: bytes, sealed: bytes) -> ManagedKey:
    """Read a key."""
    fields = read_json(text, "key")
    scope = Scope(str(fields["account"]), str(fields["region"]))
    purpose, version = KeyPurpose(fields["purpose"]), fields["version"]
    if not isinstance(version, int):
        msg = "the stored key has a version of the wrong type"
        raise IntegrityError(msg)
    binding = KeyBinding(purpose, scope, str(fields["subject"]), version)
    return ManagedKey(KeyAlgorithm(fields["algorithm"]), public_key, sealed, binding)
