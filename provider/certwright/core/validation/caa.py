"""CAA (RFC 8659, 8657): the climb, the relevant set and whether it lets the built-in authority issue."""

from collections.abc import Sequence
from dataclasses import dataclass

from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.records import CaaRecord, RecordType, ServerAnswer, ServerFailure
from certwright.ports.clock import Cancellation
from certwright.ports.resolver import Resolver

MOST_ALIASES = 8
VALIDATION_METHOD = "certwright-dns-cname"
_KNOWN_TAGS = frozenset({"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"})


@dataclass(frozen=True, slots=True)
class CaaVerdict:
    """Whether a name's CAA records let us issue, and the sentence that says which record at which server decides.

    `is_error` tells a look-up that failed, which never allows, from a record that forbids.
    """

    name: DomainName
    allowed: bool
    sentence: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    records: tuple[CaaRecord, ...]
    unparsed: int
    node: str
    server: str


class _LookupError(Exception):
    """Carry why a node could not be asked."""


class _ElsewhereError(_LookupError):
    """Say that every server disclaimed authority for the node."""


def check_caa(
    resolver: Resolver, name: DomainName, policy: Policy, budget: float, cancellation: Cancellation
) -> CaaVerdict:
    """Climb from the name to the root and judge the first non-empty set (RFC 8659 section 3); errors never allow."""
    try:
        found = _climb(resolver, name, policy, budget, cancellation)
    except _LookupError as error:
        return CaaVerdict(name, allowed=False, sentence=f"CAA of {name} could not be read: {error}", is_error=True)
    if found is None:
        return CaaVerdict(name, allowed=True, sentence=f"{name} has no CAA records")
    reason = judge_caa(found.records, found.unparsed, name, policy.caa_identities)
    place = f"CAA at {found.node} ({found.server})"
    if reason is None:
        return CaaVerdict(name, allowed=True, sentence=f"{place} allows {name}")
    sentence = f"{place} forbids {name}: {reason}"
    if not policy.caa_identities:
        sentence += ". certwright:caaIdentities is empty, so this only warns"
    return CaaVerdict(name, allowed=policy.caa_policy is CaaPolicy.WARN, sentence=sentence)


def judge_caa(records: Sequence[CaaRecord], unparsed: int, name: DomainName, identities: Sequence[str]) -> str | None:
    """Return why a relevant record set forbids the issue, None when it allows it.

    Unknown critical properties and records that do not parse forbid (RFC 8659 section 4.1). Wildcards look at
    `issuewild` where there is one, else at `issue`; a set with neither allows.
    """
    if unparsed:
        return f"{unparsed} CAA records cannot be parsed"
    for item in records:
        if item.critical and item.tag.lower() not in _KNOWN_TAGS:
            return f"the critical property {item.tag!r} is unknown here"
    issue = [item.value for item in records if item.tag.lower() == "issue"]
    wild = [item.value for item in records if item.tag.lower() == "issuewild"]
    tag, values = ("issuewild", wild) if name.is_wildcard and wild else ("issue", issue)
    if not values or any(_authorises(value, identities) for value in values):
        return None
    shown = ", ".join(f'{tag} "{value}"' for value in values)
    ours = ", ".join(identities) or "no identity of ours is set"
    return f"it lists {shown}; we answer to: {ours}"


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


def _climb(
    resolver: Resolver, name: DomainName, policy: Policy, budget: float, cancellation: Cancellation
) -> _Found | None:
    """Climb; where configured servers are the authority, the climb ends above the zones they answer for."""
    labels = name.base.text.split(".")
    for start in range(len(labels)):
        node = ".".join(labels[start:]) + "."
        try:
            found = _at_node(resolver, node, budget, cancellation)
        except _ElsewhereError:
            if start and policy.has_own_servers:
                return None
            raise
        if found is not None:
            return found
    return None


def _at_node(resolver: Resolver, node: str, budget: float, cancellation: Cancellation) -> _Found | None:
    """Return the set at a node, following aliases (RFC 8659 section 3 asks for what a resolver would return)."""
    asked = node
    for _ in range(MOST_ALIASES + 1):
        answers = _usable_answers(resolver, asked, budget, cancellation)
        for answer in answers:
            if answer.caa or answer.unparsed:
                return _Found(answer.caa, answer.unparsed, node, answer.server)
        target = next((target for answer in answers if (target := _alias(answer))), None)
        if target is None:
            return None
        asked = target
    msg = f"more than {MOST_ALIASES} aliases from {node}"
    raise _LookupError(msg)


def _usable_answers(
    resolver: Resolver, node: str, budget: float, cancellation: Cancellation
) -> tuple[ServerAnswer, ...]:
    """Return all answers; any server that is silent could hold a record that forbids, so servers must agree."""
    replies = resolver.ask(node, RecordType.CAA, budget, cancellation)
    answers = tuple(reply for reply in replies if isinstance(reply, ServerAnswer))
    if not answers:
        said = "; ".join(f"{item.server}: {item.reason}" for item in replies if isinstance(item, ServerFailure))
        msg = f"no server answered for {node} ({said})"
        disclaimed = all(isinstance(item, ServerFailure) and item.is_elsewhere for item in replies)
        raise (_ElsewhereError if disclaimed else _LookupError)(msg)
    views = {(frozenset(item.caa), item.unparsed, _alias(item)) for item in answers}
    if len(views) > 1:
        names = ", ".join(item.server for item in answers)
        msg = f"the servers of {node} disagree ({names})"
        raise _LookupError(msg)
    return answers


def _alias(answer: ServerAnswer) -> str | None:
    """Return the last target of the answer's alias chain, when there is one and no CAA record with it."""
    targets = [item.value for item in answer.records if item.type is RecordType.CNAME]
    return targets[-1] if targets and not answer.caa else None
