"""The scripts of docs/BACKUP-RESTORE.md and docs/DISASTER.md, rehearsed on real homes, stacks and databases."""

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import target
from tests.faults.conftest import copy_stack
from tests.faults.rehearsals import Rehearsal, languages, rehearsals, sections
from tests.support.knot import Knot
from tests.support.postgres import Postgres, PostgresMissing, running_postgres
from tests.support.stack import Stack

PAGES = ("BACKUP-RESTORE.md", "DISASTER.md")
WITHOUT_SCRIPT = {"The format"}
ALL = [rehearsal for page in PAGES for rehearsal in rehearsals(page)]
SETTLED = "everything is destroyed"  # the scenario that begins with an issued certificate


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def database(request: pytest.FixtureRequest, rehearsal: Rehearsal) -> Iterator[str]:
    """Give the URL of an empty database to the scripts that use one."""
    if "DATABASE_URL" not in rehearsal.script:
        yield ""
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.mark.parametrize("rehearsal", ALL, ids=lambda item: f"{item.page.partition('.')[0]}: {item.section}")
def test_the_script_does_what_the_page_says(
    rehearsal: Rehearsal, prepared: Callable[[str], Stack], tmp_path: Path, knot: Knot, database: str
) -> None:
    assert target(knot)
    stack = copy_stack(prepared(SETTLED), tmp_path)
    stack.up("--refresh").require_ok()  # puts the record back that another copy removed: all share one zone
    key = (stack.home / "master.key").read_text().splitlines()[1]
    assert len(base64.b64decode(key)) == 32
    variables = {
        "ARN": str(stack.outputs()["arn"]),
        "BACKUPS": str(tmp_path / "backups"),
        "RECOVERY_KEY": key,
        "DATABASE_URL": database,
    }
    rehearsal.run(stack.folder, stack.environment(variables))


@pytest.mark.parametrize("page", PAGES)
def test_every_section_has_a_script_and_every_block_is_one(page: str) -> None:
    scripted = {item.section for item in rehearsals(page)}
    assert {title for title, _ in sections(page)} - scripted <= WITHOUT_SCRIPT
    assert set(languages(page)) == {"sh"}


def test_a_script_fails_when_any_command_does(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = {"PATH": shutil.os.defpath}  # type: ignore[attr-defined]
    Rehearsal("page", "section", "true\n").run(folder, path)
    for script in ("false\ntrue\n", "false | true\n", 'echo "$UNSET"\n'):
        with pytest.raises(AssertionError):
            Rehearsal("page", "section", script).run(folder, path)
