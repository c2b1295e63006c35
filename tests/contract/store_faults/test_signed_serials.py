"""What was, or may have been, signed under a serial stays with it: it must be revocable, also by its key."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.model.keys import KeyAlgorithm, KeyBinding, ManagedKey
from certwright.model.linted import Linted
from certwright.model.secret import SecretBytes
from certwright.ports.keys import Signer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.core.world import World, make_world
from tests.support.store import query

NAME = "www.example.com"
EVERY_SERIAL = "SELECT subject, outcome, tbs, public_key FROM serials ORDER BY rowid"


class Killed(BaseException):
    """Stand for the end of the process right after a signature."""


@dataclass
class DyingSigner:
    """Sign, then die at the signature of that number (ports.keys.Signer)."""

    inner: Signer
    dies_at: int
    signed: list[bytes] = field(default_factory=list)

    def generate(self, algorithm: KeyAlgorithm, binding: KeyBinding) -> ManagedKey:
        return self.inner.generate(algorithm, binding)

    def sign(self, key: ManagedKey, linted: Linted) -> bytes:
        self.signed.append(linted.tbs)
        signature = self.inner.sign(key, linted)
        if len(self.signed) == self.dies_at:
            raise Killed
        return signature

    def require_pair(self, key: ManagedKey) -> None:
        self.inner.require_pair(key)

    def export(self, key: ManagedKey) -> SecretBytes:
        return self.inner.export(key)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = make_world(tmp_path)
    yield world
    world.core.store.close()


def issue(world: World, core: Core | None = None) -> None:
    view = world.request(NAME)
    world.publish(NAME)
    drive(core or world.core, world.caller, view.certificate.arn, 1, world.cancellation)


def spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_every_signed_certificate_has_its_bytes_and_its_key_with_its_serial(world: World) -> None:
    issue(world)
    tables = ("authorities", "certificate_versions")
    rows = [row for table in tables for row in query(world.folder, f"SELECT certificate FROM {table}")]
    certificates = [x509.load_der_x509_certificate(cast("bytes", row[0])) for row in rows]
    kept = query(world.folder, EVERY_SERIAL)
    assert sorted((row[2], row[3]) for row in kept) == sorted(
        (item.tbs_certificate_bytes, spki(item)) for item in certificates
    )
    assert [row[1] for row in kept] == ["ISSUED"] * 3


@pytest.mark.parametrize("number", [1, 2, 3], ids=["the root", "the issuing CA", "the leaf"])
def test_what_may_have_been_signed_before_a_crash_stays_with_its_serial(world: World, number: int) -> None:
    signer = DyingSigner(world.core.signer, number)
    with pytest.raises(Killed):
        issue(world, replace(world.core, signer=signer))
    world.clock.wait(timedelta(hours=1))
    issue(world)
    lost = [row for row in query(world.folder, EVERY_SERIAL) if row[1] == "MAY_EXIST"]
    assert [row[2] for row in lost] == [signer.signed[-1]]
    assert cast("bytes", lost[0][3]) in cast("bytes", lost[0][2])
