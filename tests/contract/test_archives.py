"""Archives of a store: whole, authentic, consistent, portable between the kinds, refused when anything is wrong."""

import base64
import io
import resource
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import pytest
from certwright.adapters.archives.backup import Destination, Source, restore_archive, write_archive
from certwright.adapters.archives.lines import ArchiveWriter, read_header, read_lines
from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.store.archive import load
from certwright.adapters.store.schema import HEAD
from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.adapters.store.tables import metadata, tallies
from certwright.core.installations import begin_sealing, establish_installation, find_installation
from certwright.errors import InstallationMismatch, IntegrityError, KeyUnavailable, Refused, StoreMissing
from certwright.model.archive import ArchiveHeader
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey
from certwright.ports.store import Transaction
from sqlalchemy import create_engine, inspect, make_url, select, text

from tests.contract.rows import ACCOUNT, HERE, make_arn, make_certificate, make_event, make_version, write_each
from tests.contract.test_store_integrity import fill
from tests.fakes import CountingRandomness, FakeClock

CALLER = Caller("tester@host", HERE)
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def master_key(tmp_path: Path) -> MasterKey:
    return open_master_key(f"file:{tmp_path}/master.key", {}, create=True).key


@contextmanager
def place(kind: str, request: pytest.FixtureRequest, tmp_path: Path, name: str) -> Iterator[str]:
    """Give the URL of a store that is not there, or of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/{name}/store.db"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, master_key: MasterKey) -> Iterator[SqlStore]:
    """Give a store with rows in every table, sealed under its own key."""
    with place(request.param, request, tmp_path, "source") as url:
        made = open_store(url, create=True)
        establish_installation(made, master_key, FakeClock(), CountingRandomness())
        made.write(fill)
        yield made
        made.close()


@pytest.fixture(params=["sqlite", "postgresql"], ids=["to sqlite", "to postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place(request.param, request, tmp_path, "target") as url:
        yield url


@pytest.fixture
def sqlite_target(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/target/store.db"


def ignore(_: int) -> None:
    """Watch nothing."""


def archive_of(store: SqlStore, master_key: MasterKey) -> bytes:
    out = io.BytesIO()
    write_archive(store, master_key, out.write, ignore)
    return out.getvalue()


def source_of(content: bytes) -> Source:
    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        yield io.BytesIO(content)

    return Source("the.archive", opened)


def restore(content: bytes, url: str, master_key: MasterKey, expected: str | None = None) -> None:
    restore_archive(source_of(content), Destination(url, url, expected), master_key, CALLER, ignore)


def rows_of(store: SqlStore) -> Rows:
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


@contextmanager
def opened(url: str, master_key: MasterKey) -> Iterator[SqlStore]:
    store = open_store(url, create=False)
    installation = find_installation(store)
    assert installation is not None
    begin_sealing(store, installation, master_key, CountingRandomness())
    yield store
    store.close()


def test_a_store_is_restored_row_for_row_into_either_kind_and_nothing_of_it_is_damaged(
    store: SqlStore, target: str, master_key: MasterKey
) -> None:
    restore(archive_of(store, master_key), target, master_key)
    with opened(target, master_key) as there:
        before, after = rows_of(store), rows_of(there)
        after["audit_events"] = [row for row in after["audit_events"] if "RestoreStore" not in row]
        del before[tallies.name], after[tallies.name]
        assert after == before
        assert all(before.values())
        assert there.read(lambda tx: list(tx.integrity.damages())) == []


def test_the_restore_is_in_the_audit_log_with_the_instant_of_the_backup(
    store: SqlStore, sqlite_target: str, master_key: MasterKey
) -> None:
    restore(archive_of(store, master_key), sqlite_target, master_key)
    with opened(sqlite_target, master_key) as there:
        last = there.read(lambda tx: tx.audit.last(ACCOUNT))
        assert last is not None
        assert (last.action, [key for key, _ in last.detail]) == ("RestoreStore", ["madeAt", "schema"])


def test_a_restored_store_can_be_backed_up_and_restored_again(
    store: SqlStore, sqlite_target: str, master_key: MasterKey, tmp_path: Path
) -> None:
    restore(archive_of(store, master_key), sqlite_target, master_key)
    with opened(sqlite_target, master_key) as there:
        restore(archive_of(there, master_key), f"sqlite:///{tmp_path}/again.db", master_key)
    with opened(f"sqlite:///{tmp_path}/again.db", master_key) as again:
        assert again.read(lambda tx: list(tx.integrity.damages())) == []


@pytest.fixture
def small(tmp_path: Path, master_key: MasterKey) -> Iterator[SqlStore]:
    """Give a SQLite store with an installation and one audit event."""
    made = open_store(f"sqlite:///{tmp_path}/source/store.db", create=True)
    establish_installation(made, master_key, FakeClock(), CountingRandomness())
    made.write(lambda tx: tx.audit.add(make_event()))
    yield made
    made.close()


def refused(content: bytes, url: str, master_key: MasterKey) -> bool:
    try:
        restore(content, url, master_key)
    except (IntegrityError, Refused, KeyUnavailable):
        return not Path(url.removeprefix("sqlite:///")).exists()
    return False


def test_every_flipped_bit_is_refused_before_anything_is_written(
    small: SqlStore, sqlite_target: str, master_key: MasterKey
) -> None:
    content = archive_of(small, master_key)
    accepted = [
        index
        for index in range(0, len(content), 3)
        if not refused(content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :], sqlite_target, master_key)
    ]
    assert accepted == []


def test_every_cut_is_refused(small: SqlStore, sqlite_target: str, master_key: MasterKey) -> None:
    content = archive_of(small, master_key)
    accepted = [size for size in range(0, len(content), 7) if not refused(content[:size], sqlite_target, master_key)]
    assert accepted == []


def test_a_dropped_doubled_or_swapped_line_is_refused(
    small: SqlStore, sqlite_target: str, master_key: MasterKey
) -> None:
    lines = archive_of(small, master_key).splitlines(keepends=True)
    changed: list[list[bytes]] = []
    for index in range(len(lines)):
        changed += [lines[:index] + lines[index + 1 :], [*lines[: index + 1], *lines[index:]]]
        changed += [[*lines[:index], lines[index + 1], lines[index], *lines[index + 2 :]]] if lines[index + 1 :] else []
    assert all(refused(b"".join(item), sqlite_target, master_key) for item in changed)


def test_what_follows_the_digest_is_refused(small: SqlStore, sqlite_target: str, master_key: MasterKey) -> None:
    assert refused(archive_of(small, master_key) + b"\n", sqlite_target, master_key)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no archive"),
        (b"my shopping list\n", "is no archive"),
        (b'{"some": "json"}\n', "is no archive"),
        (b"x" * 1_000_000, "is no archive"),
        (b'{"certwrightArchive": 2}\n', "newer certwright"),
        (b'{"certwrightArchive": 1}\n', "was cut or changed"),
    ],
    ids=["empty", "text", "json", "a long line", "a newer format", "half a header"],
)
def test_what_is_no_archive_is_refused(content: bytes, said: str, sqlite_target: str, master_key: MasterKey) -> None:
    with pytest.raises((Refused, IntegrityError), match=said):
        restore(content, sqlite_target, master_key)


def test_an_archive_of_a_newer_schema_is_refused(small: SqlStore, sqlite_target: str, master_key: MasterKey) -> None:
    newer = archive_of(small, master_key).replace(f'"schema":"{HEAD}"'.encode(), b'"schema":"9999"')
    with pytest.raises(Refused, match=r"newer certwright \(schema 9999\)"):
        restore(newer, sqlite_target, master_key)


def test_another_master_key_restores_nothing(
    small: SqlStore, sqlite_target: str, master_key: MasterKey, tmp_path: Path
) -> None:
    other = open_master_key(f"file:{tmp_path}/other.key", {}, create=True).key
    with pytest.raises(KeyUnavailable, match="does not belong to installation"):
        restore(archive_of(small, master_key), sqlite_target, other)
    assert not (tmp_path / "target").exists()


def test_an_archive_of_another_installation_than_the_pinned_one_is_refused(
    small: SqlStore, sqlite_target: str, master_key: MasterKey
) -> None:
    with pytest.raises(InstallationMismatch, match="belongs to certwright installation other"):
        restore(archive_of(small, master_key), sqlite_target, master_key, "other")


def test_a_store_that_holds_anything_is_left_as_it_is(store: SqlStore, target: str, master_key: MasterKey) -> None:
    content = archive_of(store, master_key)
    there = open_store(target, create=True)
    establish_installation(there, master_key, FakeClock(), CountingRandomness("other"))
    before = rows_of(there)
    with pytest.raises(Refused, match="is not empty"):
        restore(content, target, master_key)
    assert rows_of(there) == before
    there.close()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')"],
        ["CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('a1b2c3')"],
        ["CREATE TABLE certificates (name TEXT)"],
    ],
    ids=["a migrated one", "one with other migrations", "one with a table of the same name"],
)
def test_a_database_of_another_program_is_left_as_it_is(
    small: SqlStore, target: str, master_key: MasterKey, statements: list[str]
) -> None:
    if target.startswith("sqlite"):
        open_store(target, create=True).close()
        Path(target.removeprefix("sqlite:///")).unlink()
    engine = create_engine(make_url(target).set(drivername="sqlite" if "sqlite" in target else "postgresql+psycopg"))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    with pytest.raises(Refused, match="has tables that are not certwright's"):
        restore(archive_of(small, master_key), target, master_key)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == [statements[0].split()[2]]
    engine.dispose()


def test_an_empty_store_is_filled(store: SqlStore, target: str, master_key: MasterKey) -> None:
    open_store(target, create=True).close()
    restore(archive_of(store, master_key), target, master_key)
    with opened(target, master_key) as there:
        assert there.read(lambda tx: list(tx.integrity.damages())) == []


def test_a_load_that_fails_half_way_leaves_an_empty_store_and_can_be_repeated(
    store: SqlStore, target: str, master_key: MasterKey
) -> None:
    content = archive_of(store, master_key)

    header = read_header(io.BytesIO(content), "a")
    key = master_key.unwrap(header.wrapped_key, b"certwright archive v1 " + header.installation_id.encode())

    def fail(_: object) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        load(target, HEAD, read_lines(io.BytesIO(content), key, "a"), fail)
    restore(content, target, master_key)


def test_a_file_that_changes_between_check_and_load_is_not_kept(
    small: SqlStore, sqlite_target: str, master_key: MasterKey
) -> None:
    content = archive_of(small, master_key)
    versions = [content, content, content.replace(b'"tester"', b'"mallory"')]

    @contextmanager
    def next_version() -> Iterator[IO[bytes]]:
        yield io.BytesIO(versions.pop(0))

    with pytest.raises(IntegrityError, match="was cut or changed"):
        restore_archive(
            Source("a", next_version), Destination(sqlite_target, "there", None), master_key, CALLER, ignore
        )
    restore(content, sqlite_target, master_key)


def test_an_archive_of_the_first_schema_is_brought_up_to_date_and_sealed(
    sqlite_target: str, master_key: MasterKey
) -> None:
    content = first_schema(master_key)
    restore(content, sqlite_target, master_key)
    with opened(sqlite_target, master_key) as there:
        assert there.read(lambda tx: list(tx.integrity.damages())) == []
        assert there.read(lambda tx: tx.audit.events(ACCOUNT, 0, 10))[0] == make_event()


def first_schema(master_key: MasterKey) -> bytes:
    """Return an archive as the first schema would have made it: without seals, tallies and later tables."""
    out, key, name = io.BytesIO(), SecretBytes(bytes(32)), "25daf398-7974-4182-a4e0-bcc884097a24"
    wrapped = master_key.wrap(key, b"certwright archive v1 " + name.encode())
    check = master_key.check_value(name)
    writer = ArchiveWriter(out.write, ArchiveHeader(name, check, "0001", datetime.now(UTC), wrapped), key)
    writer.section("installation", ["singleton", "id", "created_at", "key_check", "clock_mark"])
    writer.row([1, name, 0, check, 0])
    event = make_event()
    columns = ["account", "sequence", "at", "actor", "action", "subject", "detail", "previous_hash", "hash"]
    writer.section("audit_events", columns)
    micro = int(event.at.timestamp() * 1_000_000)
    detail = '[["name", "\\u2603\\r\\n"], ["other", ""]]'
    writer.row([event.account, 1, micro, event.actor, event.action, event.subject, detail, "0" * 64, event.hash])
    writer.end()
    return out.getvalue()


def test_a_store_without_an_installation_is_not_backed_up(tmp_path: Path, master_key: MasterKey) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    with pytest.raises(StoreMissing, match="nothing was backed up"):
        archive_of(store, master_key)
    store.close()


def test_damaged_rows_are_told_and_archived_as_they_are(
    small: SqlStore, sqlite_target: str, master_key: MasterKey
) -> None:
    with small.engine.begin() as connection:
        connection.execute(text("UPDATE audit_events SET actor = 'mallory'"))
    out = io.BytesIO()
    done = write_archive(small, master_key, out.write, ignore)
    assert [damage.table for damage in done.damages] == ["audit_events"]
    restore(out.getvalue(), sqlite_target, master_key)
    with opened(sqlite_target, master_key) as there:
        assert [item.table for item in there.read(lambda tx: list(tx.integrity.damages()))] == ["audit_events"]


def test_the_master_key_is_in_no_spelling_in_an_archive(small: SqlStore, master_key: MasterKey, tmp_path: Path) -> None:
    encoded = (tmp_path / "master.key").read_bytes().splitlines()[1]
    raw = open_master_key("env:KEY", {"KEY": encoded.decode()}, create=False).key
    assert raw.check_value("x") == master_key.check_value("x")
    secret = base64.b64decode(encoded)
    content = archive_of(small, master_key)
    assert [spelling for spelling in (encoded, secret, secret.hex().encode()) if spelling in content] == []


def add_both(tx: Transaction, number: int) -> None:
    tx.certificates.add(make_certificate(make_arn(number)))
    tx.certificates.add_version(make_version(make_arn(number)))


def writers_at_work(store: SqlStore, stop: threading.Event) -> Callable[[], None]:
    """Return work that adds a certificate and its version together, again and again."""

    def work() -> None:
        number = 100
        while not stop.is_set():
            number += 1
            store.write(partial(add_both, number=number))

    return work


def test_a_backup_while_others_write_is_one_instant(store: SqlStore, sqlite_target: str, master_key: MasterKey) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=writers_at_work(store, stop))
    thread.start()
    try:
        archives = [archive_of(store, master_key) for _ in range(5)]
    finally:
        stop.set()
        thread.join()
    restore(archives[-1], sqlite_target, master_key)
    with opened(sqlite_target, master_key) as there:
        found = rows_of(there)
        assert {row[:2] for row in found["certificates"]} == {row[:2] for row in found["certificate_versions"]}
        assert there.read(lambda tx: list(tx.integrity.damages())) == []


def test_memory_stays_flat_whatever_the_number_of_rows(tmp_path: Path, master_key: MasterKey) -> None:
    peaks = []
    for count in (2_000, 20_000):
        store = open_store(f"sqlite:///{tmp_path}/{count}/store.db", create=True)
        establish_installation(store, master_key, FakeClock(), CountingRandomness(str(count)))
        write_each(store, lambda tx, number: tx.audit.add(make_event(number)), range(1, count))
        tracemalloc.start()
        with (tmp_path / f"{count}.archive").open("wb") as out:
            write_archive(store, master_key, out.write, ignore)
        content = tmp_path / f"{count}.archive"
        source = Source("a", lambda content=content: content.open("rb"))  # type: ignore[misc]
        url = f"sqlite:///{tmp_path}/{count}-there/store.db"
        restore_archive(source, Destination(url, url, None), master_key, CALLER, ignore)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        store.close()
    assert peaks[1] < 2 * peaks[0]


def test_a_disk_that_fills_up_during_a_restore_leaves_nothing_half_restored(
    store: SqlStore, sqlite_target: str, master_key: MasterKey, tmp_path: Path
) -> None:
    content = archive_of(store, master_key)
    open_store(sqlite_target, create=True).close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (tmp_path / "target" / "store.db").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, hard))
    try:
        with pytest.raises(Exception, match=r"disk|full|cannot be used|I/O"):
            restore(content, sqlite_target, master_key)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
