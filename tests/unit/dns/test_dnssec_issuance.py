"""What DNSSEC shows while a certificate is validated: in the audit log, or as a sentence that says what is awaited."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.core.issuance import drive
from certwright.core.records import validation_records
from certwright.model.certificates import CertificateVersion, VersionState
from certwright.model.names import DomainName
from certwright.model.records import AnswerRecord, RecordType, ServerFailure, ValidatedAnswer, ValidatedReply

from tests.core.world import World, make_world
from tests.fakes import ScriptedValidator
from tests.support.store import query
from tests.unit.dns.validators import bogus, unsigned, vouches

NAME = "www.example.com"
NODES = ("www.example.com.", "example.com.", "com.")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = make_world(tmp_path)
    with closing(world.core.store):
        world.publish(NAME)
        yield world


def validated(world: World, proof: ValidatedReply, caa: ValidatedReply | None) -> World:
    """Return the world with a validating resolver that says so of the record, and of every node's CAA."""
    (item,) = validation_records(world.core, world.caller, [DomainName(NAME)])
    script = {(item.record.name, RecordType.CNAME): _with_record(proof, item.record.name, item.record.value)}
    script |= {(node, RecordType.CAA): caa for node in NODES if caa is not None}
    return replace(world, core=replace(world.core, validating=ScriptedValidator(script)))


def _with_record(reply: ValidatedReply, name: str, value: str) -> ValidatedReply:
    if isinstance(reply, ServerFailure):
        return reply
    record = AnswerRecord(name, RecordType.CNAME, value, 60)
    return ValidatedAnswer(replace(reply.answer, records=(record,)), reply.is_secure)


def issue(world: World) -> CertificateVersion:
    view = world.request(NAME)
    return drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)


def audited(world: World) -> list[str]:
    """Return what the audit log says of DNSSEC, for each validation."""
    found = query(world.folder, "SELECT detail FROM audit_events WHERE action = 'ValidateVersion'")
    return [dict(json.loads(str(detail)))["dnssec"] for (detail,) in found]


def test_without_a_validating_resolver_nothing_is_checked(world: World) -> None:
    assert issue(world).state is VersionState.ISSUED
    assert audited(world) == ["not checked"]


@pytest.mark.parametrize(
    ("proof", "caa", "said"),
    [
        (vouches(), vouches(), "secure"),
        (vouches(), unsigned(), "insecure"),
        (unsigned(), vouches(), "insecure"),
    ],
    ids=["both signed", "CAA not signed", "record not signed"],
)
def test_the_audit_log_says_what_signatures_cover(
    world: World, proof: ValidatedReply, caa: ValidatedReply, said: str
) -> None:
    world = validated(world, proof, caa)
    assert issue(world).state is VersionState.ISSUED
    assert audited(world) == [said]


@pytest.mark.parametrize(
    ("proof", "caa"), [(bogus(), None), (vouches(), bogus())], ids=["of the record", "of a CAA set"]
)
def test_nothing_is_issued_on_bogus_signatures(world: World, proof: ValidatedReply, caa: ValidatedReply | None) -> None:
    world = validated(world, proof, caa or vouches())
    version = issue(world)
    assert version.state is VersionState.VALIDATING
    assert "the validating resolver 127.0.0.1:5353 does not vouch for" in version.waiting_for
    assert audited(world) == []


def test_nothing_is_issued_without_signatures_where_they_are_required(world: World) -> None:
    strict = replace(world, core=world.with_policy(require_dnssec=True))
    assert "certwright:validatingResolver" in issue(strict).waiting_for
    world = validated(strict, unsigned(), unsigned())
    assert "not signed" in issue(world).waiting_for
    assert audited(world) == []
