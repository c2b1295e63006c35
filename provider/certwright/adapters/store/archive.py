"""A whole store as raw rows: read in one snapshot, loaded into an empty store in one transaction."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import Connection, exc, inspect, make_url
from sqlalchemy.types import Boolean, NullType

from certwright.adapters.store.engines import engine_of, transaction
from certwright.adapters.store.schema import HEAD, KNOWN, migrate
from certwright.adapters.store.seals import Seals
from certwright.adapters.store.sql_store import SqlStore, SqlTransaction
from certwright.adapters.store.statements import has_row
from certwright.adapters.store.tables import installation, metadata
from certwright.adapters.store.troubles import require_sound_disk, translate
from certwright.errors import Refused, StoreMissing
from certwright.model.archive import ArchivedRow, Cell, Section
from certwright.model.secret import SecretBytes
from certwright.ports.store import Store, Transaction

T = TypeVar("T")
_PAGE = 500
_VERSION = "alembic_version"
_SNAPSHOT: dict[str, dict[str, object]] = {
    "sqlite": {"certwright_begin": "DEFERRED"},
    "postgresql": {"postgresql_readonly": True, "postgresql_deferrable": True},
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A store as it was at one instant, whatever others write meanwhile."""

    transaction: SqlTransaction
    connection: Connection

    def rows(self) -> Iterator[Section | ArchivedRow]:
        """Yield every table and its rows, as the driver keeps them, a page in memory at a time."""
        for table in metadata.sorted_tables:
            yield Section(table.name, tuple(column.name for column in table.columns))
            columns = [sa.type_coerce(column, _kept_type(column)).label(column.name) for column in table.columns]
            ordered = sa.select(*columns).order_by(*table.primary_key.columns)
            for row in self.connection.execute(ordered, execution_options={"yield_per": _PAGE}):
                yield ArchivedRow(cast("tuple[Cell, ...]", tuple(row)))


@contextmanager
def snapshot(store: SqlStore) -> Iterator[Snapshot]:
    """Hold the store still for one reader; PostgreSQL waits for a moment that no serialization failure can end."""
    with store.turns.turn(store.place, reads_only=True), _told(store.place):
        require_sound_disk(store.place)
        with store.engine.connect() as connection:
            connection.execution_options(**_SNAPSHOT[connection.dialect.name])
            with connection.begin():
                yield Snapshot(SqlTransaction(connection, store.seals), connection)


def require_empty(url: str) -> None:
    """Raise `Refused` unless there is no store at the URL, or one without rows."""
    try:
        engine, _ = engine_of(make_url(url), create=False)
    except StoreMissing:
        return
    try:
        with _told(_place(url)), transaction(engine, reads_only=True) as connection:
            _require_unused(connection, _place(url))
    finally:
        engine.dispose()


def require_known(schema: str) -> None:
    """Raise `Refused` for the schema of a newer certwright."""
    if schema not in KNOWN:
        msg = f"The archive was written by a newer certwright (schema {schema}). Upgrade this one; nothing was changed."
        raise Refused(msg)


def load(url: str, schema: str, lines: Iterable[Section | ArchivedRow], finish: Callable[[Store], T]) -> T:
    """Load rows of a known schema into a missing or empty store, bring it up to date and run `finish` on it.

    All of it is one transaction: an exception from `lines` or `finish` leaves the store as empty as it was.
    """
    require_known(schema)
    place = _place(url)
    engine, turns = engine_of(make_url(url), create=True)
    try:
        with turns.turn(place, reads_only=False), _told(place):
            require_sound_disk(place)
            with transaction(engine, reads_only=False) as connection:
                _require_unused(connection, place)
                _make_tables(connection, schema)
                _insert(connection, lines)
                migrate(connection, HEAD)
                loaded = _LoadedStore(connection, place)
                result = finish(loaded)
                loaded.settle()
                return result
    finally:
        engine.dispose()


class _LoadedStore:
    """A store that exists inside one transaction only (ports.store.Store): nothing of it is durable yet."""

    def __init__(self, connection: Connection, place: str) -> None:
        self._seals = Seals()
        self._transaction = SqlTransaction(connection, self._seals)
        self.place = place

    def seal_rows_with(self, key: SecretBytes) -> None:
        """Seal rows under this key from now on."""
        self._seals.use(key)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work in the one transaction."""
        return work(self._transaction)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work in the one transaction."""
        return work(self._transaction)

    def settle(self) -> None:
        """Write what belongs to the whole transaction."""
        self._transaction.settle()

    def wipe_leftovers(self) -> None:
        """Do nothing: a store that is just being made has none."""

    def close(self) -> None:
        """Keep the connection: it is the loader's."""


def _require_unused(connection: Connection, place: str) -> None:
    """Raise `Refused` for a store with rows, and for tables that another program may have made."""
    names = set(inspect(connection).get_table_names())
    ours = [table for table in metadata.sorted_tables if table.name in names]
    is_store = _VERSION in names and _revision(connection) in KNOWN and installation.name in names
    if not is_store and (ours or _VERSION in names):
        msg = f"{place} has tables that are not certwright's. Restore into a database of its own; nothing was changed."
        raise Refused(msg)
    if any(has_row(connection, sa.table(table.name)) for table in ours):
        msg = f"The store {place} is not empty. Restore into one that is not there yet; nothing was changed."
        raise Refused(msg)


def _revision(connection: Connection) -> object:
    return connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(_VERSION))).scalar()


def _make_tables(connection: Connection, schema: str) -> None:
    """Make the tables anew, as the schema has them, in place of empty ones."""
    if _VERSION in inspect(connection).get_table_names():
        metadata.drop_all(connection)
        sa.Table(_VERSION, sa.MetaData()).drop(connection)
    migrate(connection, schema)


def _insert(connection: Connection, lines: Iterable[Section | ArchivedRow]) -> None:
    known = set(inspect(connection).get_table_names())
    section, page = Section("", ()), list[dict[str, object]]()
    for line in lines:
        if isinstance(line, Section):
            _insert_page(connection, section, page)
            section = line
            if section.table not in known:
                msg = f"The archive has a table {section.table!r} that its schema does not know; nothing was restored."
                raise Refused(msg)
        else:
            page.append(dict(zip(section.columns, line.values, strict=True)))
            if len(page) == _PAGE:
                _insert_page(connection, section, page)
    _insert_page(connection, section, page)


def _insert_page(connection: Connection, section: Section, page: list[dict[str, object]]) -> None:
    if page:
        table = sa.table(section.table, *(sa.column(name) for name in section.columns))
        connection.execute(table.insert(), page)
        page.clear()


def _kept_type(column: sa.Column[Any]) -> Boolean | NullType:
    """Return the type under which a value travels: as the driver keeps it, but truth as truth."""
    return Boolean() if isinstance(column.type, Boolean) else NullType()


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise translate(error, place) from error


def _place(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
