"""The surroundings of one step on a version: its lease, and writes that hold only while nothing else changed it."""

from dataclasses import dataclass
from datetime import timedelta

from certwright.core.audit import record
from certwright.core.clock_guard import check_clock
from certwright.core.context import Core
from certwright.errors import Superseded
from certwright.model.certificates import CertificateVersion, CertificateView
from certwright.model.lease import Lease
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation
from certwright.ports.store import Transaction

LEASE_LIFE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Work:
    """One step's surroundings; `seconds` bounds its look at DNS."""

    core: Core
    caller: Caller
    lease: Lease
    cancellation: Cancellation
    seconds: float

    def store(
        self, before: CertificateVersion, after: CertificateVersion, action: str, detail: dict[str, str]
    ) -> CertificateVersion:
        """Store what a step made of `before`, with its audit event."""

        def write(tx: Transaction) -> None:
            self.require_unchanged(tx, before)
            tx.certificates.update_version(after)
            self.audit(tx, after, action, {"state": after.state.value, **detail})

        self.core.store.write(write)
        return after

    def require_unchanged(self, tx: Transaction, before: CertificateVersion) -> CertificateView:
        """Return the certificate; extend the lease.

        Raises `LeaseLost` when another worker took over, `Superseded` when a change or a deletion came in between, and
        `SigningRefused` when the clock went backwards. A stale copy of a version is never written back.
        """
        now = self.core.clock.now()
        check_clock(tx, now)
        tx.leases.extend(self.lease, now, LEASE_LIFE)
        view = tx.certificates.view(before.arn)
        if view is None or view.certificate.deleted_at is not None:
            msg = f"{before.arn} was deleted meanwhile; nothing was written"
            raise Superseded(msg)
        if view.newest.number != before.number or view.newest.state is not before.state:
            msg = f"version {before.number} of {before.arn} was superseded meanwhile; nothing was written"
            raise Superseded(msg)
        return view

    def audit(self, tx: Transaction, version: CertificateVersion, action: str, detail: dict[str, str]) -> None:
        """Append an audit event on a version."""
        described = {"version": str(version.number), **detail}
        record(tx, self.caller, self.core.clock.now(), action, str(version.arn), described)
