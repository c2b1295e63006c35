"""CAA (RFC 8659, 8657): the climb, the relevant set and whether it lets the built-in authority issue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from certwright.core.validation.dnssec import CaaSet, Dnssec, DnssecCheck, weakest
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.printable import printable
from certwright.model.records import CaaRecord, RecordType, ServerAnswer, ServerFailure
from certwright.ports.clock import Cancellation
from certwright.ports.resolver import Resolver

MOST_ALIASES = 8
_MOST_SHOWN = 5
VALIDATION_METHOD = "certwright-dns-cname"
_KNOWN_TAGS = frozenset({"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"})


@dataclass(frozen=True, slots=True)
class CaaVerdict:
    """Whether a name's CAA records let us issue, and the sentence that says which record at which server decides.

    `is_error` tells a look-up that failed, which never allows, from a record that forbids; `is_warning` a record that
    would forbid if the policy were not to warn. `dnssec` is what is known of the signatures over all that was read.
    """

    name: DomainName
    allowed: bool
    sentence: str
    is_error: bool = False
    is_warning: bool = False
    dnssec: Dnssec = Dnssec.NOT_CHECKED


class _LookupError(Exception):
    """Carry why a node could not be asked."""


class _ElsewhereError(_LookupError):
    """Say that every server disclaimed authority for the node."""


def check_caa(
    resolver: Resolver,
    name: DomainName,
    policy: Policy,
    budget: float,
    cancellation: Cancellation,
    dnssec: DnssecCheck = DnssecCheck(),  # noqa: B008 - immutable
) -> CaaVerdict:
    """Climb from the name to the root and judge the first non-empty set (RFC 8659 section 3); errors never allow."""
    climb = _Climb(resolver, policy.has_own_servers, budget, cancellation, dnssec)
    try:
        found, state = climb.relevant_set(name)
    except _LookupError as error:
        return CaaVerdict(name, allowed=False, sentence=f"CAA of {name} could not be read: {error}", is_error=True)
    if found is None:
        return CaaVerdict(name, allowed=True, sentence=f"{name} has no CAA records", dnssec=state)
    reason = judge_caa(found.caa.records, found.caa.unparsed, name, policy.caa_identities)
    place = f"CAA at {found.node} ({found.server})"
    if reason is None:
        return CaaVerdict(name, allowed=True, sentence=f"{place} allows {name}", dnssec=state)
    sentence = f"{place} forbids {name}: {reason}"
    if not policy.caa_identities:
        sentence += ". certwright:caaIdentities is empty, so this only warns"
    warns = policy.caa_policy is CaaPolicy.WARN
    return CaaVerdict(name, allowed=warns, sentence=sentence, is_warning=warns, dnssec=state)


def judge_caa(records: Sequence[CaaRecord], unparsed: int, name: DomainName, identities: Sequence[str]) -> str | None:
    """Return why a relevant record set forbids the issue, None when it allows it.

    Unknown critical properties and records that do not parse forbid (RFC 8659 section 4.1). Wildcards look at
    `issuewild` where there is one, else at `issue`; a set with neither allows.
    """
    if unparsed:
        return f"{unparsed} CAA records cannot be parsed"
    for item in records:
        if item.critical and item.tag.lower() not in _KNOWN_TAGS:
            return f"the critical property '{printable(item.tag)}' is unknown here"
    issue = [item.value for item in records if item.tag.lower() == "issue"]
    wild = [item.value for item in records if item.tag.lower() == "issuewild"]
    tag, values = ("issuewild", wild) if name.is_wildcard and wild else ("issue", issue)
    if not values or any(_authorises(value, identities) for value in values):
        return None
    shown = ", ".join(f'{tag} "{printable(value)}"' for value in values[:_MOST_SHOWN])
    more = f" and {len(values) - _MOST_SHOWN} more" if len(values) > _MOST_SHOWN else ""
    ours = ", ".join(identities) or "no identity of ours is set"
    return f"it lists {shown}{more}; we answer to: {ours}"


def _authorises(value: str, identities: Sequence[str]) -> bool:
    """Judge one issue value; parameters of RFC 8657 must fit: we have no ACME account, and one method of our own."""
    domain, *parameters = (part.strip() for part in value.split(";"))
    if domain.lower().rstrip(".") not in identities:
        return False
    for parameter in filter(None, parameters):
        tag, equals, setting = (part.strip() for part in parameter.partition("="))
        if not equals:
            return False
        if tag.lower() == "accounturi":
            return False
        if tag.lower() == "validationmethods" and VALIDATION_METHOD not in [
            item.strip() for item in setting.split(",")
        ]:
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a node showed: its set, the server that speaks for it, and the apex of its zone where an answer named it.

    `leads_away` tells that the node is an alias of a name that the configured servers are not the authority for: for
    this installation there is no set behind it.
    """

    node: str
    caa: CaaSet
    server: str
    zone: str
    leads_away: bool = False


