"""Diff of a Certificate: which declared properties changed in meaning, and what the store knows beyond the state."""

from collections.abc import Iterator, Sequence

from certwright.core.changes import Plan, Step
from certwright.model.certificates import CertificateView, RenewalOutputs, VersionCause
from certwright.model.policy import Policy
from certwright.resources.certificate_inputs import parsed_names, wish_of
from certwright.resources.certificate_types import CertificateArgs
from certwright.resources.fields import Decoded
from certwright.resources.session import ChangeKind, Hidden, PropertyChange

ROTATING = ("notBefore", "notAfter", "serial")


def input_changes(old: CertificateArgs, new: Decoded[CertificateArgs], policy: Policy) -> tuple[PropertyChange, ...]:
    """Return every declared property that changed in meaning; order, case and trailing dots of names mean nothing."""
    unknown = [PropertyChange(path, ChangeKind.UPDATE) for path in sorted(new.unknown)]
    known = [change for change in _changes(old, new.args, policy) if new.is_known(change.path.partition("[")[0])]
    return (*unknown, *known)


def _changes(old: CertificateArgs, new: CertificateArgs, policy: Policy) -> Iterator[PropertyChange]:
    yield from _name_changes(old, new)
    before, after = _meanings(old, policy), _meanings(new, policy)
    for path, value in after.items():
        if value != before[path]:
            yield PropertyChange(path, _kind(old, new, path))
    yield from _tag_changes(dict(old.tags), dict(new.tags))


def _name_changes(old: CertificateArgs, new: CertificateArgs) -> Iterator[PropertyChange]:
    before, after = parsed_names(old).names, parsed_names(new).names
    if before and after and before[0] != after[0]:
        yield PropertyChange("domainName", ChangeKind.UPDATE)
    elif bool(before) != bool(after):
        yield PropertyChange("domainName", ChangeKind.ADD if after else ChangeKind.DELETE)
    yield from _list_changes(new.subject_alternative_names, _texts(old), ChangeKind.ADD)
    yield from _list_changes(old.subject_alternative_names, _texts(new), ChangeKind.DELETE)


def _list_changes(texts: Sequence[str], others: set[str], kind: ChangeKind) -> Iterator[PropertyChange]:
    for index, text in enumerate(texts):
        if text.lower().removesuffix(".") not in others:
            yield PropertyChange(f"subjectAlternativeNames[{index}]", kind)


def _texts(args: CertificateArgs) -> set[str]:
    return {name.text for name in parsed_names(args).names}


def _meanings(args: CertificateArgs, policy: Policy) -> dict[str, object]:
    wish = wish_of(args, parsed_names(args), policy, ())
    return {
        "validationMethod": wish.validation_method,
        "keyAlgorithm": wish.spec.key_algorithm,
        "issuer": wish.spec.issuer,
        "validity": wish.spec.lifetime,
        "options": wish.export_enabled,
        "earlyRenewalDuration": wish.early_renewal,
        "keyRotation": wish.key_rotation,
        "renewalOutputs": wish.renewal_outputs,
        "repin": args.repin or "",
    }


_ATTRIBUTES = {
    "validationMethod": "validation_method",
    "keyAlgorithm": "key_algorithm",
    "earlyRenewalDuration": "early_renewal_duration",
    "keyRotation": "key_rotation",
    "renewalOutputs": "renewal_outputs",
}


def _kind(old: CertificateArgs, new: CertificateArgs, path: str) -> ChangeKind:
    attribute = _ATTRIBUTES.get(path, path)
    if getattr(old, attribute) is None:
        return ChangeKind.ADD
    return ChangeKind.DELETE if getattr(new, attribute) is None else ChangeKind.UPDATE


def _tag_changes(old: dict[str, str], new: dict[str, str]) -> Iterator[PropertyChange]:
    for key in sorted({**old, **new}):
        if old.get(key) != new.get(key):
            kind = ChangeKind.ADD if key not in old else ChangeKind.DELETE if key not in new else ChangeKind.UPDATE
            yield PropertyChange(f'tags["{key}"]', kind)


def output_changes(
    view: CertificateView, hidden: Hidden, plan: Plan, wanted_digest: str, outputs: RenewalOutputs, *, repinned: bool
) -> tuple[tuple[PropertyChange, ...], tuple[str, ...]]:
    """Return output changes that the store causes without a change of inputs, each with its reason."""
    follows = outputs is RenewalOutputs.FOLLOW or repinned
    if plan.step is Step.NEW_VERSION and (follows or plan.cause is not VersionCause.RENEWAL):
        return _rotating(), (plan.reason,)
    if follows and view.current is not None and view.current.number > hidden.version:
        reason = f"version {view.current.number} is in force: {view.current.reason}"
        return _rotating(), (reason,)
    if plan.step is Step.GO_ON and follows and view.newest.cause is VersionCause.RENEWAL:
        return _rotating(), (f"a renewal is under way: {plan.reason}",)
    if hidden.digest != wanted_digest:
        return (PropertyChange("status", ChangeKind.UPDATE, is_input=False),), ("what is declared was not applied yet",)
    return (), ()


def _rotating() -> tuple[PropertyChange, ...]:
    return tuple(PropertyChange(name, ChangeKind.UPDATE, is_input=False) for name in ROTATING)
