"""Control over all names of a certificate: proof and CAA for each, in parallel, all results at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from certwright.core.context import Core
from certwright.core.validation.caa import CaaVerdict, check_caa
from certwright.core.validation.deadline import within
from certwright.core.validation.dnssec import Dnssec, DnssecCheck, weakest
from certwright.core.validation.proof import NameProof, prove
from certwright.model.names import DomainName
from certwright.model.records import DomainValidation
from certwright.ports.clock import Cancellation

QUERY_BUDGET = 8.0
_PROOF_SECONDS, _CAA_SECONDS = 9.0, 10.0
_SIDE_BY_SIDE = 16
_Item = TypeVar("_Item")
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Control:
    """What DNS shows for every name: proofs per validated base, CAA verdicts per name of the certificate."""

    proofs: tuple[NameProof, ...]
    caa: tuple[CaaVerdict, ...]

    @property
    def unproven(self) -> tuple[NameProof, ...]:
        """Return the proofs that are not there yet."""
        return tuple(proof for proof in self.proofs if not proof.is_proven)

    @property
    def forbidden(self) -> tuple[CaaVerdict, ...]:
        """Return the names that CAA forbids or whose CAA could not be read."""
        return tuple(verdict for verdict in self.caa if not verdict.allowed)

    @property
    def dnssec(self) -> Dnssec:
        """Return what is known of the signatures over everything that was read."""
        return weakest([*(proof.dnssec for proof in self.proofs), *(verdict.dnssec for verdict in self.caa)])


def check_proofs(
    core: Core, validations: Sequence[DomainValidation], cancellation: Cancellation, budget: float = QUERY_BUDGET
) -> tuple[NameProof, ...]:
    """Read the CNAME of every validation from the zones' own servers, within 9 s for each."""

    def read(item: DomainValidation, together: Cancellation) -> NameProof:
        bounded = within(core, _PROOF_SECONDS)
        return prove(bounded.resolver, item.record, core.randomness, budget, together, _dnssec(bounded))

    return _side_by_side(validations, read, cancellation)


def check_caa_of(
    core: Core,
    names: Sequence[DomainName],
    cancellation: Cancellation,
    budget: float = QUERY_BUDGET,
    *,
    is_early: bool = False,
) -> tuple[CaaVerdict, ...]:
    """Read CAA for every name of the certificate, exactly the set that will be signed, within 10 s for each.

    `is_early` is for a look before all proofs are there: nothing may be issued on it.
    """

    def read(name: DomainName, together: Cancellation) -> CaaVerdict:
        bounded = within(core, _CAA_SECONDS)
        return check_caa(bounded.resolver, name, core.policy, budget, together, _dnssec(bounded, is_early=is_early))

    return _side_by_side(names, read, cancellation)


def check_control(
    core: Core,
    names: Sequence[DomainName],
    validations: Sequence[DomainValidation],
    cancellation: Cancellation,
    budget: float = QUERY_BUDGET,
    *,
    is_first: bool = False,
) -> Control:
    """Check proofs and, once all are there, CAA; `budget` in seconds for each question.

    `is_first` looks at CAA whatever the proofs say, so that nobody waits for a name that CAA forbids.
    """
    proofs = check_proofs(core, validations, cancellation, budget)
    are_proven = all(proof.is_proven for proof in proofs)
    if not is_first and not are_proven:
        return Control(proofs, ())
    return Control(proofs, check_caa_of(core, names, cancellation, budget, is_early=not are_proven))


def _dnssec(core: Core, *, is_early: bool = False) -> DnssecCheck:
    return DnssecCheck(core.validating, is_required=core.policy.require_dnssec, is_early=is_early)


class _Together:
    """The caller's wish to stop, and that of whichever check fails first (ports.clock.Cancellation)."""

    def __init__(self, cancellation: Cancellation) -> None:
        self._cancellation = cancellation
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        self._is_stopped.set()

    def is_cancelled(self) -> bool:
        return self._is_stopped.is_set() or self._cancellation.is_cancelled()

    def wait(self, seconds: float) -> bool:
        return self._cancellation.wait(seconds) or self.is_cancelled()


def _side_by_side(
    items: Sequence[_Item], read: Callable[[_Item, Cancellation], _Read], cancellation: Cancellation
) -> tuple[_Read, ...]:
    """Read all; an interrupt or the first error ends the other reads at once instead of waiting for their DNS."""
    together = _Together(cancellation)
    with ThreadPoolExecutor(max(1, min(_SIDE_BY_SIDE, len(items)))) as pool:
        try:
            reads = [pool.submit(read, item, together) for item in items]
            ended, _ = wait(reads, return_when=FIRST_EXCEPTION)
            failed = [one for one in ended if one.exception() is not None]
            return tuple(one.result() for one in failed or reads)
        except BaseException:
            together.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
