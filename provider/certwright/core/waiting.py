"""Wait until the version that matches a certificate's present inputs is issued, driving it meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass

from certwright.core.certificates import claim_certificate, view_certificate
from certwright.core.context import Core
from certwright.core.issuance import STEP_SECONDS, drive
from certwright.core.pinning import pin_trouble, shown_version
from certwright.core.status import version_status
from certwright.errors import Cancelled, LeaseLost, LeaseTaken, Refused, Unfinished
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateVersion, CertificateView
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 10.0
_GROWTH = 1.5
_LEAST = 1.0


class NotIssued(Unfinished):
    """Say why the certificate is not issued: `view` is how it stands, `is_final` whether waiting could not help."""

    def __init__(self, view: CertificateView, sentence: str, *, is_final: bool) -> None:
        self.view = view
        self.is_final = is_final
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is awaited and how many seconds are left."""

    waiting_for: str
    seconds_left: float


def wait_for_issue(
    core: Core,
    caller: Caller,
    arn: CertificateArn,
    seconds: float,
    cancellation: Cancellation,
    tell: Callable[[Progress], None],
) -> tuple[CertificateView, CertificateVersion]:
    """Return the certificate and its issued version; raise `NotIssued` after `seconds`, at a failure or when cancelled.

    Another process that works on the same version is waited for; progress says by whom.
    """
    deadline = core.clock.monotonic() + seconds
    view = claim_certificate(core, caller, arn)
    pause, sentence = _FIRST_PAUSE, view.newest.waiting_for or "asking DNS"
    while True:
        shown = usable_version(core, view)
        if shown is not None:
            return view, shown
        left = max(deadline - core.clock.monotonic(), _LEAST)
        tell(Progress(sentence, left))
        sentence = _attempt(core, caller, view, cancellation, left)
        view = view_certificate(core, caller, arn)
        if shown_version(core, view) is not None:
            continue
        left = deadline - core.clock.monotonic()
        _require_hope(core, view, sentence, left, seconds)
        tell(Progress(sentence, left))
        if cancellation.wait(min(pause, max(left, 0.0))):
            raise NotIssued(view, f"Stopped while waiting. {sentence}", is_final=False)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


def usable_version(core: Core, view: CertificateView) -> CertificateVersion | None:
    """Return the version to hand out; raise `Refused` for a pinned one that nothing may serve any more."""
    trouble = pin_trouble(core, view)
    if trouble is not None and trouble.is_final:
        raise Refused(trouble.sentence)
    return shown_version(core, view)


def _attempt(core: Core, caller: Caller, view: CertificateView, cancellation: Cancellation, seconds: float) -> str:
    newest = view.newest
    try:
        seconds = min(seconds, STEP_SECONDS)
        return drive(core, caller, newest.arn, newest.number, cancellation, seconds).waiting_for
    except (LeaseTaken, LeaseLost) as error:
        return f"{error} {newest.waiting_for}".rstrip()
    except Cancelled as error:
        raise NotIssued(view, str(error), is_final=False) from error


def _require_hope(core: Core, view: CertificateView, sentence: str, left: float, seconds: float) -> None:
    newest = view.newest
    if not newest.state.is_pending:
        status = version_status(newest, core.clock.now()).value
        raise NotIssued(
            view, f"Version {newest.number} is {status}: {newest.waiting_for or newest.reason}", is_final=True
        )
    if left <= 0:
        raise NotIssued(view, f"Not issued after {seconds:.0f} s. Still missing: {sentence}", is_final=False)
