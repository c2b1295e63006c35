"""What the operating system tells and is told: environment, user, core files, places for files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from certwright.adapters.system import can_make, process_owner, take_environment


@pytest.mark.parametrize(
    "name", ["PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGPASSFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME", "PATH"]
)
def test_what_libraries_read_from_the_process_stays_there(name: str) -> None:
    environ = {name: "value"}
    assert (take_environment(environ), environ) == ({name: "value"}, {name: "value"})


@pytest.mark.parametrize("name", ["PULUMI_CONFIG", "CERTWRIGHT_MASTER_KEY", "MASTER", "AWS_SECRET_ACCESS_KEY"])
def test_what_children_need_not_know_leaves_the_process(name: str) -> None:
    environ = {name: "value"}
    take_environment(environ)
    assert environ == {}


_TAKING = """
import os, subprocess, sys
from pathlib import Path
from certwright.adapters.system import take_environment
print(len(take_environment(os.environ)["MASTER"]))
print(Path("/proc/self/environ").read_bytes())
print(subprocess.run(["env"], capture_output=True, text=True).stdout)
"""


def test_neither_the_kernel_nor_a_child_shows_what_was_taken() -> None:
    given = {"PULUMI_CONFIG": '{"a": "configured"}', "MASTER": "kept to itself", "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", _TAKING], env=given, capture_output=True, text=True, check=True)
    shown = [text in done.stdout for text in ("14", "PATH=", "configured", "kept to itself")]
    assert shown == [True, True, False, False]


def test_the_owner_is_the_users_name_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = process_owner()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    assert process_owner() == owner != "mallory"


def test_a_user_that_the_system_does_not_know_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert process_owner() == "uid-54321"


def test_no_core_file_is_written() -> None:
    program = (
        "import resource; from certwright.adapters.system import forbid_core_dumps; forbid_core_dumps(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0)"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("key", True),
        ("new/folders/key", True),
        ("file/key", False),
        ("file/below/key", False),
    ],
)
def test_whether_a_file_could_be_made(tmp_path: Path, place: str, expected: bool) -> None:  # noqa: FBT001 - a row
    (tmp_path / "file").write_text("")
    assert can_make(tmp_path / place) is expected
