"""What preview can say of DNS before anything is made: sure failures are errors, possible ones warnings."""

from collections.abc import Sequence

from certwright.core.names import ParsedNames
from certwright.core.validation.caa import CaaVerdict
from certwright.core.validation.control import check_caa_of, check_proofs
from certwright.core.validation.proof import NameProof, Outcome
from certwright.errors import Fault, ValidationFailed
from certwright.model.records import DomainValidation
from certwright.resources.session import Session

_BUDGET = 2.0
_QUIET = frozenset({Outcome.PROVEN, Outcome.MISSING})
_FIX = "Add one of certwright:caaIdentities to that CAA set, or remove it."


def preflight(
    session: Session, names: ParsedNames, validations: Sequence[DomainValidation], *, only_warns: bool = False
) -> None:
    """Look at CAA and existing records of every name; raise `ValidationFailed` with all sure failures at once.

    `only_warns` logs them instead, for a renewal that may come later.
    """
    if not session.core.policy.preflight:
        return
    core = session.preview_core
    verdicts = check_caa_of(core, names.names, session.cancellation, _BUDGET, is_early=True)
    _warn(session, [verdict.sentence for verdict in verdicts if verdict.is_warning])
    _warn_once(session, "CAA look-ups", [verdict.sentence for verdict in verdicts if verdict.is_error])
    proofs = check_proofs(core, validations, session.cancellation, _BUDGET)
    _warn(session, [_told(proof) for proof in proofs if proof.outcome not in _QUIET | {Outcome.LOOKUP_FAILED}])
    failed = [_told(proof) for proof in proofs if proof.outcome is Outcome.LOOKUP_FAILED]
    _warn_once(session, "look-ups of validation records", failed)
    faults = _forbidden(names, verdicts)
    if faults and not only_warns:
        raise ValidationFailed(faults)
    _warn(session, [str(fault) for fault in faults])


def _warn(session: Session, sentences: Sequence[str]) -> None:
    for sentence in dict.fromkeys(sentences):
        session.log.warning(sentence)


def _warn_once(session: Session, what: str, sentences: Sequence[str]) -> None:
    """Tell the first of many like failures and their number: names on one dead server all say the same."""
    told = list(dict.fromkeys(sentences))
    if told:
        session.log.warning(told[0] if len(told) == 1 else f"{len(told)} {what} failed, the first: {told[0]}")


def _told(proof: NameProof) -> str:
    return f"{proof.outcome.value}: {proof.sentence}"


def _forbidden(names: ParsedNames, verdicts: Sequence[CaaVerdict]) -> list[Fault]:
    paths = dict(zip(names.names, names.paths, strict=True))
    return [
        Fault(paths[verdict.name], "CAA_ERROR", verdict.sentence, _FIX)
        for verdict in verdicts
        if not verdict.allowed and not verdict.is_error
    ]
