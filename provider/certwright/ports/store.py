"""The store: transactions over rows that all carry their account."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from certwright.model.arns import CertificateArn
from certwright.model.audit import AuditEvent
from certwright.model.authorities import Authority, AuthorityRole
from certwright.model.certificates import Certificate, CertificateVersion, CertificateView, HandedOutName
from certwright.model.damage import Damage
from certwright.model.installation import AccountSecret, Installation, KeyEncryptionKey
from certwright.model.lease import Lease
from certwright.model.names import DomainName
from certwright.model.revocations import ReservedSerial, Revocation, RevocationLogEntry
from certwright.model.scope import Scope
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import ZoneRecordHold

T = TypeVar("T")


class InstallationRows(Protocol):
    """The installation row and the clock's high-water mark."""

    def get(self) -> Installation | None:
        """Return the store's installation, None in a store that was never initialised."""
        ...

    def add(self, installation: Installation) -> bool:
        """Add the one row; return False when there is one already."""
        ...

    def keep_seal_key(self, wrapped: bytes) -> None:
        """Keep the wrapped key that seals the rows; raise `NotFound` without an installation."""
        ...

    def keep_master_key(self, key_check: str, seal_key: bytes) -> None:
        """Keep what recognises another master key, and the seal key as that one wraps it; raise `NotFound`."""
        ...

    def is_alone(self) -> bool:
        """Say whether no other table of the store holds a row."""
        ...

    def clock_mark(self) -> datetime:
        """Return the high-water mark; raise `NotFound` without an installation."""
        ...

    def reset_clock(self, now: datetime) -> None:
        """Put the high-water mark to `now`, wherever it was."""
        ...

    def advance_clock(self, now: datetime) -> datetime:
        """Raise the high-water mark to `now` if more than a second later; return the mark as it was before."""
        ...


class KeyRows(Protocol):
    """Wrapped key-encryption keys and account secrets; generations only grow."""

    def newest_kek(self, scope: Scope) -> KeyEncryptionKey | None:
        """Return the scope's newest key-encryption key."""
        ...

    def kek(self, scope: Scope, generation: int) -> KeyEncryptionKey | None:
        """Return one generation."""
        ...

    def add_kek(self, key: KeyEncryptionKey) -> bool:
        """Add a generation; return False when it exists."""
        ...

    def scopes(self, account: str) -> Sequence[Scope]:
        """Return the scopes of the account that have a key-encryption key, the account's own first."""
        ...

    def every_kek(self) -> Sequence[KeyEncryptionKey]:
        """Return every generation of every account and Region."""
        ...

    def update_kek(self, key: KeyEncryptionKey) -> None:
        """Replace the row of the same generation; raise `NotFound` when there is none."""
        ...

    def has_sealed(self, scope: Scope) -> bool:
        """Say whether the store holds anything that is sealed under the scope's key-encryption key."""
        ...

    def not_sealed_under(
        self, scope: Scope, generation: int, after: CertificateVersion | None, limit: int
    ) -> Sequence[CertificateVersion]:
        """Return versions, deleted certificates' too, whose key is sealed under another generation of the scope's.

        They come ordered by certificate and number: at most `limit`, from the one that follows `after`.
        """
        ...

    def newest_secret(self, account: str) -> AccountSecret | None:
        """Return the account's newest secret."""
        ...

    def secrets(self, account: str) -> Sequence[AccountSecret]:
        """Return every generation of the account's secret, oldest first."""
        ...

    def add_secret(self, secret: AccountSecret) -> bool:
        """Add a generation; return False when it exists."""
        ...

    def update_secret(self, secret: AccountSecret) -> None:
        """Replace the row of the same generation; raise `NotFound` when there is none."""
        ...


class NameRows(Protocol):
    """Names handed out, with their records."""

    def records(self, account: str, purpose: str, names: Sequence[DomainName]) -> Sequence[HandedOutName]:
        """Return those of the names that were handed out."""
        ...

    def is_empty(self, account: str) -> bool:
        """Say whether no name of the account was ever handed out."""
        ...

    def add(self, names: Sequence[HandedOutName]) -> None:
        """Store names; one that exists already stays as it is."""
        ...


