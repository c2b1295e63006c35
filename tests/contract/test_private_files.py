"""Files that are whole and durable, or not there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from certwright.adapters.archives.private_files import new_private_file
from certwright.errors import Refused, StoreUnavailable


def test_content_is_durable_before_its_name_and_its_name_before_the_end(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path;"
        "from certwright.adapters.archives.private_files import new_private_file as new\n"
        "with new(Path(sys.argv[1]), replace=bool(sys.argv[2:])) as file: file.write(b'content')"
    )
    for replace, naming in (([], "link"), (["yes"], "rename")):
        trace = tmp_path / "trace"
        command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=write,fsync,link,rename,unlink"]
        arguments = [sys.executable, "-c", script, str(tmp_path / "file"), *replace]
        subprocess.run([*command, *arguments], check=True, capture_output=True, env={**os.environ})
        lines = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines() if str(tmp_path) in line]
        calls = [line.partition("(")[0] for line in lines if " = 0" in line or line.startswith("write")]
        assert [call for call in calls if call != "unlink"] == ["write", "fsync", naming, "fsync"]


def write(path: Path, meanwhile: Callable[[], object], *, replace: bool) -> None:
    with new_private_file(path, replace=replace) as file:
        file.write(b"mine")
        meanwhile()


def fail() -> None:
    raise LookupError


def test_an_exception_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    with pytest.raises(LookupError):
        write(tmp_path / "file", fail, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "before"


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is there already"):
        write(tmp_path / "file", lambda: (tmp_path / "file").write_text("theirs"), replace=False)
    assert (tmp_path / "file").read_text() == "theirs"


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with new_private_file(tmp_path / "file", replace=False) as file:
            file.write(b"content")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        write(tmp_path / "absent" / "file", fail, replace=False)
