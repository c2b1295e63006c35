"""Validation records in a zone: adopted, kept and removed with their last hold."""

from dataclasses import replace

import pytest
from certwright.core.zone_records import ZonePlace, claim_hold, publish, republish, withdraw
from certwright.errors import Refused
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target
from certwright.ports.zone_writer import ZoneWriter

from tests.core.world import World
from tests.fakes import FakePrimary

_SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
_RECORD = ResourceRecord("_abc.www.example.com.", RecordType.CNAME, "_def.validations.test.")


@pytest.fixture
def primary() -> FakePrimary:
    return FakePrimary("example.com", "updater", _SECRET)


def place(primary: FakePrimary, urn: str = "urn:1") -> ZonePlace:
    target = Rfc2136Target("192.0.2.53", 53, "example.com.", "updater", "hmac-sha256", SecretBytes(_SECRET.encode()))
    return ZonePlace(urn, "example.com.", primary(target))


def held(world: World, primary: FakePrimary, urn: str = "urn:1") -> str:
    """Publish the record for a resource, a moment after whatever was before, and return its hold."""
    world.clock.wait(1)
    return publish(world.core, world.caller, place(primary, urn), _RECORD, 60).hold_id


def gone(world: World, primary: FakePrimary, hold_id: str, urn: str = "urn:1") -> bool:
    """Withdraw a hold and say whether the record left the zone."""
    return withdraw(world.core, world.caller, place(primary, urn), hold_id, _RECORD, 60).removed


def test_two_resources_hold_one_record_and_it_goes_with_the_second(world: World, primary: FakePrimary) -> None:
    first, second = held(world, primary), held(world, primary, "urn:2")
    assert not gone(world, primary, first)
    assert _RECORD in primary.records
    assert gone(world, primary, second, "urn:2")
    assert primary.records == {}


def test_a_replacement_keeps_the_record_when_what_it_replaces_is_deleted(world: World, primary: FakePrimary) -> None:
    old = held(world, primary)
    new = held(world, primary)
    assert not gone(world, primary, old)
    assert _RECORD in primary.records
    assert gone(world, primary, new)


def test_what_a_lost_create_left_does_not_keep_the_record(world: World, primary: FakePrimary) -> None:
    held(world, primary)
    assert gone(world, primary, held(world, primary))
    assert world.core.store.read(lambda tx: tx.zone_records.holders("example.com.", _RECORD.name)) == []


def test_a_hold_that_the_engine_named_again_is_no_lost_try(world: World, primary: FakePrimary) -> None:
    claim_hold(world.core, world.caller, held(world, primary), "urn:1")
    assert not gone(world, primary, held(world, primary))
    assert _RECORD in primary.records


def test_a_resource_that_was_renamed_still_holds_its_record_alone(world: World, primary: FakePrimary) -> None:
    hold_id = held(world, primary)
    claim_hold(world.core, world.caller, hold_id, "urn:renamed")
    assert gone(world, primary, hold_id, "urn:renamed")


def test_what_is_removed_is_what_was_published(world: World, primary: FakePrimary) -> None:
    hold_id = held(world, primary)
    foreign = replace(_RECORD, value="elsewhere.example.")
    primary.records = {foreign: 60}
    seen = withdraw(world.core, world.caller, place(primary), hold_id, foreign, 60)
    assert seen.removed
    assert primary.records == {foreign: 60}


def test_a_foreign_value_is_not_overwritten_whatever_a_refresh_saw(world: World, primary: FakePrimary) -> None:
    hold_id = held(world, primary)
    primary.records = {replace(_RECORD, value="elsewhere.example."): 60}
    with pytest.raises(Refused, match=r"holds elsewhere\.example\."):
        republish(world.core, world.caller, place(primary), hold_id, _RECORD, 60)


def test_a_value_that_another_resource_holds_is_not_changed(world: World, primary: FakePrimary) -> None:
    hold_id = held(world, primary)
    held(world, primary, "urn:2")
    other = replace(_RECORD, value="_other.validations.test.")
    with pytest.raises(Refused, match="urn:2 of this store holds it as it is"):
        republish(world.core, world.caller, place(primary), hold_id, other, 60)


def test_a_foreign_record_is_refused_with_both_values_and_leaves_no_hold(world: World, primary: FakePrimary) -> None:
    foreign = replace(_RECORD, value="elsewhere.example.")
    primary.records[foreign] = 60
    with pytest.raises(Refused, match=r"holds elsewhere\.example\.; wanted CNAME _def\.validations\.test\."):
        publish(world.core, world.caller, place(primary), _RECORD, 60)
    assert world.core.store.read(lambda tx: tx.zone_records.holders("example.com.", _RECORD.name)) == []
    assert primary.records == {foreign: 60}


class _BeforeRemoval:
    """A writer before whose removal something happens (ports.zone_writer.ZoneWriter)."""

    def __init__(self, inner: ZoneWriter, world: World, primary: FakePrimary) -> None:
        self._inner, self._world, self._primary = inner, world, primary
        self.values, self.ttl, self.add, self.replace = inner.values, inner.ttl, inner.add, inner.replace

    def remove(self, record: ResourceRecord) -> None:
        assert held(self._world, self._primary, "urn:2")
        self._inner.remove(record)


def test_a_record_adopted_between_release_and_removal_is_put_back(world: World, primary: FakePrimary) -> None:
    hold_id, ours = held(world, primary), place(primary)
    racing = replace(ours, writer=_BeforeRemoval(ours.writer, world, primary))
    assert not withdraw(world.core, world.caller, racing, hold_id, _RECORD, 60).removed
    assert _RECORD in primary.records


def test_a_removal_names_the_live_certificates_that_need_the_record_in_every_region(
    world: World, primary: FakePrimary
) -> None:
    here = world.request("www.example.com", "*.www.example.com")
    world.request("other.example.com", urn="urn:other")
    abroad = replace(world, caller=Caller("tester@host", Scope(world.caller.account, "eu-1")))
    there = abroad.request("www.example.com")
    removal = withdraw(world.core, world.caller, place(primary), held(world, primary), _RECORD, 60)
    assert set(removal.needed_by) == {str(here.certificate.arn), str(there.certificate.arn)}
