"""What preview can say of DNS before anything is made: sure failures are errors, possible ones warnings."""

from collections.abc import Sequence

from certwright.core.validation.control import check_caa_of, check_proofs
from certwright.core.validation.proof import Outcome
from certwright.errors import Fault, ValidationFailed
from certwright.model.names import DomainName
from certwright.model.records import DomainValidation
from certwright.resources.session import Session

_BUDGET = 2.0
_QUIET = frozenset({Outcome.PROVEN, Outcome.MISSING})


def preflight(session: Session, names: Sequence[DomainName], validations: Sequence[DomainValidation]) -> None:
    """Look at CAA and existing records of every name; raise `ValidationFailed` with all sure failures at once."""
    if not session.core.policy.preflight:
        return
    core = session.preview_core
    verdicts = check_caa_of(core, names, session.cancellation, _BUDGET)
    for verdict in verdicts:
        if verdict.is_error or (verdict.allowed and "forbids" in verdict.sentence):
            session.log.warning(verdict.sentence)
    for proof in check_proofs(core, validations, session.cancellation, _BUDGET):
        if proof.outcome not in _QUIET:
            session.log.warning(f"{proof.outcome.value}: {proof.sentence}")
    forbidden = [verdict for verdict in verdicts if not verdict.allowed and not verdict.is_error]
    if forbidden:
        fix = "Add one of certwright:caaIdentities to that CAA set, or remove it."
        raise ValidationFailed([Fault(item.name.text, "CAA_ERROR", item.sentence, fix) for item in forbidden])
