"""The contracts of ports.keys.KeyCarrier and KeyFile: a private key that leaves the store and comes back."""

import base64
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.adapters.key_files import PrivateKeyFile
from certwright.adapters.keys.signer import VaultSigner
from certwright.errors import KeyUnavailable, Refused, SigningRefused, StoreUnavailable
from certwright.model.keys import KeyAlgorithm, ManagedKey, authority_key_binding, certificate_key_binding
from certwright.model.secret import SecretBytes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.contract.rows import HERE, make_arn
from tests.contract.vaults import make_vault

VAULT = make_vault()
CARRIER = VaultSigner(VAULT)
PASSPHRASE = SecretBytes(b"correct horse battery")
PLACE = authority_key_binding(HERE, "r1", 1)


def key_of(subject: str = "r1", algorithm: KeyAlgorithm = KeyAlgorithm.EC_SECP384R1) -> ManagedKey:
    return CARRIER.generate(algorithm, replace(PLACE, subject=subject))


@pytest.fixture(scope="module")
def root() -> ManagedKey:
    return key_of()


@pytest.fixture(scope="module")
def pem(root: ManagedKey) -> bytes:
    return CARRIER.carry_out(root, PASSPHRASE)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.EC_PRIME256V1, KeyAlgorithm.EC_SECP521R1, KeyAlgorithm.RSA_2048])
def test_a_key_that_was_carried_out_comes_back(algorithm: KeyAlgorithm) -> None:
    key = key_of(algorithm=algorithm)
    back = CARRIER.carry_in(CARRIER.carry_out(key, PASSPHRASE), PASSPHRASE, [replace(key, sealed=b"")])
    CARRIER.require_pair(back)
    assert replace(back, sealed=key.sealed) == key


def test_the_key_is_found_among_others(root: ManagedKey, pem: bytes) -> None:
    away = [replace(key, sealed=b"") for key in (key_of("r2"), root, key_of("r3"))]
    assert CARRIER.carry_in(pem, PASSPHRASE, away).binding == root.binding


def test_a_key_that_belongs_to_none_of_them_is_refused(pem: bytes) -> None:
    with pytest.raises(Refused, match="belongs to none"):
        CARRIER.carry_in(pem, PASSPHRASE, [key_of("r2")])


@pytest.mark.parametrize("passphrase", [b"Correct horse battery", b"correct horse battery ", b""], ids=repr)
def test_another_passphrase_does_not_open_it(root: ManagedKey, pem: bytes, passphrase: bytes) -> None:
    with pytest.raises(KeyUnavailable, match="does not open"):
        CARRIER.carry_in(pem, SecretBytes(passphrase), [root])


@pytest.mark.parametrize("share", [step / 16 for step in range(1, 16)])
def test_a_damaged_file_never_gives_another_key(root: ManagedKey, pem: bytes, share: float) -> None:
    at = int(len(pem) * share)
    damaged = pem[:at] + bytes([pem[at] ^ 1]) + pem[at + 1 :]
    with suppress(KeyUnavailable, Refused):
        CARRIER.require_pair(CARRIER.carry_in(damaged, PASSPHRASE, [root]))


@pytest.mark.parametrize("content", [b"", b"-----BEGIN", b"\xff" * 100], ids=["nothing", "a begin", "bytes"])
def test_what_is_no_key_does_not_open(root: ManagedKey, content: bytes) -> None:
    with pytest.raises(KeyUnavailable):
        CARRIER.carry_in(content, PASSPHRASE, [root])


def test_a_key_without_encryption_does_not_open(root: ManagedKey, pem: bytes) -> None:
    bare = load_pem_private_key(pem, PASSPHRASE.reveal()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(KeyUnavailable):
        CARRIER.carry_in(bare, PASSPHRASE, [root])


def test_a_key_of_a_foreign_kind_is_refused(root: ManagedKey) -> None:
    foreign = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.reveal())
    )
    with pytest.raises(Refused, match="never writes"):
        CARRIER.carry_in(foreign, PASSPHRASE, [root])


def test_openssl_opens_what_was_carried_out(pem: bytes, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "pass").write_bytes(PASSPHRASE.reveal())
    command = [openssl, "pkey", "-passin", f"file:{tmp_path}/pass", "-noout", "-text_pub"]
    done = subprocess.run(command, input=pem, capture_output=True, check=False)
    assert (done.returncode, b"384 bit" in done.stdout) == (0, True), done.stderr


def test_scrypt_derives_the_key_and_no_two_files_are_alike(root: ManagedKey, pem: bytes) -> None:
    scrypt = bytes.fromhex("06092b06010401da47040b")
    body = b"".join(pem.splitlines()[1:-1])
    assert scrypt in base64.b64decode(body)
    assert CARRIER.carry_out(root, PASSPHRASE) != pem


def test_a_certificates_key_is_not_carried_out() -> None:
    key = CARRIER.generate(KeyAlgorithm.EC_PRIME256V1, certificate_key_binding(make_arn(), 1))
    with pytest.raises(SigningRefused):
        CARRIER.carry_out(key, PASSPHRASE)


def test_a_key_that_is_away_signs_and_proves_nothing(root: ManagedKey) -> None:
    away = replace(root, sealed=b"")
    for act in (lambda: CARRIER.require_pair(away), lambda: CARRIER.carry_out(away, PASSPHRASE)):
        with pytest.raises(SigningRefused, match="not in the store"):
            act()


def test_a_file_of_keys_is_its_owners_alone_and_reads_as_written(tmp_path: Path) -> None:
    file = PrivateKeyFile(tmp_path / "root.pem")
    file.create(b"content")
    assert (file.read(), (tmp_path / "root.pem").stat().st_mode & 0o777) == (b"content", 0o600)
    assert [item.name for item in tmp_path.iterdir()] == ["root.pem"]


@pytest.mark.parametrize("kind", ["file", "link to nowhere", "folder"])
def test_what_is_in_the_way_is_never_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "root.pem"
    if kind == "file":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    with pytest.raises(Refused, match="exists already"):
        PrivateKeyFile(path).create(b"content")


def test_a_file_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    file = PrivateKeyFile(tmp_path / "absent" / "root.pem")
    with pytest.raises(StoreUnavailable, match="Cannot write"):
        file.create(b"content")
    with pytest.raises(KeyUnavailable, match="Cannot read"):
        file.read()


def test_a_file_without_end_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, 1_000_001)
    with pytest.raises(KeyUnavailable, match="too large"):
        PrivateKeyFile(path).read()
