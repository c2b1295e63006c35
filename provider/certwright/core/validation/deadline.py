"""Resolvers with a deadline, so that an attempt over many names ends in time."""

from dataclasses import dataclass, replace

from certwright.core.context import Core
from certwright.model.records import RecordType, ServerFailure, ServerReply, ValidatedReply
from certwright.ports.clock import Cancellation, Clock
from certwright.ports.resolver import Resolver, ValidatingResolver

_USED_UP = ServerFailure("not asked", "the time for this attempt was used up; the next one goes on")


def within(core: Core, seconds: float) -> Core:
    """Return the core with resolvers that ask nothing more when `seconds` from now are over."""
    deadline = core.clock.monotonic() + seconds
    validating = core.validating and ValidatingWithin(core.validating, core.clock, deadline)
    return replace(core, resolver=ResolverWithin(core.resolver, core.clock, deadline), validating=validating)


@dataclass(frozen=True, slots=True)
class ResolverWithin:
    """Ask until `deadline` (monotonic seconds); a later question fails unasked (ports.resolver.Resolver)."""

    inner: Resolver
    clock: Clock
    deadline: float

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return the replies, or one failure once the time is used up."""
        left = self.deadline - self.clock.monotonic()
        if left <= 0:
            return (_USED_UP,)
        return self.inner.ask(name, rtype, min(budget, left), cancellation)


@dataclass(frozen=True, slots=True)
class ValidatingWithin:
    """Ask until `deadline` (monotonic seconds); a later question fails unasked (ports.resolver.ValidatingResolver)."""

    inner: ValidatingResolver
    clock: Clock
    deadline: float

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> ValidatedReply:
        """Return the reply, or a failure once the time is used up."""
        left = self.deadline - self.clock.monotonic()
        return self.inner.ask(name, rtype, min(budget, left), cancellation) if left > 0 else _USED_UP
