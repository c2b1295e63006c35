"""Rotation of key-encryption keys: at every moment everything opens, and whatever stops it, it goes on (T28)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest
from certwright.adapters.keys.master_keys import RawMasterKey
from certwright.core import rotation
from certwright.core.audit import GENESIS, verify_chain
from certwright.core.certificates import renew_certificate
from certwright.core.context import Core
from certwright.core.envelope import generation_of
from certwright.core.issuance import drive
from certwright.core.keyring import ensure_scope_keys, secret_binding
from certwright.core.master_rotation import rotate_master_key
from certwright.core.rotation import BEGUN, DONE, Rotation, generations_in_use, rotate_keys
from certwright.errors import Cancelled, IntegrityError, KeyUnavailable, LeaseTaken, StoreUnavailable
from certwright.model.certificates import KeyRotation
from certwright.model.installation import AccountSecret
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.keys import KeyVault
from certwright.ports.store import Leftovers

from tests.core.sealed_home import (
    SEALED,
    actions,
    copy_of,
    files_of,
    generations,
    make_sealed_home,
    opened,
    require_everything_opens,
)
from tests.core.world import World
from tests.fakes import FakeCancellation, FakeClock
from tests.support.cores import CALLER
from tests.support.store import change, query

CERTIFICATES = 21
ROOT, HERE = Scope(CALLER.account, ""), CALLER.scope
ELSEWHERE = Scope(CALLER.account, "eu-1")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sealed_home(tmp_path_factory.mktemp("sealed"), CERTIFICATES)


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return copy_of(template, tmp_path / "home")


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_BATCH", 1)


class Stopped(Exception):
    """The end of a process, as far as Python can play it."""


def rotate(core: Core, watch: Callable[[int], None] = lambda _: None, leftovers: Leftovers | None = None) -> Rotation:
    cancellation = FakeCancellation(cast("FakeClock", core.clock))
    return rotate_keys(core, CALLER, leftovers or files_of(core), cancellation, watch)


def test_everything_is_sealed_under_the_next_generation_and_opens(home: Path) -> None:
    total = generations(home)[1]
    with opened(home) as core:
        done = rotate(core)
    assert done == Rotation({ROOT: 2, HERE: 2}, total, went_on=False)
    assert total == CERTIFICATES + 3
    assert generations(home) == {2: total}
    require_everything_opens(home)


def test_each_rotation_makes_another_generation_and_none_is_removed(home: Path) -> None:
    with opened(home) as core:
        numbers = [rotate(core).generations[HERE] for _ in range(3)]
    kept = query(home, "SELECT generation FROM key_encryption_keys WHERE region = 'local' ORDER BY generation")
    assert (numbers, kept) == ([2, 3, 4], [(1,), (2,), (3,), (4,)])
    require_everything_opens(home)


def test_every_region_of_the_account_is_rotated_and_no_other_account(home: Path) -> None:
    with opened(home) as core:
        ensure_scope_keys(core, Caller("tester", ELSEWHERE))
        ensure_scope_keys(core, Caller("tester", Scope("000000000001", "local")))
        assert rotate(core).generations == {ROOT: 2, ELSEWHERE: 2, HERE: 2}
    others = query(home, "SELECT max(generation) FROM key_encryption_keys WHERE account = '000000000001'")
    assert others == [(1,)]


@pytest.mark.usefixtures("one_by_one")
def test_stopped_after_any_prefix_everything_opens_and_the_rest_follows(home: Path) -> None:
    total, prefixes = generations(home)[1], 0

    def stop(_: int) -> None:
        raise Stopped

    while generations(home)[1]:
        prefixes += 1
        with opened(home) as core, pytest.raises(Stopped):
            rotate(core, stop)
        assert set(generations(home)) <= {1, 2}
        require_everything_opens(home)
    with opened(home) as core:
        assert rotate(core) == Rotation({ROOT: 2, HERE: 2}, 0, went_on=True)
    assert prefixes >= CERTIFICATES
    assert generations(home) == {2: total}


def test_a_rotation_is_gone_on_with_until_it_has_ended_and_then_another_begins(home: Path) -> None:
    def stop(_: int) -> None:
        raise Stopped

    with opened(home) as core:
        with pytest.raises(Stopped):
            rotate(core, stop)
        went_on = [rotate(core).went_on for _ in range(3)]
    assert went_on == [True, False, False]
    assert [action for action in actions(home) if action in {BEGUN, DONE}] == [BEGUN, DONE] * 3


def test_begin_and_end_are_audited_with_generations_and_count(home: Path) -> None:
    total = generations(home)[1]
    with opened(home) as core:
        rotate(core)
        events = core.store.read(lambda tx: tx.audit.events(CALLER.account, 0, 10_000))
        verify_chain(events, GENESIS)
    begun, done = (next(event for event in events if event.action == action) for action in (BEGUN, DONE))
    assert dict(begun.detail) == {"account": "2", "region local": "2"}
    assert dict(done.detail) == {"account": "2", "region local": "2", "moved": str(total)}


@pytest.mark.usefixtures("one_by_one")
def test_what_others_write_meanwhile_is_never_overwritten(home: Path) -> None:
    """A plugin changes each row between its reading and its re-wrapping."""
    with opened(home) as core, opened(home, "plugin") as plugin:
        vault = Meddling(core.vault, plugin)
        rotate(replace(core, vault=vault))
    reasons = query(home, "SELECT DISTINCT reason FROM certificate_versions WHERE sealed_key NOTNULL")
    assert reasons == [("changed meanwhile",)]
    assert set(generations(home)) == {2}
    require_everything_opens(home)


class Meddling:
    """A vault during whose first re-wrapping of each secret a plugin gives the same version another key."""

    def __init__(self, vault: KeyVault, plugin: Core) -> None:
        self._vault, self._plugin = vault, plugin
        self._met: set[str] = set()

    def seal(self, secret: SecretBytes, binding: KeyBinding) -> bytes:
        return self._vault.seal(secret, binding)

    def open(self, blob: bytes, binding: KeyBinding) -> SecretBytes:
        return self._vault.open(blob, binding)

    def rewrap(self, blob: bytes, binding: KeyBinding, generation: int) -> bytes:
        if binding.purpose is KeyPurpose.CERTIFICATE_KEY and binding.subject not in self._met:
            self._met.add(binding.subject)
            self._change(binding)
        return self._vault.rewrap(blob, binding, generation)

    def _change(self, binding: KeyBinding) -> None:
        found = self._plugin.store.read(lambda tx: tx.keys.not_sealed_under(binding.scope, 0, None, 1000))
        version = next(version for version in found if str(version.arn) == binding.subject)
        assert version.key is not None
        key = self._plugin.signer.generate(version.key.algorithm, binding)
        changed = replace(version, reason="changed meanwhile", key=key)
        self._plugin.store.write(lambda tx: tx.certificates.update_version(changed))


def test_what_a_running_process_seals_afterwards_under_the_old_generation_opens_and_moves_next_time(
    home: Path,
) -> None:
    with opened(home) as core, opened(home, "plugin") as plugin:
        binding = secret_binding(CALLER.account, 2)
        plugin.vault.seal(SecretBytes(b"x"), binding)
        rotate(core)
        late = plugin.vault.seal(SecretBytes(b"late"), binding)
        row = AccountSecret(CALLER.account, 2, late, core.clock.now())
        plugin.store.write(lambda tx: tx.keys.add_secret(row))
        assert generations(home)[1] == 1
        require_everything_opens(home)
        rotate(core)
    assert set(generations(home)) == {3}


def test_a_key_that_is_used_again_moves_in_each_version_that_has_it(world: World) -> None:
    world.publish("a.example.com")
    view = world.request("a.example.com", key_rotation=KeyRotation.NEVER)
    drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    change(world.folder, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 1")
    world.core.store.write(lambda tx: tx.integrity.seal_everything())
    renew_certificate(world.core, world.caller, view.certificate.arn)
    drive(world.core, world.caller, view.certificate.arn, 2, world.cancellation)
    rotate(world.core)
    found = world.core.store.read(lambda tx: tx.keys.not_sealed_under(HERE, 0, None, 10))
    assert len({version.key.public_key for version in found if version.key}) == 1
    assert [generation_of(version.key.sealed) for version in found if version.key] == [2, 2]
    for version in found:
        assert version.key is not None
        world.core.signer.require_pair(version.key)


FIRST = "(SELECT min(certificate_id) FROM certificate_versions WHERE sealed_key NOTNULL)"
DAMAGES = {
    "cut": "substr(sealed_key, 1, 60)",
    "of a format that is unknown": "CAST(x'02' || substr(sealed_key, 2) AS BLOB)",
    "of a generation that is not there": "CAST(x'01000000ff' || substr(sealed_key, 6) AS BLOB)",
    "too short": "x'0100'",
}
VICTIMS = {
    "authorities": "role = 'ISSUING'",
    "certificate_versions": f"certificate_id = {FIRST}",
}


@pytest.mark.parametrize("table", VICTIMS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_one_damaged_secret_is_told_and_keeps_no_other_from_moving(home: Path, table: str, damage: str) -> None:
    total = generations(home)[1]
    change(home, f"UPDATE {table} SET sealed_key = {DAMAGES[damage]} WHERE {VICTIMS[table]}")
    with opened(home) as core, pytest.raises(IntegrityError, match="1 secrets do not open and stay as they are"):
        rotate(core)
    moved = query(home, f"SELECT count(*) FROM ({SEALED}) WHERE substr(sealed_key, 1, 5) = x'0100000002'")
    assert moved == [(total - 1,)]
    assert DONE not in actions(home)


def test_a_wish_to_stop_ends_it_between_two_batches(home: Path) -> None:
    cancellation = FakeCancellation()
    with opened(home) as core, pytest.raises(Cancelled, match="Run `certwright keys rotate` again"):
        rotate_keys(core, CALLER, files_of(core), cancellation, lambda _: cancellation.cancel())
    assert set(generations(home)) == {1, 2}
    require_everything_opens(home)


def test_two_at_once_do_not_mix(home: Path) -> None:
    def compete(_: int) -> None:
        with opened(home, "other") as other, pytest.raises(LeaseTaken):
            rotate(replace(other, process_id="host/2"))
        raise Stopped

    with opened(home) as core, pytest.raises(Stopped):
        rotate(core, compete)
    assert actions(home).count(BEGUN) == 1


def test_progress_counts_up_to_all(home: Path) -> None:
    told: list[int] = []
    with opened(home) as core:
        done = rotate(core, told.append)
    assert told == sorted(told)
    assert told[-1] == done.moved == CERTIFICATES + 3


def test_the_generations_in_use_are_counted(home: Path) -> None:
    with opened(home) as core:
        before = generations_in_use(core, CALLER)
        rotate(core)
        after = generations_in_use(core, CALLER)
    assert before == {ROOT: {1: 2}, HERE: {1: CERTIFICATES + 1}}
    assert after == {ROOT: {1: 0, 2: 2}, HERE: {1: 0, 2: CERTIFICATES + 1}}


def test_an_account_without_keys_has_nothing_to_rotate(home: Path) -> None:
    stranger = Caller("tester", Scope("999999999999", "local"))
    with opened(home) as core, pytest.raises(KeyUnavailable, match="certwright init"):
        rotate_keys(core, stranger, files_of(core), FakeCancellation())


def test_old_blobs_are_not_left_in_the_files(home: Path) -> None:
    old = [cast("bytes", blob) for (blob,) in query(home, SEALED)]
    with opened(home) as core:
        rotate(core)
        content = b"".join(file.read_bytes() for file in home.iterdir())
    assert sum(blob in content for blob in old) == 0


@dataclass
class Stubborn:
    """Files that cannot be wiped (ports.store.Leftovers)."""

    def wipe_leftovers(self) -> None:
        msg = "Another process reads the store."
        raise StoreUnavailable(msg)


def test_files_that_cannot_be_wiped_are_told_after_everything_moved(home: Path) -> None:
    with (
        opened(home) as core,
        pytest.raises(StoreUnavailable, match=r"keys are rotated, but .* `certwright keys wipe`"),
    ):
        rotate(core, leftovers=Stubborn())
    assert set(generations(home)) == {2}
    assert actions(home)[-1] == DONE


def test_a_process_with_an_older_master_key_begins_no_rotation(home: Path) -> None:
    with opened(home) as core:
        rotate_master_key(core, CALLER, RawMasterKey(SecretBytes(b"n" * 32), "new"), files_of(core))
        with pytest.raises(KeyUnavailable, match="does not belong to installation"):
            rotate(core)
        assert BEGUN not in actions(home)
