"""No private key, account secret, master key or TSIG secret anywhere it does not belong."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.keys.vault import EnvelopeVault
from certwright.adapters.store.sql_store import open_store
from certwright.core.keyring import StoreKeyEncryptionKeys
from certwright.model.arns import CertificateArn
from certwright.model.keys import KeyBinding, KeyPurpose, authority_key_binding, certificate_key_binding
from certwright.model.scope import Scope
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from tests.support.knot import KEY_SECRET
from tests.support.programs import certificate, issued, program, records, validation
from tests.support.stack import Stack

_ZONE = "example.com"
_CERTIFICATE_KEYS = """
    SELECT v.sealed_key, v.key_version, c.region, c.account, c.id FROM certificate_versions v
    JOIN certificates c ON c.account = v.account AND c.id = v.certificate_id WHERE v.sealed_key IS NOT NULL"""
_AUTHORITY_KEYS = "SELECT sealed_key, account, region, id, generation FROM authorities"


def secrets_of(home: Path) -> dict[str, bytes]:
    """Return every secret of a home in the clear: master key, account secret, all private keys (DER)."""
    store = open_store(f"sqlite:///{home}/store.db", create=False)
    vault = EnvelopeVault(
        open_master_key(f"file:{home}/master.key", {}, create=False).key, StoreKeyEncryptionKeys(store)
    )
    found = {"master key": base64.b64decode((home / "master.key").read_text().splitlines()[1])}
    with closing(sqlite3.connect(home / "store.db")) as rows:
        for account, generation, sealed in rows.execute("SELECT account, generation, sealed FROM account_secrets"):
            binding = KeyBinding(KeyPurpose.ACCOUNT_SECRET, Scope(account, ""), "secret", generation)
            found[f"account secret {generation}"] = vault.open(sealed, binding).reveal()
        keys = [
            (sealed, certificate_key_binding(CertificateArn(*place), version))
            for sealed, version, *place in rows.execute(_CERTIFICATE_KEYS)
        ]
        keys += [
            (sealed, authority_key_binding(Scope(account, region), name, generation))
            for sealed, account, region, name, generation in rows.execute(_AUTHORITY_KEYS)
        ]
    for sealed, binding in keys:
        found[f"{binding.purpose.value} {binding.subject}#{binding.version}"] = private_part(
            vault.open(sealed, binding).reveal()
        )
    store.close()
    return found


def private_part(pkcs8: bytes) -> bytes:
    """Return what is private of a key: the scalar of an EC key, a prime of an RSA key."""
    numbers = load_der_private_key(pkcs8, None).private_numbers()  # type: ignore[union-attr]
    number = numbers.p if isinstance(numbers, rsa.RSAPrivateNumbers) else numbers.private_value  # type: ignore[union-attr]
    return int(number).to_bytes((number.bit_length() + 7) // 8, "big")


def spellings(part: bytes) -> Iterator[bytes]:
    """Yield the ways a secret could be written down."""
    yield part
    yield part.hex().encode()
    yield base64.b64encode(part).rstrip(b"=")[:-1]
    yield base64.urlsafe_b64encode(part).rstrip(b"=")[:-1]
    yield repr(part).encode()


def leaks(artefacts: dict[str, bytes], secrets: dict[str, bytes]) -> list[str]:
    """Return which secret stands in which artefact."""
    return [
        f"{name} in {place}"
        for place, content in artefacts.items()
        for name, secret in secrets.items()
        if any(spelling in content for spelling in spellings(secret)) or b"PRIVATE KEY" in content
    ]


def files_of(*folders: Path) -> dict[str, bytes]:
    return {
        str(file): file.read_bytes()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and file.name != "master.key"
    }


@pytest.fixture
def talkative() -> dict[str, str]:
    return {"PULUMI_DEBUG_COMMANDS": "1", "PULUMI_OPTIMIZED_CHECKPOINT_PATCH": "false"}


def test_no_secret_is_in_state_previews_logs_events_or_a_dump_of_the_store(
    stack: Stack, talkative: dict[str, str]
) -> None:
    stack.write(issued(["secret.example.com"], _ZONE, 1, keyAlgorithm="RSA_2048"))
    previewed = stack.preview("--diff", "--logtostderr", "-v=5", env=talkative).require_ok()
    applied = stack.up("--logtostderr", "-v=5", env=talkative).require_ok()
    stack.write(issued(["secret.example.com"], _ZONE, 1, keyAlgorithm="EC_secp384r1"))
    changed = stack.up(env=talkative).require_ok()
    with closing(sqlite3.connect(stack.home / "store.db")) as store:
        dumped = "\n".join(store.iterdump())
    artefacts = {
        "preview": previewed.text.encode(),
        "up": applied.text.encode(),
        "second up": changed.text.encode(),
        "state": stack.export().encode(),
        "dump": dumped.encode(),
        **files_of(stack.folder, stack.home),
    }
    secrets = secrets_of(stack.home)
    assert len(secrets) == 1 + 1 + 2 + 2
    assert leaks(artefacts, secrets) == []
    assert leaks({"planted": b"x" + secrets["master key"].hex().encode()}, secrets) == ["master key in planted"]


def test_an_exported_key_and_a_tsig_secret_are_secrets_in_the_state(stack: Stack) -> None:
    target = json.loads(dict(stack.extra)["CERTWRIGHT_RFC2136"])
    given = json.dumps({**target, "port": int(target["port"])})
    text = program(
        certificate(["export.example.com"], options={"export": "ENABLED"}),
        records(1, _ZONE).replace('"zone":', f'"rfc2136": {given}, "zone":'),
        validation(["cert-record-0"]),
    )
    stack.write(text)
    run = stack.up().require_ok()
    key = stack.resources()["cert-issued"]["outputs"]["privateKeyPem"]
    assert "PRIVATE KEY" in json.dumps(key)
    hidden = stack.pulumi("stack", "export").stdout
    for text in (hidden, run.text, json.dumps(run.events)):
        assert "PRIVATE KEY" not in text
        assert KEY_SECRET not in text
    assert "ciphertext" in hidden
    assert stack.preview().require_ok().changed() == {}
    assert "PRIVATE KEY" not in stack.preview("--diff").text
