"""What is said of a serial, and when nothing is called good (T9, S12)."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from certwright.adapters.revocation_log import FILE_NAME, FileRevocationLog, read_log
from certwright.core.certificates import view_certificate
from certwright.core.revocation import revoke_version
from certwright.core.revocation_logs import (
    accept_lost_revocations,
    begin_log,
    recover_lost_log,
    replace_log,
    replay_if_longer,
)
from certwright.core.standing import standing
from certwright.core.status import certificate_status
from certwright.errors import IntegrityError, Refused, RevocationsUnknown, StoreUnavailable
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateStatus
from certwright.model.revocations import Revocation, RevocationReason, Standing, StandingKind
from certwright.model.scope import Caller, Scope

from tests.core.test_revocation import actions, issued, revoke
from tests.core.world import World, make_world
from tests.support.store import query

GOOD = Standing(StandingKind.GOOD)
UNKNOWN = Standing(StandingKind.UNKNOWN)


def ask(world: World, arn: CertificateArn) -> Standing:
    """Ask for the serial of a certificate's current version."""
    current = view_certificate(world.core, world.caller, arn).current
    assert current is not None
    return standing(world.core, world.caller, str(current.authority_id), current.serial or 0)


def copy_store(world: World, folder: Path) -> World:
    """Copy store and master key, and nothing else, to another folder, and open them there."""
    world.core.store.close()
    folder.mkdir(exist_ok=True)
    for name in ("store.db", "master.key"):
        shutil.copy(world.folder / name, folder / name)
    there = make_world(folder)
    there.zone.records |= world.zone.records
    there.clock.set(world.clock.now())
    return there


def test_an_issued_certificate_is_good_and_a_revoked_one_says_why_and_since_when(world: World) -> None:
    arn = issued(world)
    assert ask(world, arn) == GOOD
    (revocation,) = revoke(world, arn, RevocationReason.KEY_COMPROMISE)
    assert ask(world, arn) == Standing(StandingKind.REVOKED, revocation)


def test_what_was_never_issued_is_unknown(world: World) -> None:
    arn = issued(world)
    current = view_certificate(world.core, world.caller, arn).current
    assert current is not None
    issuer, serial = str(current.authority_id), current.serial or 0
    assert standing(world.core, world.caller, issuer, serial + 1) == UNKNOWN
    assert standing(world.core, world.caller, "another issuer", serial) == UNKNOWN
    other = Caller("mallory", Scope("999999999999", "local"))
    assert standing(world.core, other, issuer, serial) == UNKNOWN


def test_a_revoked_serial_of_another_account_is_unknown(world: World) -> None:
    arn = issued(world)
    (revocation,) = revoke(world, arn)
    other = Caller("mallory", Scope("999999999999", "local"))
    assert standing(world.core, other, *revocation.key) == UNKNOWN


def test_a_serial_that_may_exist_is_not_called_good(world: World) -> None:
    arn = issued(world)
    current = view_certificate(world.core, world.caller, arn).current
    assert current is not None
    issuer, serial = str(current.authority_id), current.serial or 0
    world.core.store.write(lambda tx: tx.serials.mark(issuer, serial, "MAY_EXIST"))
    assert ask(world, arn) == UNKNOWN


def test_a_store_that_went_back_in_time_gets_its_revocations_from_the_log(world: World) -> None:
    arn = issued(world)
    world.core.store.close()
    shutil.copy(world.folder / "store.db", world.folder / "yesterday")
    revoke(world, arn, RevocationReason.KEY_COMPROMISE)
    world.core.store.close()
    (world.folder / "yesterday").replace(world.folder / "store.db")
    for name in ("store.db-wal", "store.db-shm"):
        (world.folder / name).unlink(missing_ok=True)
    assert ask(world, arn).kind is StandingKind.REVOKED
    assert actions(world)[-1] == "ReplayRevocation"
    view = view_certificate(world.core, world.caller, arn)
    assert certificate_status(view, world.clock.now()) is CertificateStatus.REVOKED


def test_opening_a_store_that_went_back_in_time_is_enough(world: World) -> None:
    arn = issued(world)
    revoke(world, arn)
    world.core.store.write(forget_revocations)
    assert replay_if_longer(world.core, world.caller) == 1
    assert replay_if_longer(world.core, world.caller) == 0


