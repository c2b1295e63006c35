"""Validation records in a zone: adopted, kept and removed with their last hold."""

from dataclasses import replace

import pytest
from certwright.core.zone_records import ZonePlace, publish, withdraw
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


def test_two_resources_hold_one_record_and_it_goes_with_the_second(world: World, primary: FakePrimary) -> None:
    assert not publish(world.core, world.caller, place(primary), _RECORD, 60)
    assert publish(world.core, world.caller, place(primary, "urn:2"), _RECORD, 60)
    assert not withdraw(world.core, world.caller, place(primary), _RECORD, 60).removed
    assert _RECORD in primary.records
    assert withdraw(world.core, world.caller, place(primary, "urn:2"), _RECORD, 60).removed
    assert primary.records == {}


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
        assert publish(self._world.core, self._world.caller, place(self._primary, "urn:2"), record, 60)
        self._inner.remove(record)


def test_a_record_adopted_between_release_and_removal_is_put_back(world: World, primary: FakePrimary) -> None:
    publish(world.core, world.caller, place(primary), _RECORD, 60)
    ours = place(primary)
    racing = replace(ours, writer=_BeforeRemoval(ours.writer, world, primary))
    assert not withdraw(world.core, world.caller, racing, _RECORD, 60).removed
    assert _RECORD in primary.records


def test_a_removal_names_the_live_certificates_that_need_the_record_in_every_region(
    world: World, primary: FakePrimary
) -> None:
    here = world.request("www.example.com", "*.www.example.com")
    world.request("other.example.com", urn="urn:other")
    abroad = replace(world, caller=Caller("tester@host", Scope(world.caller.account, "eu-1")))
    there = abroad.request("www.example.com")
    publish(world.core, world.caller, place(primary), _RECORD, 60)
    removal = withdraw(world.core, world.caller, place(primary), _RECORD, 60)
    assert set(removal.needed_by) == {str(here.certificate.arn), str(there.certificate.arn)}