class CertificateRows(Protocol):
    """Certificates and their versions; every query carries the account."""

    def view(self, arn: CertificateArn) -> CertificateView | None:
        """Return the certificate with newest and current version in one read; deleted ones too."""
        ...

    def views(self, scope: Scope) -> Sequence[CertificateView]:
        """Return all that are not deleted, oldest first."""
        ...

    def arns(self, scope: Scope) -> Sequence[CertificateArn]:
        """Return what is not deleted, oldest first; a row that cannot be read otherwise is among them (S15)."""
        ...

    def begun_after(self, now: datetime) -> Sequence[CertificateArn]:
        """Return the live certificates of all accounts whose current version is not valid before a later instant."""
        ...

    def is_empty(self, account: str) -> bool:
        """Say whether the account never had a certificate; deleted ones count."""
        ...

    def version(self, arn: CertificateArn, number: int) -> CertificateVersion | None:
        """Return one version."""
        ...

    def unclaimed(self, scope: Scope, urn: str) -> Certificate | None:
        """Return the live row of the URN that no engine has acknowledged yet."""
        ...

    def naming(self, account: str, base: DomainName) -> Sequence[CertificateArn]:
        """Return the live certificates of the account, in all Regions, that have `base` or its wildcard as a name."""
        ...

    def add(self, certificate: Certificate) -> None:
        """Add a certificate."""
        ...

    def update(self, certificate: Certificate) -> None:
        """Replace the row of the same ARN; raise `NotFound` when there is none."""
        ...

    def add_version(self, version: CertificateVersion) -> None:
        """Add a version; its number must be new."""
        ...

    def update_version(self, version: CertificateVersion) -> None:
        """Replace the row of the same ARN and number; raise `NotFound` when there is none."""
        ...

    def pending(self, scope: Scope) -> Sequence[CertificateVersion]:
        """Return pending versions of live certificates, oldest first."""
        ...

    def due(self, scope: Scope, now: datetime) -> Sequence[CertificateVersion]:
        """Return current versions of live certificates whose renewal instant has come, most urgent first."""
        ...


class SerialRows(Protocol):
    """Serial numbers, unique per issuer for ever."""

    def reserve(self, issuer_id: str, serial: int, subject: str, at: datetime) -> bool:
        """Reserve a serial for a subject (ARN#version); return False when the issuer has it already."""
        ...

    def intend(self, issuer_id: str, serial: int, tbs: bytes, public_key: bytes) -> None:
        """Keep the TBS (DER) and its SubjectPublicKeyInfo (DER) with a reserved serial, before the signature.

        They stay whatever comes of it: what may have been signed must be revocable, also by its key. Raises `NotFound`.
        """
        ...

    def mark(self, issuer_id: str, serial: int, outcome: str) -> None:
        """Record ISSUED, or MAY_EXIST after a crash around the signature."""
        ...

    def get(self, issuer_id: str, serial: int) -> ReservedSerial | None:
        """Return what the issuer gave the serial out for, None when it never did."""
        ...


class RevocationRows(Protocol):
    """Revocations, which nothing changes or removes, and the logs that hold them outside the store (T9)."""

    def get(self, issuer_id: str, serial: int) -> Revocation | None:
        """Return the revocation of a serial."""
        ...

    def all(self) -> Sequence[Revocation]:
        """Return every revocation of every account, oldest first."""
        ...

    def count(self) -> int:
        """Return how many there are."""
        ...

    def add(self, revocation: Revocation) -> bool:
        """Add a revocation; return False, with the first one kept, when the serial is revoked already."""
        ...

    def logs(self) -> Sequence[RevocationLogEntry]:
        """Return every log by its number; the last one is in use."""
        ...

    def add_log(self, log: RevocationLogEntry) -> None:
        """Add a log; its number and id must be new."""
        ...

    def update_log(self, log: RevocationLogEntry) -> None:
        """Replace the row of the same number; raise `NotFound` when there is none."""
        ...


class AuthorityRows(Protocol):
    """Generations of roots and issuing CAs."""

    def all(self, scope: Scope, role: AuthorityRole) -> Sequence[Authority]:
        """Return every generation, oldest first; a root's scope has an empty Region."""
        ...

    def get(self, account: str, authority_id: str) -> Authority | None:
        """Return one authority."""
        ...

    def add(self, authority: Authority) -> bool:
        """Add a generation; return False when it exists."""
        ...

    def update(self, authority: Authority) -> None:
        """Replace the row of the same id."""
        ...


