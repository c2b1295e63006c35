"""The built-in authority's proof of control: the CNAME itself, as the zone's own servers give it (R14)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from certwright.core.validation.dnssec import Dnssec, DnssecCheck
from certwright.model.printable import printable
from certwright.model.records import (
    AnswerRecord,
    RecordType,
    ResourceRecord,
    ServerAnswer,
    ServerFailure,
    ServerReply,
)
from certwright.ports.clock import Cancellation, Randomness
from certwright.ports.resolver import Resolver


class Outcome(Enum):
    """What the servers showed; everything but PROVEN refuses."""

    PROVEN = "PROVEN"
    MISSING = "MISSING"
    WRONG_VALUE = "WRONG_VALUE"
    WILDCARD = "WILDCARD"
    DNAME = "DNAME"
    SEVERAL = "SEVERAL"
    DISAGREE = "DISAGREE"
    LOOKUP_FAILED = "LOOKUP_FAILED"
    DNSSEC = "DNSSEC"


@dataclass(frozen=True, slots=True)
class NameProof:
    """The outcome for one record, with a sentence that names servers, what they said and what to do.

    `dnssec` is what is known of the signatures over a proven record.
    """

    record: ResourceRecord
    outcome: Outcome
    sentence: str
    dnssec: Dnssec = Dnssec.NOT_CHECKED

    @property
    def is_proven(self) -> bool:
        """Say whether control is shown."""
        return self.outcome is Outcome.PROVEN


def prove(
    resolver: Resolver,
    record: ResourceRecord,
    randomness: Randomness,
    budget: float,
    cancellation: Cancellation,
    dnssec: DnssecCheck = DnssecCheck(),  # noqa: B008 - immutable
) -> NameProof:
    """Ask for the record, for a random label beside it and for the record's signatures; `budget` in seconds for each.

    The validating resolver is asked last: only then can it not have learned from us that there is no such record.
    """
    replies = resolver.ask(record.name, RecordType.CNAME, budget, cancellation)
    proof = judge(record, replies)
    if not proof.is_proven:
        return proof
    _, _, parent = record.name.partition(".")
    beside = f"_{randomness.token(10).hex()}.{parent}"
    proof = judge_sibling(record, proof, resolver.ask(beside, RecordType.CNAME, budget, cancellation))
    return _validated(proof, dnssec, budget, cancellation) if proof.is_proven else proof


def _validated(proof: NameProof, dnssec: DnssecCheck, budget: float, cancellation: Cancellation) -> NameProof:
    verdict = dnssec.cname(proof.record, budget, cancellation)
    if verdict.refusal:
        return NameProof(proof.record, Outcome.DNSSEC, f"{verdict.refusal}.")
    return replace(proof, dnssec=verdict.state)


def judge(record: ResourceRecord, replies: Sequence[ServerReply]) -> NameProof:
    """Judge what the servers said of the record's exact owner name.

    The first CNAME's target must be ours; nothing is chased. At least one server must answer, and all that answer must
    agree; a failure is never read as "no record".
    """
    answers = [reply for reply in replies if isinstance(reply, ServerAnswer)]
    failures = [reply for reply in replies if isinstance(reply, ServerFailure)]
    if not answers:
        said = "; ".join(f"{item.server}: {item.reason}" for item in failures)
        return NameProof(
            record,
            Outcome.LOOKUP_FAILED,
            f"no server could be asked for {record.name} CNAME ({said}). Check the zone's servers.",
        )
    verdicts = [(answer, *_judge_answer(record, answer)) for answer in answers]
    bad = [(answer, outcome, found) for answer, outcome, found in verdicts if outcome is not Outcome.PROVEN]
    if not bad:
        return NameProof(record, Outcome.PROVEN, _proven(record, answers, failures))
    answer, outcome, found = bad[0]
    if len(bad) < len(verdicts):
        good = next(item for item, verdict, _ in verdicts if verdict is Outcome.PROVEN)
        found = f"{found}, while {good.server} has the right record; the servers must agree"
        outcome = Outcome.DISAGREE
    return NameProof(record, outcome, f"{answer.server}: {found}. {_fix(record, outcome)}")


def judge_sibling(record: ResourceRecord, proof: NameProof, replies: Sequence[ServerReply]) -> NameProof:
    """Refuse a record that any label beside it would have too: a wildcard proves nothing about who set it.

    A wildcard with another target did not make the record. A DNAME may have made it, whatever it makes of others.
    """
    answers = [reply for reply in replies if isinstance(reply, ServerAnswer)]
    if not answers:
        said = "; ".join(f"{item.server}: {item.reason}" for item in replies if isinstance(item, ServerFailure))
        sentence = f"no server could be asked for a label beside {record.name} ({said})."
        return NameProof(record, Outcome.LOOKUP_FAILED, sentence)
    for answer in answers:
        if any(_is_made_for_any_label(record, item) for item in answer.records):
            found = f"{answer.server}: a random label beside {record.name} has the same target, so a wildcard answers"
            return NameProof(record, Outcome.WILDCARD, f"{found}. {_fix(record, Outcome.WILDCARD)}")
    return proof


def _is_made_for_any_label(record: ResourceRecord, item: AnswerRecord) -> bool:
    return item.type is RecordType.DNAME or (item.type is RecordType.CNAME and item.value == record.value)


def _judge_answer(record: ResourceRecord, answer: ServerAnswer) -> tuple[Outcome, str]:
    if any(item.type is RecordType.DNAME for item in answer.records):
        return Outcome.DNAME, f"a DNAME stands above {record.name}"
    targets = [item.value for item in answer.records if item.type is RecordType.CNAME and item.owner == record.name]
    if not targets:
        said = "NXDOMAIN" if answer.rcode == "NXDOMAIN" else "no CNAME there"
        return Outcome.MISSING, f"{record.name} CNAME is missing ({said})"
    if len(targets) > 1:
        return Outcome.SEVERAL, f"{record.name} has {len(targets)} CNAME records"
    if targets[0] != record.value:
        return Outcome.WRONG_VALUE, f"{record.name} is a CNAME to {printable(targets[0])}, expected {record.value}"
    return Outcome.PROVEN, ""


def _proven(record: ResourceRecord, answers: Sequence[ServerAnswer], failures: Sequence[ServerFailure]) -> str:
    servers = ", ".join(answer.server for answer in answers)
    failed = "".join(f"; {item.server} failed: {item.reason}" for item in failures)
    return f"{record.name} CNAME {record.value} seen at {servers}{failed}"


def _fix(record: ResourceRecord, outcome: Outcome) -> str:
    if outcome in {Outcome.WILDCARD, Outcome.DNAME}:
        return f"Create {record.name} CNAME {record.value} as a record of its own in the zone itself."
    return f"Set {record.name} CNAME {record.value}"
