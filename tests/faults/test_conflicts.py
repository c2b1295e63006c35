"""A PostgreSQL that reports serialization failures at a rate: everybody gets what was asked for, once (S8)."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from certwright.bootstrap import open_app
from certwright.settings import resolve_settings
from sqlalchemy import make_url

from tests.e2e.conftest import target
from tests.faults.convergence import doctor_says
from tests.support.knot import Knot
from tests.support.postgres import PostgresMissing, running_postgres
from tests.support.programs import certificate, program, records, validation
from tests.support.stack import Stack, make_stack

_IS_FULL = "CERTWRIGHT_FAULT_POINTS" in os.environ
_STACKS, _CERTIFICATES = (6, 10) if _IS_FULL else (2, 3)
_TABLES = ("certificates", "certificate_versions", "audit_events", "serials", "leases", "authorities")
# One statement in twelve and one written row in twelve at its commit fail: about every third transaction that writes.
_STORM = """
CREATE SEQUENCE strikes;
CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF random() < {rate} THEN
        PERFORM nextval('strikes');
        RAISE EXCEPTION 'a conflict of the storm'
            USING ERRCODE = CASE WHEN random() < 0.2 THEN '40P01' ELSE '40001' END;
    END IF;
    RETURN NULL;
END $$;
"""
_AT_STATEMENTS = "CREATE TRIGGER at_statement AFTER INSERT OR UPDATE ON {table} EXECUTE FUNCTION strike();"
_AT_COMMIT = (
    "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION strike();"
)


@pytest.fixture
def database() -> Iterator[str]:
    """Give the URL of an empty database."""
    try:
        with running_postgres() as server, server.database() as url:
            yield url
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def raise_a_storm(url: str, rate: float) -> None:
    """Let that share of the statements and commits that write to a table fail."""
    statements = [_STORM.format(rate=rate)]
    statements += [text.format(table=table) for text in (_AT_STATEMENTS, _AT_COMMIT) for table in _TABLES]
    with connected(url) as connection:
        connection.execute("".join(statements).encode())


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with connected(url) as connection:
        return connection.execute(query.encode()).fetchall()


def stack_on(folder: Path, number: int, knot: Knot, url: str) -> Stack:
    """Make a stack of a project of its own whose certificates are in the database."""
    folder.mkdir()
    settings = {
        "CERTWRIGHT_STORE": url,
        "CERTWRIGHT_RESOLVERS": f'["{knot.address}"]',
        "CERTWRIGHT_RFC2136": target(knot),
    }
    (folder / "Pulumi.yaml").write_text(f"name: storm-{number}\nruntime: yaml\nresources: {{}}\n")
    return make_stack(folder, folder.parent / "home", **settings)


def write(stack: Stack, number: int) -> None:
    """Write a program of a few certificates, each with its record and its wait."""
    entries = []
    for index in range(_CERTIFICATES):
        name = f"storm-{number}-{index}"
        entries += [
            certificate([f"{name}.example.com"], name),
            records(1, "example.com", name),
            validation([f"{name}-record-0"], name, timeout="120s"),
        ]
    stack.write(program(*entries), f"storm-{number}")


def test_in_a_storm_of_conflicts_every_certificate_is_issued_once(database: str, tmp_path: Path, knot: Knot) -> None:
    stacks = [stack_on(tmp_path / f"stack-{number}", number, knot, database) for number in range(_STACKS)]
    environ = stacks[0].environment()
    open_app(resolve_settings({}, environ), environ).close()
    raise_a_storm(database, 0.08)
    for number, stack in enumerate(stacks):
        write(stack, number)
    runs = [stack.start("up", "--yes", "--skip-preview") for stack in stacks]
    texts = [run.communicate(timeout=600)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * _STACKS, "\n".join(texts)
    made = _STACKS * _CERTIFICATES
    assert ask(database, "SELECT state, count(*) FROM certificate_versions GROUP BY state") == [("ISSUED", made)]
    assert ask(database, "SELECT count(DISTINCT serial) FROM certificate_versions") == [(made,)]
    assert "are sound" in doctor_says(stacks[0])
    ((strikes,),) = ask(database, "SELECT last_value FROM strikes")
    assert int(str(strikes)) > made, "there was no storm"
