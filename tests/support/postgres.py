"""A private PostgreSQL server on a Unix socket, or the one that CERTWRIGHT_TEST_POSTGRES_URL names."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from sqlalchemy.engine import URL

VARIABLE = "CERTWRIGHT_TEST_POSTGRES_URL"
_INSTALLED = Path("/usr/lib/postgresql")
_START_SECONDS = 30.0
_USERS = ("postgres", "nobody")


class PostgresMissing(Exception):
    """Say why there is no PostgreSQL to test with."""


@dataclass(frozen=True)
class Postgres:
    """A server on which databases may be made and dropped; `admin` is the URL of one that is there."""

    admin: URL

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database, give its URL, and drop it with all its connections."""
        name = f"certwright_test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.admin.set(database=name).render_as_string(hide_password=False)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with self._connection() as connection:
            connection.execute(statement.encode())

    def ask(self, query: str) -> object:
        """Return the first value of a query's answer."""
        with self._connection() as connection:
            row = connection.execute(query.encode()).fetchone()
            return row and row[0]

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        url = self.admin.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Give the server that the environment names, else a private one; raise `PostgresMissing` when there is none."""
    url = os.environ.get(VARIABLE)
    if url:
        yield Postgres(make_url(url))
        return
    folder = Path(tempfile.mkdtemp(prefix="certwright-pg-"))
    try:
        with _private_server(_binaries(), folder) as postgres:
            yield postgres
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    versions = sorted(_INSTALLED.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    msg = f"no PostgreSQL: {VARIABLE} is not set and there is no postgres binary (apt-get install postgresql)"
    raise PostgresMissing(msg)


@contextmanager
def _private_server(binaries: Path, folder: Path) -> Iterator[Postgres]:
    """Serve trusted connections on a socket in `folder` only; without fsync, as nothing outlives the tests."""
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    run_as = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    data = str(folder / "data")
    initialise = [binaries / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"]
    made = subprocess.run(initialise, cwd=folder, env=environment, capture_output=True, check=False, **run_as)  # type: ignore[call-overload]
    if made.returncode:
        msg = f"initdb failed:\n{made.stderr.decode()}"
        raise RuntimeError(msg)
    serve = [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(serve, cwd=folder, env=environment, stdout=log, stderr=log, **run_as)  # type: ignore[call-overload]
    try:
        postgres = Postgres(make_url(f"postgresql+psycopg://tester@/postgres?host={folder}"))
        _await(postgres, process, folder / "log")
        yield postgres
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(_START_SECONDS)


def _unprivileged() -> pwd.struct_passwd | None:
    """Return the user to serve as, since PostgreSQL refuses root; None when this process is not root."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    return next(users[name] for name in _USERS if name in users)


def _await(postgres: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            postgres.execute("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    msg = f"PostgreSQL does not answer:\n{log.read_text()}"
    raise RuntimeError(msg)