class LeaseRows(Protocol):
    """Leases; time is the caller's clock."""

    def take(self, subject: str, owner: str, now: datetime, life: timedelta) -> Lease | None:
        """Take the lease when it is free, expired or ours already, with a higher epoch; None when taken."""
        ...

    def holder(self, subject: str) -> Lease | None:
        """Return the present lease, expired or not."""
        ...

    def require(self, lease: Lease, now: datetime) -> None:
        """Raise `LeaseLost` unless the epoch is still the newest and has not expired."""
        ...

    def extend(self, lease: Lease, now: datetime, life: timedelta) -> Lease:
        """Return the lease with the same epoch and an end at `now + life`, never an earlier one; raise `LeaseLost`."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease up; nothing happens when it was lost."""
        ...


class AuditRows(Protocol):
    """The hash chain of each account."""

    def last(self, account: str) -> AuditEvent | None:
        """Return the newest event."""
        ...

    def last_of(self, account: str, actions: Sequence[str]) -> AuditEvent | None:
        """Return the newest event with one of these actions."""
        ...

    def add(self, event: AuditEvent) -> None:
        """Append an event; account and sequence are unique."""
        ...

    def events(self, account: str, after: int, limit: int) -> Sequence[AuditEvent]:
        """Return events with a sequence above `after`, in order."""
        ...


class ZoneRecordRows(Protocol):
    """Holds of ValidationRecord resources."""

    def get(self, account: str, hold_id: str) -> ZoneRecordHold | None:
        """Return a hold."""
        ...

    def hold(self, hold: ZoneRecordHold) -> None:
        """Add a hold, or replace the one of the same account and id."""
        ...

    def release(self, hold: ZoneRecordHold) -> None:
        """Remove a hold; gone already is success."""
        ...

    def holders(self, zone: str, name: str) -> Sequence[ZoneRecordHold]:
        """Return all holds on records of that name, in all accounts, oldest first."""
        ...


class IntegrityRows(Protocol):
    """Every row's seal, and the number of rows that each table should have (S15).

    Every write seals what it writes and counts what it adds and removes.
    """

    def seal_everything(self) -> None:
        """Seal and count every row as it stands: for a store that was never sealed."""
        ...

    def damages(self) -> Iterator[Damage]:
        """Yield every row that was changed, moved or added, and how many are missing; inside its transaction only."""
        ...


class Transaction(Protocol):
    """One unit of work: all of it is stored, or nothing."""

    @property
    def installations(self) -> InstallationRows: ...
    @property
    def keys(self) -> KeyRows: ...
    @property
    def names(self) -> NameRows: ...
    @property
    def certificates(self) -> CertificateRows: ...
    @property
    def serials(self) -> SerialRows: ...
    @property
    def revocations(self) -> RevocationRows: ...
    @property
    def authorities(self) -> AuthorityRows: ...
    @property
    def leases(self) -> LeaseRows: ...
    @property
    def audit(self) -> AuditRows: ...
    @property
    def zone_records(self) -> ZoneRecordRows: ...
    @property
    def integrity(self) -> IntegrityRows: ...


class Store(Protocol):
    """Serializable transactions.

    `work` may run more than once (serialization failures are retried with jitter), so it has no effect outside the
    transaction: no network, no signing, no mail. An exception rolls back. `StoreUnavailable` says that the store cannot
    be reached; it is never an empty answer. Nothing can be written before `seal_rows_with`: `KeyUnavailable`.
    """

    def seal_rows_with(self, key: SecretBytes) -> None:
        """Seal rows under this key (32 bytes) from now on; every process of a store uses the same."""
        ...

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run a read-only unit of work."""
        ...

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run a unit of work and commit it durably before returning."""
        ...

    def close(self) -> None:
        """Release connections; the store is not used afterwards."""
        ...


class Leftovers(Protocol):
    """What the files of a store keep of rows that were replaced or removed: in free space, in logs."""

    def wipe_leftovers(self) -> None:
        """Rewrite files, or the tables of keys, so that nothing of it is left.

        Raise `StoreUnavailable` when another process keeps it from that; then it can be called again.
        """
        ...
