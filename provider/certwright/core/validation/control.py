"""Control over all names of a certificate: proof and CAA for each, in parallel, all results at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from certwright.core.context import Core
from certwright.core.validation.caa import CaaVerdict, check_caa
from certwright.core.validation.proof import NameProof, prove
from certwright.model.names import DomainName
from certwright.model.records import DomainValidation
from certwright.ports.clock import Cancellation

QUERY_BUDGET = 8.0
_SIDE_BY_SIDE = 16


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


def check_proofs(
    core: Core, validations: Sequence[DomainValidation], cancellation: Cancellation, budget: float = QUERY_BUDGET
) -> tuple[NameProof, ...]:
    """Read the CNAME of every validation from the zones' own servers."""
    with ThreadPoolExecutor(_workers(validations)) as pool:
        return tuple(
            pool.map(lambda item: prove(core.resolver, item.record, core.randomness, budget, cancellation), validations)
        )


def check_caa_of(
    core: Core, names: Sequence[DomainName], cancellation: Cancellation, budget: float = QUERY_BUDGET
) -> tuple[CaaVerdict, ...]:
    """Read CAA for every name of the certificate: exactly the set that will be signed."""
    with ThreadPoolExecutor(_workers(names)) as pool:
        return tuple(pool.map(lambda name: check_caa(core.resolver, name, core.policy, budget, cancellation), names))


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
    if not is_first and not all(proof.is_proven for proof in proofs):
        return Control(proofs, ())
    return Control(proofs, check_caa_of(core, names, cancellation, budget))


def _workers(items: Sequence[object]) -> int:
    return max(1, min(_SIDE_BY_SIDE, len(items)))