def forget_revocations(tx: object) -> None:
    """Drop every revocation, as a store does that is replaced by an older one."""
    tx._connection.exec_driver_sql("DELETE FROM revocations")  # type: ignore[attr-defined]


def test_a_store_without_its_log_calls_nothing_good_that_was_issued_before(world: World, tmp_path: Path) -> None:
    arn, revoked = issued(world), issued(world, urn="urn:revoked")
    revoke(world, revoked)
    there = copy_store(world, tmp_path / "there")
    with pytest.raises(
        RevocationsUnknown, match=f"logged in .*{FILE_NAME} .*{world.folder}.*--accept-lost-revocations"
    ):
        ask(there, arn)
    assert ask(there, revoked).kind is StandingKind.REVOKED
    there.core.store.close()


def test_nothing_can_be_revoked_beside_a_log_that_is_elsewhere_unless_another_one_is_begun(
    world: World, tmp_path: Path
) -> None:
    arn = issued(world)
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    with pytest.raises(Refused, match="certwright revoke --new-log"):
        revoke(there, arn)
    replace_log(there.core, there.caller)
    revoke(there, arn)
    assert ask(there, arn).kind is StandingKind.REVOKED
    there.core.store.close()


def test_after_a_new_log_only_what_is_issued_later_is_good_until_the_loss_is_accepted(
    world: World, tmp_path: Path
) -> None:
    before = issued(world)
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    there.clock.wait(timedelta(hours=1))
    replace_log(there.core, there.caller)
    there.clock.wait(timedelta(hours=1))
    after = issued(there, urn="urn:after")
    assert ask(there, after) == GOOD
    with pytest.raises(RevocationsUnknown, match="was restored, or its log of revocations lost, on 2026-03-01 13:00"):
        ask(there, before)
    assert accept_lost_revocations(there.core, there.caller) == 1
    assert ask(there, before) == GOOD
    assert "AcceptLostRevocations" in actions(there)
    assert accept_lost_revocations(there.core, there.caller) == 0
    there.core.store.close()


def test_accepting_a_loss_before_any_new_log_begins_one(world: World, tmp_path: Path) -> None:
    arn = issued(world)
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    assert accept_lost_revocations(there.core, there.caller) == 1
    assert ask(there, arn) == GOOD
    revoke(there, arn)
    assert ask(there, arn).kind is StandingKind.REVOKED
    there.core.store.close()


def test_a_log_that_comes_back_is_believed_again(world: World, tmp_path: Path) -> None:
    arn = issued(world)
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    revoke_version(world.core, world.caller, arn, RevocationReason.KEY_COMPROMISE)
    with pytest.raises(RevocationsUnknown):
        ask(there, arn)
    shutil.copy(world.folder / FILE_NAME, there.folder / FILE_NAME)
    assert ask(there, arn).kind is StandingKind.REVOKED
    there.core.store.close()


def test_a_log_that_was_cut_calls_nothing_good(world: World) -> None:
    arn, revoked = issued(world), issued(world, urn="urn:revoked")
    revoke(world, revoked)
    log = world.folder / FILE_NAME
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(RevocationsUnknown, match="lacks some that the store has"):
        ask(world, arn)


@pytest.mark.parametrize("line", [0, 1])
def test_a_log_with_a_changed_character_is_an_error_and_nothing_is_good_or_revoked(world: World, line: int) -> None:
    arn, revoked = issued(world), issued(world, urn="urn:revoked")
    revoke(world, revoked)
    log = world.folder / FILE_NAME
    lines = log.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"-", b"_", 1)
    log.write_bytes(b"".join(lines))
    for act in (ask, revoke):
        with pytest.raises(IntegrityError, match=f"damaged at line {line + 1}"):
            act(world, arn)
    assert ask(world, revoked).kind is StandingKind.REVOKED


def test_half_a_line_that_a_crash_left_is_no_revocation_and_goes_with_the_next_one(world: World) -> None:
    arn, other = issued(world), issued(world, urn="urn:other")
    revoke(world, other)
    log = world.folder / FILE_NAME
    with log.open("ab") as file:
        file.write(b'{"issuer": "half')
    assert ask(world, arn) == GOOD
    revoke(world, arn)
    assert ask(world, arn).kind is StandingKind.REVOKED
    assert len(log.read_bytes().splitlines()) == 3


