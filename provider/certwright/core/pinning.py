"""Which version a certificate's outputs show: the serving one under FOLLOW, the pinned one under PIN."""

from dataclasses import dataclass
from datetime import datetime

from certwright.core.changes import Plan, Step
from certwright.core.context import Core
from certwright.core.status import serving_version
from certwright.errors import NotFound
from certwright.model.certificates import (
    CertificateVersion,
    CertificateView,
    RenewalOutputs,
    VersionCause,
    VersionState,
)

_REPIN = "Change `repin` on the Certificate to move to the newest version."


@dataclass(frozen=True, slots=True)
class PinTrouble:
    """What is wrong with outputs that stay at a version: a warning, or final when nothing may serve it any more."""

    sentence: str
    is_final: bool


def pinned_after(view: CertificateView, outputs: RenewalOutputs, repin: str, plan: Plan) -> int | None:
    """Return the version that the outputs stay at once a wish is applied; None under FOLLOW.

    A change of what is declared moves on to the version it makes; a changed `repin` to the one that renews, else to the
    one in force; a renewal on its own to none, unless it replaces a version that the outputs waited for in vain.
    """
    if outputs is RenewalOutputs.FOLLOW:
        return None
    moves_on = repin != view.certificate.repin or _waits_in_vain(view, plan)
    if plan.step is Step.NEW_VERSION and (moves_on or plan.cause is not VersionCause.RENEWAL):
        return view.newest.number + 1
    pinned = view.certificate.pinned_version
    if pinned is None or moves_on or plan.step is Step.KEEP_CURRENT:
        return _present(view, plan, takes_renewal=moves_on)
    return pinned


def moves_outputs(wished: CertificateView, plan: Plan) -> bool:
    """Say whether a plan makes the version that the outputs of a certificate with the wish applied show next."""
    return plan.step is Step.NEW_VERSION and wished.certificate.pinned_version in {None, wished.newest.number + 1}


def _waits_in_vain(view: CertificateView, plan: Plan) -> bool:
    newest = view.newest
    is_awaited = view.certificate.pinned_version == newest.number and not newest.state.has_certificate
    return is_awaited and (plan.step is Step.NEW_VERSION or not newest.state.is_pending)


def _present(view: CertificateView, plan: Plan, *, takes_renewal: bool) -> int:
    is_awaited = view.newest.state.is_pending and (takes_renewal or view.newest.cause is not VersionCause.RENEWAL)
    if view.current is None or (is_awaited and plan.step is not Step.KEEP_CURRENT):
        return view.newest.number
    return view.current.number


def shown_version(core: Core, view: CertificateView) -> CertificateVersion | None:
    """Return the issued version that the outputs show now, None while it is not issued."""
    if view.certificate.pinned_version is None:
        return serving_version(view, core.clock.now())
    pinned = version_of(core, view, view.certificate.pinned_version)
    return pinned if pinned.state.has_certificate else None


def version_of(core: Core, view: CertificateView, number: int) -> CertificateVersion:
    """Return a version of the certificate, without a further read when the view has it."""
    for known in (view.current, view.newest):
        if known is not None and known.number == number:
            return known
    found = core.store.read(lambda tx: tx.certificates.version(view.certificate.arn, number))
    if found is None:
        msg = f"{view.certificate.arn} has no version {number}"
        raise NotFound(msg)
    return found


def pin_trouble(core: Core, view: CertificateView) -> PinTrouble | None:
    """Return why to move on from the pinned version: its renewal window is open, it expired or was revoked."""
    number = view.certificate.pinned_version
    if number is None or number > view.newest.number:
        return None
    return judge_pin(version_of(core, view, number), core.clock.now())


def judge_pin(pinned: CertificateVersion, now: datetime) -> PinTrouble | None:
    """Judge a pinned version at an instant."""
    what = f"The pinned version {pinned.number}"
    if pinned.state is VersionState.REVOKED:
        return PinTrouble(f"{what} was revoked. {_REPIN}", is_final=True)
    if pinned.not_after is not None and now >= pinned.not_after:
        return PinTrouble(f"{what} expired on {pinned.not_after:%Y-%m-%d}. {_REPIN}", is_final=True)
    if pinned.renewal is not None and pinned.not_after is not None and now >= pinned.renewal.window_start:
        return PinTrouble(f"{what} ends on {pinned.not_after:%Y-%m-%d}. {_REPIN}", is_final=False)
    return None
