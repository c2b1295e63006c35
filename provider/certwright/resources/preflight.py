"""What preview can say of DNS before anything is made: sure failures are errors, possible ones warnings."""

from collections.abc import Sequence

from certwright.core.names import ParsedNames
from certwright.core.validation.caa import CaaVerdict
from certwright.core.validation.control import check_caa_of, check_proofs
from certwright.core.validation.proof import Outcome
from certwright.errors import Fault, ValidationFailed
from certwright.model.records import DomainValidation
from certwright.resources.session import Session

_BUDGET = 2.0
_QUIET = frozenset({Outcome.PROVEN, Outcome.MISSING})
_FIX = "Add one of certwright:caaIdentities to that CAA set, or remove it."


def preflight(session: Session, names: ParsedNames, validations: Sequence[DomainValidation]) -> None:
    """Look at CAA and existing records of every name; raise `ValidationFailed` with all sure failures at once."""
    if not session.core.policy.preflight:
        return
    core = session.preview_core
    verdicts = check_caa_of(core, names.names, session.cancellation, _BUDGET)
    for sentence in dict.fromkeys(verdict.sentence for verdict in verdicts if verdict.is_error or verdict.is_warning):
        session.log.warning(sentence)
    for proof in check_proofs(core, validations, session.cancellation, _BUDGET):
        if proof.outcome not in _QUIET:
            session.log.warning(f"{proof.outcome.value}: {proof.sentence}")
    _require_allowed(names, verdicts)


def _require_allowed(names: ParsedNames, verdicts: Sequence[CaaVerdict]) -> None:
    paths = dict(zip(names.names, names.paths, strict=True))
    faults = [
        Fault(paths[verdict.name], "CAA_ERROR", verdict.sentence, _FIX)
        for verdict in verdicts
        if not verdict.allowed and not verdict.is_error
    ]
    if faults:
        raise ValidationFailed(faults)