@dataclass(frozen=True, slots=True)
class _Climb:
    resolver: Resolver
    has_own_servers: bool
    budget: float
    cancellation: Cancellation
    dnssec: DnssecCheck

    def relevant_set(self, name: DomainName) -> tuple[_Seen | None, Dnssec]:
        """Climb to the first set; what configured servers disclaim ends it only above a zone that they answered for."""
        zone = ""
        states: list[Dnssec] = []
        for node in _nodes(name):
            try:
                seen = self._look(node)
            except _ElsewhereError:
                if self.has_own_servers and zone and _is_above(node, zone):
                    break
                raise
            states.append(self._validated(seen))
            if seen.caa:
                return seen, weakest(states)
            zone = seen.zone or zone
        return None, weakest(states)

    def _look(self, node: str) -> _Seen:
        """Return what a node shows, behind aliases (RFC 8659 section 3 asks for what a resolver would return)."""
        asked, zone = node, ""
        for _ in range(MOST_ALIASES + 1):
            try:
                answers = self._answers(asked)
            except _ElsewhereError:
                if asked == node or not self.has_own_servers:
                    raise
                return _Seen(node, CaaSet(), "", zone, leads_away=True)
            zone = zone or _zone_above(node, answers)
            first = answers[0]
            target = _alias(first)
            if target is None or first.caa or first.unparsed:
                return _Seen(node, CaaSet(first.caa, first.unparsed), first.server, zone)
            asked = target
        msg = f"more than {MOST_ALIASES} aliases from {node}"
        raise _LookupError(msg)

    def _answers(self, node: str) -> tuple[ServerAnswer, ...]:
        """Return the answers of the servers that gave one, which must agree; none at all is an error, never "none"."""
        replies = self.resolver.ask(node, RecordType.CAA, self.budget, self.cancellation)
        answers = tuple(reply for reply in replies if isinstance(reply, ServerAnswer))
        if not answers:
            said = "; ".join(f"{item.server}: {item.reason}" for item in replies if isinstance(item, ServerFailure))
            msg = f"no server answered for {printable(node)} ({said})"
            disclaimed = all(isinstance(item, ServerFailure) and item.is_elsewhere for item in replies)
            raise (_ElsewhereError if disclaimed else _LookupError)(msg)
        views = {(frozenset(item.caa), item.unparsed, _alias(item)) for item in answers}
        if len(views) > 1:
            names = ", ".join(item.server for item in answers)
            msg = f"the servers of {printable(node)} disagree ({names})"
            raise _LookupError(msg)
        return answers

    def _validated(self, seen: _Seen) -> Dnssec:
        known = None if seen.leads_away else seen.caa
        verdict = self.dnssec.caa(seen.node, seen.zone, known, self.budget, self.cancellation)
        if verdict.refusal:
            raise _LookupError(verdict.refusal)
        return verdict.state


def _nodes(name: DomainName) -> Iterator[str]:
    labels = name.base.text.split(".")
    for start in range(len(labels)):
        yield ".".join(labels[start:]) + "."


def _zone_above(node: str, answers: Sequence[ServerAnswer]) -> str:
    """Return the highest apex that the answers name for the node; that of an alias's target is none of its own."""
    zones = [answer.zone for answer in answers if answer.zone and (answer.zone == node or _is_above(answer.zone, node))]
    return min(zones, key=len, default="")


def _is_above(node: str, below: str) -> bool:
    return node != below and (node == "." or below.endswith(f".{node}"))


def _alias(answer: ServerAnswer) -> str | None:
    """Return the last target of the answer's alias chain, when there is one and no CAA record with it."""
    targets = [item.value for item in answer.records if item.type is RecordType.CNAME]
    return targets[-1] if targets and not answer.caa else None
