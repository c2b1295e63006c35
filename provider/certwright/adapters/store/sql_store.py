"""The store on SQLite and PostgreSQL (ports.store.Store)."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, NestedTransaction, exc, make_url

from certwright.adapters.store.batches import Batches, Job
from certwright.adapters.store.certificate_rows import SqlCertificateRows
from certwright.adapters.store.engines import engine_of, transaction
from certwright.adapters.store.integrity_rows import SqlIntegrityRows
from certwright.adapters.store.key_rows import SqlInstallationRows, SqlNameRows, SqlSerialRows
from certwright.adapters.store.leftovers import wipe
from certwright.adapters.store.revocation_rows import SqlRevocationRows
from certwright.adapters.store.schema import require_schema
from certwright.adapters.store.sealed_rows import SqlKeyRows
from certwright.adapters.store.seals import Seals
from certwright.adapters.store.statements import RowWriter
from certwright.adapters.store.troubles import is_retryable, require_sound_disk, translate
from certwright.adapters.store.turns import Turns
from certwright.adapters.store.work_rows import SqlAuditRows, SqlAuthorityRows, SqlLeaseRows, SqlZoneRecordRows
from certwright.model.secret import SecretBytes

T = TypeVar("T")
_RETRY_SECONDS = 30.0


class SqlTransaction:
    """One unit of work over one connection (ports.store.Transaction)."""

    def __init__(self, connection: Connection, seals: Seals) -> None:
        self._connection = connection
        self._seals = seals
        self._writer = RowWriter(connection, seals)

    def settle(self) -> None:
        """Write what belongs to the whole transaction; call it last."""
        self._writer.settle()

    @cached_property
    def installations(self) -> SqlInstallationRows:
        """Return the installation row."""
        return SqlInstallationRows(self._connection, self._writer)

    @cached_property
    def keys(self) -> SqlKeyRows:
        """Return wrapped keys and account secrets."""
        return SqlKeyRows(self._connection, self._writer)

    @cached_property
    def names(self) -> SqlNameRows:
        """Return names handed out."""
        return SqlNameRows(self._connection, self._writer)

    @cached_property
    def certificates(self) -> SqlCertificateRows:
        """Return certificates and versions."""
        return SqlCertificateRows(self._connection, self._writer)

    @cached_property
    def serials(self) -> SqlSerialRows:
        """Return serial numbers."""
        return SqlSerialRows(self._connection, self._writer)

    @cached_property
    def revocations(self) -> SqlRevocationRows:
        """Return revocations and their logs."""
        return SqlRevocationRows(self._connection, self._writer)

    @cached_property
    def authorities(self) -> SqlAuthorityRows:
        """Return roots and issuing CAs."""
        return SqlAuthorityRows(self._connection, self._writer)

    @cached_property
    def leases(self) -> SqlLeaseRows:
        """Return leases."""
        return SqlLeaseRows(self._connection, self._writer)

    @cached_property
    def audit(self) -> SqlAuditRows:
        """Return the audit log."""
        return SqlAuditRows(self._connection, self._writer)

    @cached_property
    def zone_records(self) -> SqlZoneRecordRows:
        """Return holds on zone records."""
        return SqlZoneRecordRows(self._connection, self._writer)

    @cached_property
    def integrity(self) -> SqlIntegrityRows:
        """Return seals and tallies."""
        return SqlIntegrityRows(self._connection, self._writer, self._seals)


@dataclass(frozen=True, slots=True)
class SqlStore:
    """Serializable transactions over an engine; callers queue for their turn, and locks and conflicts are retried.

    SQLite has one writer, and a commit takes it as long as the disk does: what waits meanwhile is committed together.
    """

    engine: Engine
    place: str
    turns: Turns
    seals: Seals
    batches: Batches = field(default_factory=Batches)

    def seal_rows_with(self, key: SecretBytes) -> None:
        """Seal rows under this key from now on."""
        self.seals.use(key)

    def read(self, work: Callable[[SqlTransaction], T]) -> T:
        """Run a read-only unit of work."""
        return self._run(work, reads_only=True)

    def write(self, work: Callable[[SqlTransaction], T]) -> T:
        """Run a unit of work and commit it durably before returning."""
        return self._run(work, reads_only=False)

    def wipe_leftovers(self) -> None:
        """Rewrite the store so that nothing replaced or removed is left in it."""
        with self.turns.turn(self.place, reads_only=False):
            require_sound_disk(self.place)
            try:
                wipe(self.engine, self.place)
            except exc.SQLAlchemyError as error:
                raise translate(error, self.place) from error

    def close(self) -> None:
        """Release connections."""
        self.engine.dispose()

    def _run(self, work: Callable[[SqlTransaction], T], *, reads_only: bool) -> T:
        deadline = None
        while True:
            try:
                return self._attempt(work, reads_only=reads_only)
            except exc.SQLAlchemyError as error:
                # The time runs from the first conflict: the queue before it is no attempt.
                deadline = deadline or time.monotonic() + _RETRY_SECONDS
                if not is_retryable(error) or time.monotonic() > deadline:
                    raise translate(error, self.place) from error
            time.sleep(random.uniform(0.01, 0.2))  # noqa: S311 - jitter

    def _attempt(self, work: Callable[[SqlTransaction], T], *, reads_only: bool) -> T:
        self.turns.require_none()
        if not reads_only and self.engine.dialect.name == "sqlite":
            return self.batches.run(work, self._perform, self.place)
        with self._begun(reads_only=reads_only) as connection:
            return self._work(connection, work)

    @contextmanager
    def _begun(self, *, reads_only: bool) -> Iterator[Connection]:
        with self.turns.turn(self.place, reads_only=reads_only):
            require_sound_disk(self.place)
            with transaction(self.engine, reads_only=reads_only) as connection:
                yield connection

    def _perform(self, jobs: Sequence[Job[Any]]) -> None:
        """Run units of work one after another in one transaction; one that fails is undone alone."""
        with self._begun(reads_only=False) as connection:
            if len(jobs) == 1:
                jobs[0].keep(self._work(connection, jobs[0].work))
                return
            for job in jobs:
                self._contain(connection, job)

    def _contain(self, connection: Connection, job: Job[Any]) -> None:
        savepoint = connection.begin_nested()
        try:
            job.keep(self._work(connection, job.work))
        except Exception as error:  # noqa: BLE001 - whoever asked for the work raises it
            _undo(savepoint, error)
            job.fail(error)
        else:
            savepoint.commit()

    def _work(self, connection: Connection, work: Callable[[SqlTransaction], T]) -> T:
        tx = SqlTransaction(connection, self.seals)
        result = work(tx)
        tx.settle()
        return result


def _undo(savepoint: NestedTransaction, error: BaseException) -> None:
    """Undo a unit of work; where a failing disk took the whole transaction along, raise for all of it."""
    try:
        savepoint.rollback()
    except exc.SQLAlchemyError:
        raise error from None


def open_store(url: str, *, create: bool) -> SqlStore:
    """Open the store and bring its schema up to date; raise `StoreUnavailable` with the fix.

    `create` makes a missing SQLite file; otherwise a missing one is never an empty store.
    """
    parsed = make_url(url)
    place = parsed.render_as_string(hide_password=True)
    require_sound_disk(place)
    engine, turns = engine_of(parsed, create=create)
    try:
        require_schema(engine, place, create=create)
    except exc.SQLAlchemyError as error:
        engine.dispose()
        raise translate(error, place) from error
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(engine, place, turns, Seals())
