"""Diff of a Certificate: which declared properties changed in meaning, and what the store knows beyond the state."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from certwright.core.changes import Plan, Step
from certwright.core.names import canonical
from certwright.core.pinning import moves_outputs, pinned_after
from certwright.model.certificates import CertificateVersion, CertificateView, VersionCause
from certwright.model.policy import Policy
from certwright.resources.certificate_meaning import ATTRIBUTES, meanings
from certwright.resources.certificate_types import CertificateArgs
from certwright.resources.fields import Decoded
from certwright.resources.session import ChangeKind, Hidden, PropertyChange

ROTATING = ("notBefore", "notAfter", "serial")
_SANS = "subjectAlternativeNames"
Rotation = tuple[tuple[PropertyChange, ...], str]


def input_changes(old: CertificateArgs, new: Decoded[CertificateArgs], policy: Policy) -> tuple[PropertyChange, ...]:
    """Return every declared property that changed in meaning; order, case and trailing dots of names mean nothing."""
    unknown = [PropertyChange(path, ChangeKind.UPDATE) for path in sorted(new.unknown)]
    known = [change for change in _changes(old, new, policy) if new.is_known(change.path.partition("[")[0])]
    return (*unknown, *known)


def _changes(old: CertificateArgs, new: Decoded[CertificateArgs], policy: Policy) -> Iterator[PropertyChange]:
    if new.is_known("domainName") and new.is_known(_SANS):
        yield from _name_changes(old, new.args)
    before, after = meanings(old, policy), meanings(new.args, policy)
    for path, value in after.items():
        if value != before[path]:
            yield PropertyChange(path, _kind(old, new.args, path))
    yield from _tag_changes(dict(old.tags), dict(new.args.tags))


def _name_changes(old: CertificateArgs, new: CertificateArgs) -> Iterator[PropertyChange]:
    before, after = _first(old), _first(new)
    if before != after:
        yield PropertyChange("domainName", ChangeKind.UPDATE if before else ChangeKind.ADD)
    added = _indices_outside(new.subject_alternative_names, _names(old))
    removed = _indices_outside(old.subject_alternative_names, _names(new))
    for index in sorted(added | removed):
        kind = (
            ChangeKind.DELETE if index not in added else ChangeKind.ADD if index not in removed else ChangeKind.UPDATE
        )
        yield PropertyChange(f"{_SANS}[{index}]", kind)


def _first(args: CertificateArgs) -> str:
    return canonical(args.domain_name or "").text


def _names(args: CertificateArgs) -> frozenset[str]:
    return frozenset({_first(args), *(canonical(text).text for text in args.subject_alternative_names)})


def _indices_outside(texts: Sequence[str], others: frozenset[str]) -> set[int]:
    return {index for index, text in enumerate(texts) if canonical(text).text not in others}


def _kind(old: CertificateArgs, new: CertificateArgs, path: str) -> ChangeKind:
    attribute = ATTRIBUTES[path]
    if getattr(old, attribute) is None:
        return ChangeKind.ADD
    return ChangeKind.DELETE if getattr(new, attribute) is None else ChangeKind.UPDATE


def _tag_changes(old: dict[str, str], new: dict[str, str]) -> Iterator[PropertyChange]:
    for key in sorted({**old, **new}):
        if old.get(key) != new.get(key):
            kind = ChangeKind.ADD if key not in old else ChangeKind.DELETE if key not in new else ChangeKind.UPDATE
            escaped = key.replace("\\", "\\\\").replace('"', '\\"')
            yield PropertyChange(f'tags["{escaped}"]', kind)


def rotation(view: CertificateView, hidden: Hidden, plan: Plan, target: CertificateVersion | None) -> Rotation | None:
    """Return the change of the rotating outputs that the store causes without a change of inputs, with its reason.

    `target` is the issued version that the outputs are to show. Outputs that never showed a version stay so: the
    CertificateValidation has them.
    """
    certificate = view.certificate
    pinned = pinned_after(view, certificate.renewal_outputs, certificate.repin, plan)
    if moves_outputs(replace(view, certificate=replace(certificate, pinned_version=pinned)), plan):
        return rotating(), plan.reason
    if target is not None and hidden.shown and target.number != hidden.shown:
        return rotating(), f"version {target.number} is in force: {target.reason}"
    if certificate.pinned_version is not None:
        return None
    if target is not None and target.number > hidden.version:
        return rotating(), f"version {target.number} is in force: {target.reason}"
    if plan.step is Step.GO_ON and view.newest.cause is VersionCause.RENEWAL:
        return rotating(), f"a renewal is under way: {plan.reason}"
    return None


def not_applied(view: CertificateView, hidden: Hidden, wanted_digest: str) -> Rotation | None:
    """Return the change of a declaration that is the same as before but never reached the store."""
    if hidden.digest == wanted_digest == view.certificate.input_digest:
        return None
    return (PropertyChange("status", ChangeKind.UPDATE, is_input=False),), "what is declared was not applied yet"


def default_tags_changed(view: CertificateView, defaults: tuple[tuple[str, str], ...]) -> Rotation | None:
    """Return the change that other default tags of the configuration make."""
    if view.certificate.default_tags == defaults:
        return None
    return (PropertyChange("tagsAll", ChangeKind.UPDATE, is_input=False),), "certwright:defaultTags changed"


def rotating() -> tuple[PropertyChange, ...]:
    """Return the outputs that a new version changes."""
    return tuple(PropertyChange(name, ChangeKind.UPDATE, is_input=False) for name in ROTATING)
