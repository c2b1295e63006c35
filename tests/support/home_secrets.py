"""Every secret that a home holds, opened with its master key."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from certwright.adapters.keys.master_keys import PassphraseMasterKey, RawMasterKey, open_master_key
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.adapters.store.sql_store import open_store
from certwright.core.installations import seal_key_context
from certwright.core.keyring import StoreKeyEncryptionKeys, kek_binding
from certwright.model.arns import CertificateArn
from certwright.model.keys import KeyBinding, KeyPurpose, authority_key_binding, certificate_key_binding
from certwright.model.scope import Scope
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key
from sqlalchemy import Connection, create_engine, text

from tests.support.canaries import Canary

_CERTIFICATE_KEYS = """
    SELECT v.number, v.sealed_key, v.key_version, c.region, c.account, c.id FROM certificate_versions v
    JOIN certificates c ON c.account = v.account AND c.id = v.certificate_id WHERE v.sealed_key IS NOT NULL"""
_EXPORTS = "SELECT subject, detail FROM audit_events WHERE action = 'ExportPrivateKey'"
_AUTHORITY_KEYS = "SELECT sealed_key, account, region, id, generation FROM authorities"
_SECRETS = "SELECT account, generation, sealed FROM account_secrets"
_SEAL_KEYS = "SELECT id, seal_key FROM installation WHERE seal_key IS NOT NULL"
_KEKS = "SELECT account, region, generation, wrapped FROM key_encryption_keys"
MasterKey = RawMasterKey | PassphraseMasterKey


@dataclass(frozen=True)
class HomeSecrets:
    """What nobody may see at all, and private keys that were handed out to their owner, as the audit log says."""

    kept: frozenset[Canary]
    exported: frozenset[Canary]


def secrets_of(url: str, master_key: str, environ: Mapping[str, str]) -> HomeSecrets:
    """Return the secrets of the store at the URL."""
    key = open_master_key(master_key, environ, create=False).key
    store, engine = open_store(url, create=False), create_engine(url)
    try:
        with engine.connect() as rows:
            vault = EnvelopeVault(key, StoreKeyEncryptionKeys(store))
            leaves = list(_leaf_keys(rows, vault))
            exported = frozenset(canary for is_exported, canary in leaves if is_exported)
            kept = {*_master(key), *_keys_of_keys(rows, key), *_sealed(rows, vault), *(item for _, item in leaves)}
            return HomeSecrets(frozenset(kept) - exported, exported)
    finally:
        store.close()
        engine.dispose()


def key_canaries(name: str, pkcs8: bytes) -> Iterator[Canary]:
    """Yield what is private of a key: the scalar of an EC key, exponents, primes and coefficient of an RSA key."""
    key = load_der_private_key(pkcs8, None)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        yield Canary(f"scalar of {name}", _octets(key.private_numbers().private_value))
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        parts = {part: getattr(numbers, part) for part in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
        yield from (Canary(f"{part} of {name}", _octets(number)) for part, number in parts.items())


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _master(key: MasterKey) -> Iterator[Canary]:
    yield Canary("master key", key._key.reveal() if isinstance(key, RawMasterKey) else key._passphrase.reveal())


def _keys_of_keys(rows: Connection, key: MasterKey) -> Iterator[Canary]:
    for account, region, generation, wrapped in rows.execute(text(_KEKS)):
        context = kek_binding(Scope(account, region), generation).authenticated_data()
        yield Canary(f"key-encryption key {account} {region} {generation}", key.unwrap(wrapped, context).reveal())
    for installation, wrapped in rows.execute(text(_SEAL_KEYS)):
        yield Canary("key that seals the rows", key.unwrap(wrapped, seal_key_context(installation)).reveal())


def _sealed(rows: Connection, vault: EnvelopeVault) -> Iterator[Canary]:
    for account, generation, sealed in rows.execute(text(_SECRETS)):
        binding = KeyBinding(KeyPurpose.ACCOUNT_SECRET, Scope(account, ""), "secret", generation)
        yield Canary(f"secret {generation} of account {account}", vault.open(sealed, binding).reveal())
    for sealed, account, region, name, generation in rows.execute(text(_AUTHORITY_KEYS)):
        if not sealed:
            continue
        binding = authority_key_binding(Scope(account, region), name, generation)
        yield from key_canaries(f"authority {name}#{generation}", vault.open(sealed, binding).reveal())


def _leaf_keys(rows: Connection, vault: EnvelopeVault) -> Iterator[tuple[bool, Canary]]:
    exported = {(subject, dict(json.loads(detail))["version"]) for subject, detail in rows.execute(text(_EXPORTS))}
    for number, sealed, version, *place in rows.execute(text(_CERTIFICATE_KEYS)):
        binding = certificate_key_binding(CertificateArn(*place), version)
        for canary in key_canaries(f"{binding.subject}#{version}", vault.open(sealed, binding).reveal()):
            yield (binding.subject, str(number)) in exported, canary
