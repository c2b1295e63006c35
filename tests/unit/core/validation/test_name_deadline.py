"""How long one name may keep an attempt busy, however slowly its servers answer (core.validation.control)."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from certwright.core.validation.control import check_caa_of, check_proofs
from certwright.core.validation.labels import cname_record
from certwright.model.names import DomainName
from certwright.model.records import (
    AnswerRecord,
    DomainValidation,
    RecordType,
    ServerAnswer,
    ServerFailure,
    ServerReply,
)
from certwright.model.secret import SecretBytes
from certwright.ports.clock import Cancellation

from tests.fakes import FakeCancellation, FakeClock
from tests.unit.core.validation.test_control import core_with

NAME = DomainName("a.b.c.d.e.f.example.com")
RECORD = cname_record(SecretBytes(bytes(32)), "installation", "123456789012", NAME, "v.test")


@dataclass
class SlowResolver:
    """Take time for each answer, by a clock of its own; give up at the budget (ports.resolver.Resolver)."""

    seconds: float
    clock: FakeClock = field(default_factory=FakeClock)

    def ask(self, name: str, rtype: RecordType, budget: float, _: Cancellation) -> tuple[ServerReply, ...]:
        self.clock.wait(min(self.seconds, budget))
        if budget < self.seconds:
            return (ServerFailure("ns1", "no answer"),)
        record = AnswerRecord(RECORD.name, RECORD.type, RECORD.value, 60)
        return (ServerAnswer("ns1", "NOERROR", (record,) if name == RECORD.name and rtype is RECORD.type else ()),)


def core_of(resolver: SlowResolver) -> Any:
    core: Any = core_with(resolver)
    object.__setattr__(core, "clock", resolver.clock)
    return core


@pytest.mark.parametrize(("seconds", "is_proven"), [(4.0, True), (6.0, False)])
def test_a_proof_has_nine_seconds(seconds: float, is_proven: bool) -> None:  # noqa: FBT001 - a column of the table
    resolver = SlowResolver(seconds)
    start = resolver.clock.monotonic()
    (proof,) = check_proofs(core_of(resolver), [DomainValidation(NAME, RECORD)], FakeCancellation())
    assert proof.is_proven is is_proven
    assert resolver.clock.monotonic() - start <= 9.0


@pytest.mark.parametrize(("seconds", "is_allowed"), [(1.2, True), (1.3, False)])
def test_the_climb_for_caa_has_ten_seconds_and_a_climb_that_was_cut_short_allows_nothing(
    seconds: float,
    is_allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    resolver = SlowResolver(seconds)
    start = resolver.clock.monotonic()
    (verdict,) = check_caa_of(core_of(resolver), [NAME], FakeCancellation())
    assert (verdict.allowed, verdict.is_error) == (is_allowed, not is_allowed)
    assert resolver.clock.monotonic() - start <= 10.0
