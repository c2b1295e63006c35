"""Rotation of an account's secret: records that were handed out stay, new names get labels of the new secret."""

from pathlib import Path

import pytest
from certwright.core.context import Core
from certwright.core.issuance import drive
from certwright.core.keyring import account_secret, rotate_account_secret
from certwright.core.names import parse_names
from certwright.core.records import union_of_records
from certwright.errors import KeyUnavailable
from certwright.model.certificates import VersionState
from certwright.model.records import ResourceRecord
from certwright.model.scope import Caller, Scope

from tests.core.sealed_home import actions, opened, require_everything_opens
from tests.core.world import World
from tests.support.cores import CALLER


def records(core: Core, *names: str) -> tuple[ResourceRecord, ...]:
    return union_of_records(core, CALLER, parse_names(names, names).names)


def test_the_next_generation_is_another_secret(world: World) -> None:
    before = account_secret(world.core, CALLER.account).reveal()
    assert rotate_account_secret(world.core, CALLER) == 2
    assert account_secret(world.core, CALLER.account).reveal() != before
    require_everything_opens(world.folder)


def test_names_that_were_handed_out_keep_their_records(world: World) -> None:
    world.request("a.example.com", "*.b.example.com")
    before = records(world.core, "a.example.com", "b.example.com")
    rotate_account_secret(world.core, CALLER)
    assert records(world.core, "a.example.com", "b.example.com") == before


def test_new_names_get_other_records_and_keep_those(world: World) -> None:
    before = records(world.core, "new.example.com")
    rotate_account_secret(world.core, CALLER)
    after = records(world.core, "new.example.com")
    view = world.request("new.example.com")
    rotate_account_secret(world.core, CALLER)
    assert before[0].name != after[0].name
    assert before[0].value != after[0].value
    assert records(world.core, "new.example.com") == after
    assert view.certificate.newest_version == 1


def test_what_waited_for_its_old_records_is_issued_by_them_and_what_is_new_by_the_new_ones(world: World) -> None:
    world.publish("old.example.com")
    views = [world.request("old.example.com", urn="urn:old")]
    rotate_account_secret(world.core, CALLER)
    world.publish("new.example.com")
    views.append(world.request("new.example.com", urn="urn:new"))
    states = [drive(world.core, CALLER, view.certificate.arn, 1, world.cancellation).state for view in views]
    assert states == [VersionState.ISSUED] * 2


def test_all_regions_and_processes_see_the_new_secret(world: World) -> None:
    rotate_account_secret(world.core, CALLER)
    with opened(world.folder, "another") as other:
        assert records(other, "new.example.com") == records(world.core, "new.example.com")


def test_it_is_audited(world: World) -> None:
    rotate_account_secret(world.core, CALLER)
    last = world.core.store.read(lambda tx: tx.audit.last(CALLER.account))
    assert last is not None
    assert (last.action, last.subject, last.detail) == ("RotateAccountSecret", CALLER.account, (("generation", "2"),))
    assert actions(world.folder)[-1] == last.action


def test_an_account_without_a_secret_has_nothing_to_rotate(world: World, tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="has no secret"):
        rotate_account_secret(world.core, Caller("tester", Scope("999999999999", "local")))
    assert "RotateAccountSecret" not in actions(tmp_path)
