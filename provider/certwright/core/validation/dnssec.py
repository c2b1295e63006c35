"""DNSSEC: what a validating resolver must say of the answers that proof and CAA rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from certwright.model.printable import printable
from certwright.model.records import (
    CaaRecord,
    RecordType,
    ResourceRecord,
    ServerFailure,
    ValidatedAnswer,
    ValidatedReply,
)
from certwright.ports.clock import Cancellation
from certwright.ports.resolver import ValidatingResolver

_CACHES = "It may remember an older answer for as long as the zone's TTL allows"


class Dnssec(Enum):
    """What is known of the signatures over an answer; the weakest part speaks for the whole."""

    NOT_CHECKED = "not checked"
    INSECURE = "insecure"
    SECURE = "secure"


@dataclass(frozen=True, slots=True)
class CaaSet:
    """The CAA records of a node, and how many could not be parsed."""

    records: tuple[CaaRecord, ...] = ()
    unparsed: int = 0

    def __len__(self) -> int:
        return len(self.records) + self.unparsed

    def is_same(self, other: "CaaSet") -> bool:
        """Compare without regard to order."""
        return (frozenset(self.records), self.unparsed) == (frozenset(other.records), other.unparsed)


@dataclass(frozen=True, slots=True)
class DnssecVerdict:
    """What the validating resolver showed; `refusal` is the sentence that says why the answer does not count."""

    state: Dnssec
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class DnssecCheck:
    """The validating resolver, where one is configured, and whether answers without signatures are refused.

    An early look, while a record is missing yet, asks for nothing that is not there: the resolver would remember that,
    and by NSEC or below a name that does not exist (RFC 8198, RFC 8020) that there is no such record either.
    """

    resolver: ValidatingResolver | None = None
    is_required: bool = False
    is_early: bool = False

    def cname(self, record: ResourceRecord, budget: float, cancellation: Cancellation) -> DnssecVerdict:
        """Look at a record that the authoritative servers have shown."""
        if self.resolver is None:
            return self._unchecked(record.name)
        reply = self.resolver.ask(record.name, RecordType.CNAME, budget, cancellation)
        return self._required(judge_cname(record, reply), record.name)

    def caa(
        self, node: str, zone: str, seen: CaaSet | None, budget: float, cancellation: Cancellation
    ) -> DnssecVerdict:
        """Look at the CAA set of a node; None stands for one that the authoritative servers do not know.

        `zone` is the apex of the node's zone, empty where no answer named it.
        """
        if self.resolver is None:
            return self._unchecked(node)
        if self.is_early and not seen:
            return self._zone(zone, budget, cancellation)
        reply = self.resolver.ask(node, RecordType.CAA, budget, cancellation)
        return self._required(judge_caa_set(node, seen, reply), node)

    def _zone(self, apex: str, budget: float, cancellation: Cancellation) -> DnssecVerdict:
        if self.resolver is None or not apex:
            return DnssecVerdict(Dnssec.NOT_CHECKED)
        reply = self.resolver.ask(apex, RecordType.SOA, budget, cancellation)
        if isinstance(reply, ServerFailure):
            return _failed(reply, apex, RecordType.SOA)
        return self._required(_signed(reply), apex)

    def _unchecked(self, name: str) -> DnssecVerdict:
        if not self.is_required:
            return DnssecVerdict(Dnssec.NOT_CHECKED)
        why = f"certwright:requireDnssec is set, but nothing checks the signatures of {name}"
        return DnssecVerdict(Dnssec.NOT_CHECKED, f"{why}. Set certwright:validatingResolver")

    def _required(self, verdict: DnssecVerdict, name: str) -> DnssecVerdict:
        if verdict.refusal or verdict.state is Dnssec.SECURE or not self.is_required:
            return verdict
        why = f"certwright:requireDnssec is set, but {name} is not signed (DNSSEC: insecure)"
        return DnssecVerdict(verdict.state, f"{why}. Sign its zone and have its parent publish the DS record")


def judge_cname(record: ResourceRecord, reply: ValidatedReply) -> DnssecVerdict:
    """Require that the validated answer has this CNAME, and no other, at the exact owner name."""
    if isinstance(reply, ServerFailure):
        return _failed(reply, record.name, RecordType.CNAME)
    answer = reply.answer
    targets = {item.value for item in answer.records if item.type is RecordType.CNAME and item.owner == record.name}
    if targets == {record.value} and not any(item.type is RecordType.DNAME for item in answer.records):
        return _signed(reply)
    seen = ", ".join(printable(target) for target in sorted(targets)) or f"no CNAME there ({answer.rcode})"
    return DnssecVerdict(
        Dnssec.NOT_CHECKED,
        f"the validating resolver {answer.server} and the zone's own servers disagree on {record.name} CNAME: it has "
        f"{seen}, they have {record.value}. {_CACHES}",
    )


def judge_caa_set(node: str, seen: CaaSet | None, reply: ValidatedReply) -> DnssecVerdict:
    """Require that the validated answer has the same CAA records; with None any validated answer will do."""
    if isinstance(reply, ServerFailure):
        return _failed(reply, node, RecordType.CAA)
    answer = reply.answer
    validated = CaaSet(answer.caa, answer.unparsed)
    if seen is None or seen.is_same(validated):
        return _signed(reply)
    return DnssecVerdict(
        Dnssec.NOT_CHECKED,
        f"the validating resolver {answer.server} and the zone's own servers disagree on {node} CAA: it has "
        f"{len(validated)} records, they have {len(seen)}, not all the same. {_CACHES}",
    )


def weakest(states: Sequence[Dnssec]) -> Dnssec:
    """Return what holds for all answers together."""
    order = list(Dnssec)
    return min(states, key=order.index, default=Dnssec.NOT_CHECKED)


def _signed(reply: ValidatedAnswer) -> DnssecVerdict:
    return DnssecVerdict(Dnssec.SECURE if reply.is_secure else Dnssec.INSECURE)


def _failed(failure: ServerFailure, name: str, rtype: RecordType) -> DnssecVerdict:
    why = f"the validating resolver {failure.server} does not vouch for {name} {rtype.value}: {failure.reason}"
    is_bogus = failure.reason.startswith("SERVFAIL")
    fix = "Look whether the zone's signatures are bogus or expired" if is_bogus else "Look whether it is running"
    return DnssecVerdict(Dnssec.NOT_CHECKED, f"{why}. {fix}")
