"""Use cases of certificates: request, change, read, renew, delete. Each is short transactions; none waits."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from certwright.core.audit import record
from certwright.core.authority import MAY_EXIST
from certwright.core.changes import Plan, Step, is_overdue, plan_change
from certwright.core.context import Core
from certwright.core.pinning import pinned_after
from certwright.core.records import hand_out, validation_records
from certwright.core.renewal import renewal_of
from certwright.errors import NotFound
from certwright.model.arns import CertificateArn
from certwright.model.certificates import (
    Certificate,
    CertificateSpec,
    CertificateType,
    CertificateVersion,
    CertificateView,
    FailureReason,
    KeyRotation,
    RenewalOutputs,
    ValidationMethod,
    VersionCause,
    VersionState,
)
from certwright.model.records import DomainValidation
from certwright.model.scope import Caller
from certwright.ports.store import Transaction

_RECOVERY = "Run `pulumi refresh`: the next `pulumi up` makes a new one."


@dataclass(frozen=True, slots=True)
class CertificateWish:
    """What a declaration asks for; `digest` identifies it among retries of one Create."""

    spec: CertificateSpec
    validation_method: ValidationMethod
    early_renewal: timedelta | None
    key_rotation: KeyRotation
    renewal_outputs: RenewalOutputs
    export_enabled: bool
    repin: str
    tags: tuple[tuple[str, str], ...]
    default_tags: tuple[tuple[str, str], ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Requested:
    """A requested certificate, and whether it is the first that its account ever had."""

    view: CertificateView
    is_first: bool


class Gone(NotFound):
    """Say that the certificate was deleted: there is a tombstone."""


def request_certificate(core: Core, caller: Caller, urn: str, wish: CertificateWish) -> Requested:
    """Request a certificate (ACM RequestCertificate) in one transaction; safe to repeat.

    A repeated request of the same URN and digest that no engine has acknowledged returns the row it made before; one
    with another digest supersedes it.
    """
    validations = validation_records(core, caller, wish.spec.names)
    return core.store.write(lambda tx: _request(tx, core, caller, urn, wish, validations))


def view_certificate(core: Core, caller: Caller, arn: CertificateArn) -> CertificateView:
    """Return the caller's certificate; raise `Gone` for a tombstone, `NotFound` when it never was.

    A certificate of another account or Region does not exist for the caller (R8, T25).
    """
    return core.store.read(lambda tx: _own(tx, caller, arn))


def claim_certificate(core: Core, caller: Caller, arn: CertificateArn) -> CertificateView:
    """Return the certificate and note that the engine knows it; a claimed row never expires."""
    view = view_certificate(core, caller, arn)
    if view.certificate.claimed:
        return view
    return core.store.write(lambda tx: _claim(tx, core, caller, arn))


def change_certificate(core: Core, caller: Caller, arn: CertificateArn, wish: CertificateWish) -> CertificateView:
    """Bring a certificate to a wish: new version where `plan_change` says so, everything else in place."""
    validations = validation_records(core, caller, wish.spec.names)
    return core.store.write(lambda tx: _change(tx, core, caller, arn, wish, validations))


def renew_certificate(core: Core, caller: Caller, arn: CertificateArn) -> CertificateView:
    """Start a renewal when one is due and none is under way (ACM RenewCertificate); return the certificate as it is."""
    return core.store.write(lambda tx: _renew(tx, core, caller, arn))


def delete_certificate(core: Core, caller: Caller, arn: CertificateArn) -> None:
    """Leave a tombstone (ACM DeleteCertificate); gone already is success. Keys stay sealed in the store."""
    core.store.write(lambda tx: _delete(tx, core, caller, arn))


def certificates_due(core: Core, caller: Caller) -> Sequence[CertificateVersion]:
    """Return current versions whose stored renewal instant has come."""
    return core.store.read(lambda tx: tx.certificates.due(caller.scope, core.clock.now()))


def certificates_pending(core: Core, caller: Caller) -> Sequence[CertificateVersion]:
    """Return versions that wait for validation or issue."""
    return core.store.read(lambda tx: tx.certificates.pending(caller.scope))


def known_certificate(tx: Transaction, caller: Caller, arn: CertificateArn) -> CertificateView:
    """Return the certificate, also a deleted one; raise `NotFound` when there never was one of this ARN."""
    view = tx.certificates.view(arn) if arn.scope == caller.scope else None
    if view is None:
        msg = f"{arn} does not exist in this installation, account and Region. Check account, Region and store."
        raise NotFound(msg)
    return view


def _own(tx: Transaction, caller: Caller, arn: CertificateArn) -> CertificateView:
    view = known_certificate(tx, caller, arn)
    if view.certificate.deleted_at is not None:
        msg = f"{arn} was deleted on {view.certificate.deleted_at:%Y-%m-%d %H:%M} UTC. {_RECOVERY}"
        raise Gone(msg)
    return view


def _request(
    tx: Transaction,
    core: Core,
    caller: Caller,
    urn: str,
    wish: CertificateWish,
    validations: Sequence[DomainValidation],
) -> Requested:
    is_first = tx.certificates.is_empty(caller.account)
    earlier = tx.certificates.unclaimed(caller.scope, urn)
    if earlier is not None and earlier.input_digest == wish.digest:
        return Requested(_own(tx, caller, earlier.arn), is_first)
    now = core.clock.now()
    if earlier is not None:
        _supersede(tx, caller, earlier, now)
    arn = CertificateArn(
        caller.scope.region, caller.account, str(uuid.UUID(bytes=core.randomness.token(16), version=4))
    )
    certificate = _certificate(arn, urn, wish, now)
    version = CertificateVersion(
        arn, 1, wish.spec, VersionCause.REQUEST, "requested", VersionState.REQUESTED, requested_at=now
    )
    tx.certificates.add(certificate)
    tx.certificates.add_version(version)
    hand_out(tx, core, caller, validations)
    record(tx, caller, now, "RequestCertificate", str(arn), {"names": _names(wish.spec), "urn": urn})
    return Requested(CertificateView(certificate, version, None), is_first)


def _supersede(tx: Transaction, caller: Caller, earlier: Certificate, now: datetime) -> None:
    view = _own(tx, caller, earlier.arn)
    _bury(tx, caller, _cancel_newest(tx, caller, view, now).certificate, now, "SupersedeCertificate")


def _certificate(arn: CertificateArn, urn: str, wish: CertificateWish, now: datetime) -> Certificate:
    return Certificate(
        arn=arn,
        type=CertificateType.VALIDATED,
        spec=wish.spec,
        validation_method=wish.validation_method,
        early_renewal=wish.early_renewal,
        key_rotation=wish.key_rotation,
        renewal_outputs=wish.renewal_outputs,
        export_enabled=wish.export_enabled,
        repin=wish.repin,
        pinned_version=1 if wish.renewal_outputs is RenewalOutputs.PIN else None,
        tags=wish.tags,
        default_tags=wish.default_tags,
        urn=urn,
        input_digest=wish.digest,
        claimed=False,
        created_at=now,
        current_version=None,
        newest_version=1,
        deleted_at=None,
    )


def _claim(tx: Transaction, core: Core, caller: Caller, arn: CertificateArn) -> CertificateView:
    view = _own(tx, caller, arn)
    claimed = replace(view.certificate, claimed=True)
    tx.certificates.update(claimed)
    record(tx, caller, core.clock.now(), "ClaimCertificate", str(arn))
    return replace(view, certificate=claimed)


def _change(
    tx: Transaction,
    core: Core,
    caller: Caller,
    arn: CertificateArn,
    wish: CertificateWish,
    validations: Sequence[DomainValidation],
) -> CertificateView:
    view = _own(tx, caller, arn)
    now = core.clock.now()
    plan = plan_change(view, wish.spec, now, core.policy.validation_timeout)
    view = as_wished(_with_lead(tx, core, view, wish.early_renewal), wish, plan)
    if plan.step is Step.NEW_VERSION:
        view = add_version(tx, core, caller, view, plan)
        hand_out(tx, core, caller, validations)
    elif plan.step is Step.KEEP_CURRENT:
        view = _cancel_newest(tx, caller, view, now)
    tx.certificates.update(view.certificate)
    record(tx, caller, now, "UpdateCertificate", str(arn), {"names": _names(wish.spec), "step": plan.step.value})
    return view


def add_version(tx: Transaction, core: Core, caller: Caller, view: CertificateView, plan: Plan) -> CertificateView:
    """Add the version that a plan asks for; an unfinished older one is superseded, or timed out."""
    now = core.clock.now()
    overdue = is_overdue(view.newest, now, core.policy.validation_timeout)
    view = _time_out_newest(tx, caller, view, now) if overdue else _cancel_newest(tx, caller, view, now)
    number = view.certificate.newest_version + 1
    version = CertificateVersion(
        arn=view.certificate.arn,
        number=number,
        spec=view.certificate.spec,
        cause=plan.cause or VersionCause.CHANGE,
        reason=plan.reason,
        state=VersionState.REQUESTED,
        requested_at=now,
    )
    certificate = replace(view.certificate, newest_version=number)
    tx.certificates.add_version(version)
    tx.certificates.update(certificate)
    detail = {"version": str(number), "cause": version.cause.value, "reason": plan.reason}
    record(tx, caller, now, "StartVersion", str(certificate.arn), detail)
    return CertificateView(certificate, version, view.current)


def _cancel_newest(tx: Transaction, caller: Caller, view: CertificateView, now: datetime) -> CertificateView:
    newest = view.newest
    if not newest.state.is_pending:
        return view
    cancelled = replace(
        newest,
        state=VersionState.FAILED,
        failure_reason=FailureReason.SUPERSEDED,
        waiting_for="superseded by a later change",
    )
    _end(tx, newest, cancelled)
    record(tx, caller, now, "CancelVersion", str(newest.arn), {"version": str(newest.number)})
    return replace(view, newest=cancelled)


def _time_out_newest(tx: Transaction, caller: Caller, view: CertificateView, now: datetime) -> CertificateView:
    newest = view.newest
    timed_out = replace(newest, state=VersionState.TIMED_OUT)
    _end(tx, newest, timed_out)
    detail = {"version": str(newest.number), "waitingFor": newest.waiting_for}
    record(tx, caller, now, "TimeOutVersion", str(newest.arn), detail)
    return replace(view, newest=timed_out)


def _end(tx: Transaction, newest: CertificateVersion, ended: CertificateVersion) -> None:
    if newest.state is VersionState.SIGNING:
        tx.serials.mark(str(newest.authority_id), newest.serial or 0, MAY_EXIST)
    tx.certificates.update_version(ended)


def _with_lead(tx: Transaction, core: Core, view: CertificateView, early_renewal: timedelta | None) -> CertificateView:
    """Choose anew when the version in force is renewed, where another lead is declared."""
    current = view.current
    if current is None or current.renewal is None or early_renewal == view.certificate.early_renewal:
        return view
    decided = replace(current, renewal=renewal_of(current, early_renewal, core.randomness))
    tx.certificates.update_version(decided)
    newest = decided if view.newest.number == decided.number else view.newest
    return replace(view, newest=newest, current=decided)


def as_wished(view: CertificateView, wish: CertificateWish, plan: Plan) -> CertificateView:
    """Return the certificate with a wish applied, all but the version that the plan makes."""
    pinned = pinned_after(view, wish.renewal_outputs, wish.repin, plan)
    return replace(view, certificate=_with_wish(view.certificate, wish, pinned))


def _with_wish(certificate: Certificate, wish: CertificateWish, pinned: int | None) -> Certificate:
    return replace(
        certificate,
        claimed=True,
        spec=wish.spec,
        validation_method=wish.validation_method,
        early_renewal=wish.early_renewal,
        key_rotation=wish.key_rotation,
        renewal_outputs=wish.renewal_outputs,
        export_enabled=wish.export_enabled,
        repin=wish.repin,
        pinned_version=pinned,
        tags=wish.tags,
        default_tags=wish.default_tags,
        input_digest=wish.digest,
    )


def _renew(tx: Transaction, core: Core, caller: Caller, arn: CertificateArn) -> CertificateView:
    view = _own(tx, caller, arn)
    plan = plan_change(view, view.certificate.spec, core.clock.now(), core.policy.validation_timeout)
    if plan.step is not Step.NEW_VERSION:
        return view
    pinned = pinned_after(view, view.certificate.renewal_outputs, view.certificate.repin, plan)
    view = replace(view, certificate=replace(view.certificate, pinned_version=pinned))
    return add_version(tx, core, caller, view, plan)


def _delete(tx: Transaction, core: Core, caller: Caller, arn: CertificateArn) -> None:
    try:
        view = _own(tx, caller, arn)
    except Gone:
        return
    now = core.clock.now()
    view = _cancel_newest(tx, caller, view, now)
    _bury(tx, caller, view.certificate, now, "DeleteCertificate")


def _bury(tx: Transaction, caller: Caller, certificate: Certificate, now: datetime, action: str) -> None:
    tx.certificates.update(replace(certificate, deleted_at=now))
    record(tx, caller, now, action, str(certificate.arn), {"names": _names(certificate.spec)})


def _names(spec: CertificateSpec) -> str:
    return " ".join(name.text for name in spec.names)


def certificates_of(core: Core, caller: Caller) -> Sequence[CertificateView]:
    """Return every certificate of the caller's account and Region that is not deleted, oldest first."""
    return core.store.read(lambda tx: tx.certificates.views(caller.scope))
