"""Validation records of an account: one for each base, computed once and kept as they were handed out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.core.context import Core
from certwright.core.records import (
    PURPOSE,
    hand_out,
    names_were_handed_out,
    union_of_records,
    validated_names,
    validation_records,
)
from certwright.model.certificates import HandedOutName
from certwright.model.names import DomainName
from certwright.model.records import DomainValidation, RecordType, ResourceRecord
from certwright.model.scope import Caller, Scope

from tests.fakes import NOON, ScriptedResolver
from tests.support.cores import ACCOUNT, CALLER, make_core

APEX, WILDCARD, WWW = DomainName("example.com"), DomainName("*.example.com"), DomainName("www.example.com")
ABROAD = Caller(CALLER.actor, Scope(ACCOUNT, "eu-1"))
OLD = ResourceRecord("_old.example.com.", RecordType.CNAME, "_older.validations.test.")


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    made = make_core(tmp_path, resolver=ScriptedResolver({}))
    yield made
    made.store.close()


def keep(core: Core, *validations: DomainValidation) -> None:
    core.store.write(lambda tx: hand_out(tx, core, CALLER, validations))


def test_apex_and_wildcard_have_one_record_in_the_place_of_the_first() -> None:
    assert validated_names((WWW, WILDCARD, APEX)) == (WWW, APEX)


def test_each_base_has_a_record_of_its_own_in_the_given_order(core: Core) -> None:
    found = validation_records(core, CALLER, (WWW, WILDCARD, APEX))
    assert [item.domain_name for item in found] == [WWW, APEX]
    assert [item.record.name.partition(".")[2] for item in found] == ["www.example.com.", "example.com."]
    assert all(item.record.value.endswith(".acm-validations.certwright.internal.") for item in found)


def test_no_names_have_no_records(core: Core) -> None:
    assert validation_records(core, CALLER, ()) == ()


def test_every_region_of_an_account_has_the_same_records(core: Core) -> None:
    assert validation_records(core, CALLER, (WWW,)) == validation_records(core, ABROAD, (WWW,))


def test_a_record_is_of_the_installation_the_account_and_the_configured_domain(core: Core) -> None:
    (here,) = validation_records(core, CALLER, (WWW,))
    (elsewhere,) = validation_records(replace(core, installation_id="another"), CALLER, (WWW,))
    moved = replace(core, policy=replace(core.policy, validation_domain="validations.test"))
    (there,) = validation_records(moved, CALLER, (WWW,))
    assert here.record.name != elsewhere.record.name
    assert there.record == replace(here.record, value=f"{here.record.value.partition('.')[0]}.validations.test.")


def test_what_was_handed_out_stays_as_it_was_whatever_would_be_computed_now(core: Core) -> None:
    keep(core, DomainValidation(APEX, OLD))
    www, apex = validation_records(core, CALLER, (WWW, WILDCARD))
    assert apex == DomainValidation(APEX, OLD)
    assert www.record.name.endswith(".www.example.com.")


def test_what_was_handed_out_is_not_replaced_when_handed_out_again(core: Core) -> None:
    keep(core, DomainValidation(APEX, OLD))
    keep(core, DomainValidation(APEX, replace(OLD, value="_new.validations.test.")))
    assert union_of_records(core, CALLER, (APEX,)) == (OLD,)


def test_what_is_handed_out_is_kept_with_account_purpose_and_time(core: Core) -> None:
    keep(core, DomainValidation(APEX, OLD))
    rows = core.store.read(lambda tx: tx.names.records(ACCOUNT, PURPOSE, (APEX,)))
    assert list(rows) == [HandedOutName(ACCOUNT, "dns-cname", APEX, OLD, NOON)]


def test_a_union_has_each_record_once_in_order(core: Core) -> None:
    records = union_of_records(core, CALLER, (WILDCARD, WWW, APEX))
    assert records == tuple(item.record for item in validation_records(core, CALLER, (APEX, WWW)))


def test_reading_records_hands_nothing_out(core: Core) -> None:
    validation_records(core, CALLER, (APEX,))
    assert not names_were_handed_out(core, CALLER, (APEX,))


def test_names_were_handed_out_when_all_of_them_were_the_wildcard_with_its_apex(core: Core) -> None:
    keep(core, *validation_records(core, CALLER, (APEX,)))
    assert names_were_handed_out(core, CALLER, (WILDCARD, APEX))
    assert not names_were_handed_out(core, CALLER, (APEX, WWW))
