"""Files that hold master keys and passphrases: made once, read by their owner alone, never half made."""

import base64
import multiprocessing
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from certwright.adapters.keys.master_keys import RawMasterKey, open_master_key
from certwright.errors import KeyUnavailable

HEADER = b"certwright-master-key-v1\n"
CANARY = b"canary-canary-canary-canary-1234"
PROCESSES = 8


def write(path: Path, content: bytes, mode: int = 0o600) -> str:
    """Write a file and return its path as text."""
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def test_a_key_file_that_was_made_is_the_owner_s_alone_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "home" / "master.key"
    made = open_master_key(f"file:{path}", {}, create=True).key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [item.name for item in path.parent.iterdir()] == ["master.key"]
    assert open_master_key(f"file:{path}", {}, create=False).key.check_value("i1") == made.check_value("i1")


def test_only_the_opening_that_made_the_key_says_so(tmp_path: Path) -> None:
    opened = [open_master_key(f"file:{tmp_path}/key", {}, create=True).is_new for _ in range(2)]
    assert opened == [True, False]


def test_two_files_that_were_made_hold_different_keys(tmp_path: Path) -> None:
    keys = [open_master_key(f"file:{tmp_path / name}", {}, create=True).key for name in ("a", "b")]
    assert keys[0].check_value("i1") != keys[1].check_value("i1")


def test_a_key_file_that_is_there_is_never_made_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "key", HEADER + base64.b64encode(CANARY))
    open_master_key(f"file:{path}", {}, create=True)
    assert Path(path).read_bytes() == HEADER + base64.b64encode(CANARY)


def test_the_recovery_key_opens_what_the_file_opens(tmp_path: Path) -> None:
    made = open_master_key(f"file:{tmp_path}/key", {}, create=True).key
    assert isinstance(made, RawMasterKey)
    recovered = open_master_key("env:KEY", {"KEY": made.recovery_key().reveal().decode()}, create=False).key
    assert recovered.check_value("i1") == made.check_value("i1")


@pytest.mark.parametrize("kind", ["file", "passphrase:file"])
def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path: Path, kind: str) -> None:
    with pytest.raises(KeyUnavailable, match="No such file"):
        open_master_key(f"{kind}:{tmp_path}/key", {}, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_file_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="No such file"):
        open_master_key(f"passphrase:file:{tmp_path}/phrase", {}, create=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "passphrase:file"])
@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o666], ids=oct)
def test_a_file_that_others_may_touch_is_refused_with_the_fix(tmp_path: Path, kind: str, mode: int) -> None:
    path = write(tmp_path / "key", HEADER + base64.b64encode(CANARY), mode)
    with pytest.raises(KeyUnavailable, match=f"chmod 600 {path}"):
        open_master_key(f"{kind}:{path}", {}, create=True)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700], ids=oct)
def test_a_file_that_only_its_owner_may_touch_is_read(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "key", HEADER + base64.b64encode(CANARY), mode)
    assert open_master_key(f"file:{path}", {}, create=False).key.check_value("i1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HEADER,
        base64.b64encode(CANARY),
        HEADER.replace(b"v1", b"v2") + base64.b64encode(CANARY),
        HEADER + CANARY,
        HEADER + base64.b64encode(CANARY[:31]),
        HEADER + base64.b64encode(CANARY) * 2,
        HEADER + b"\xff\xfecanary",
        b"SQLite format 3\x00canary",
    ],
    ids=[
        "nothing",
        "no key",
        "no header",
        "another format",
        "no base64",
        "31 octets",
        "two keys",
        "no text",
        "a database",
    ],
)
def test_a_key_file_is_refused_and_not_shown_with(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "key", content)
    with pytest.raises(KeyUnavailable, match=path) as raised:
        open_master_key(f"file:{path}", {}, create=True)
    assert "canary" not in str(raised.value)
    assert base64.b64encode(CANARY[:24]).decode() not in str(raised.value)
    assert Path(path).read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n"], ids=["nothing", "a line end", "a line end of DOS"])
def test_an_empty_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "phrase", content)
    with pytest.raises(KeyUnavailable, match=path):
        open_master_key(f"passphrase:file:{path}", {}, create=False)


def test_a_passphrase_does_not_depend_on_its_line_end(tmp_path: Path) -> None:
    values = {
        open_master_key(f"passphrase:file:{write(tmp_path / 'phrase', content)}", {}, create=False).key.check_value(
            "i1"
        )
        for content in (b"pass phrase", b"pass phrase\n", b"pass phrase\r\n")
    }
    values.add(open_master_key("passphrase:env:PHRASE", {"PHRASE": "pass phrase"}, create=False).key.check_value("i1"))
    assert len(values) == 1


@pytest.mark.parametrize("kind", ["file", "passphrase:file"])
def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "key").mkdir(mode=0o700)
    with pytest.raises(KeyUnavailable, match=str(tmp_path / "key")):
        open_master_key(f"{kind}:{tmp_path}/key", {}, create=True)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(KeyUnavailable, match=str(tmp_path / "home")):
        open_master_key(f"file:{tmp_path}/home/master.key", {}, create=True)


def test_a_folder_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(KeyUnavailable, match="/proc/certwright"):
        open_master_key("file:/proc/certwright/master.key", {}, create=True)


def meet(barrier: Barrier) -> None:
    """Start work only when every process is ready."""
    barrier.wait(60)


def make(path: str) -> tuple[str, bool]:
    """Open or make the key file as a process of its own does."""
    opened = open_master_key(f"file:{path}", {}, create=True)
    return opened.key.check_value("i1"), opened.is_new


def test_of_many_processes_that_make_a_key_file_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "home" / "master.key"
    with ProcessPoolExecutor(PROCESSES, context, meet, (context.Barrier(PROCESSES),)) as pool:
        opened = [future.result() for future in [pool.submit(make, str(path)) for _ in range(PROCESSES)]]
    assert len({value for value, _ in opened}) == 1
    assert [is_new for _, is_new in opened].count(True) == 1
    assert [item.name for item in path.parent.iterdir()] == ["master.key"]