def test_a_log_of_another_installation_is_moved_aside_and_never_replayed(world: World, tmp_path: Path) -> None:
    arn = issued(world)
    revoke(world, arn)
    (tmp_path / "other").mkdir()
    other = make_world(tmp_path / "other", seed="other")
    mine = issued(other)
    shutil.copy(world.folder / FILE_NAME, other.folder / FILE_NAME)
    assert ask(other, mine) == GOOD
    revoke(other, mine)
    assert ask(other, mine).kind is StandingKind.REVOKED
    assert (other.folder / f"{FILE_NAME}.1.old").read_bytes() == (world.folder / FILE_NAME).read_bytes()
    assert query(other.folder, "SELECT count(*) FROM revocations") == [(1,)]
    other.core.store.close()


class FullLog(FileRevocationLog):
    """The log of a home, on a disk that is full."""

    def append(self, log_id: str, revocations: Sequence[Revocation]) -> None:
        del log_id, revocations
        msg = "No space left on device"
        raise StoreUnavailable(msg)


def test_a_revocation_that_cannot_be_logged_is_not_stored(world: World) -> None:
    arn = issued(world)
    begin_log(world.core, world.caller)
    core = replace(world.core, revocation_log=FullLog(world.folder))
    with pytest.raises(StoreUnavailable):
        revoke_version(core, world.caller, arn, RevocationReason.UNSPECIFIED)
    assert query(world.folder, "SELECT count(*) FROM revocations") == [(0,)]
    assert ask(world, arn) == GOOD


def test_the_log_is_private(world: World) -> None:
    begin_log(world.core, world.caller)
    assert (world.folder / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_lost_log_that_is_found_closes_the_gap_it_left_and_brings_its_revocations(
    world: World, tmp_path: Path
) -> None:
    arn, revoked = issued(world), issued(world, urn="urn:revoked")
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    revoke_version(world.core, world.caller, revoked, RevocationReason.KEY_COMPROMISE)
    replace_log(there.core, there.caller)
    with pytest.raises(RevocationsUnknown, match="certwright restore --lost-log FILE"):
        ask(there, revoked)
    assert recover_lost_log(there.core, there.caller, read_log(world.folder / FILE_NAME)) == 1
    assert (ask(there, arn), ask(there, revoked).kind) == (GOOD, StandingKind.REVOKED)
    assert actions(there)[-2:] == ["ReplayRevocation", "RecoverLostRevocations"]
    there.core.store.close()


def test_a_lost_log_that_is_found_after_its_loss_was_accepted_still_brings_its_revocations(
    world: World, tmp_path: Path
) -> None:
    arn = issued(world)
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    revoke(world, arn)
    accept_lost_revocations(there.core, there.caller)
    assert ask(there, arn) == GOOD
    assert recover_lost_log(there.core, there.caller, read_log(world.folder / FILE_NAME)) == 1
    assert ask(there, arn).kind is StandingKind.REVOKED
    there.core.store.close()


def test_what_a_clock_that_was_ahead_issued_counts_as_issued_before_the_loss(world: World, tmp_path: Path) -> None:
    right = world.clock.now()
    world.clock.wait(timedelta(days=20))
    arn = issued(world)
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    there.clock.set(right)
    replace_log(there.core, there.caller)
    with pytest.raises(RevocationsUnknown, match="was restored"):
        ask(there, arn)
    there.core.store.close()


def test_a_log_that_no_gap_comes_from_is_refused(world: World, tmp_path: Path) -> None:
    begin_log(world.core, world.caller)
    there = copy_store(world, tmp_path / "there")
    replace_log(there.core, there.caller)
    replace_log(there.core, there.caller)
    for log in (there.folder / f"{FILE_NAME}", there.folder / f"{FILE_NAME}.2.old"):
        if log.exists():
            with pytest.raises(Refused, match="is not the one that is missing here"):
                recover_lost_log(there.core, there.caller, read_log(log))
    there.core.store.close()
