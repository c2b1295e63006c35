"""Conversions between rows and the model, one per direction, for values that several tables share."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from certwright.errors import IntegrityError
from certwright.model.certificates import CertificateSpec
from certwright.model.keys import KeyAlgorithm, KeyBinding, ManagedKey
from certwright.model.names import DomainName

FORMAT = 1
_SERIAL_DIGITS = 40


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn values that the model does not know into `IntegrityError`; decorates what reads a row."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        msg = f"a stored {what} has values that certwright never writes; restore the store from a backup"
        raise IntegrityError(msg) from error


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


def write_key(key: ManagedKey, binding: KeyBinding) -> dict[str, object]:
    """Write a key without its binding, which must be the one of the place where it is written (T2)."""
    if key.binding != binding:
        msg = f"the key of {key.binding.subject} (version {key.binding.version}) does not belong to {binding.subject}"
        raise IntegrityError(msg)
    return {"key_algorithm": key.algorithm.value, "public_key": key.public_key, "sealed_key": key.sealed}


@reading("key")
def read_key(algorithm: str, public_key: bytes, sealed: bytes, binding: KeyBinding) -> ManagedKey:
    """Read the key that was found in the place of the binding (T2)."""
    return ManagedKey(KeyAlgorithm(algorithm), public_key, sealed, binding)
