"""The processes of plugin and command line, and what an application leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from certwright.bootstrap import open_app
from certwright.errors import Cancelled
from certwright.model.records import RecordType
from certwright.settings import resolve_settings

from tests.fakes import FakeCancellation
from tests.transport.declared import certificate
from tests.transport.engine import CERTIFICATE, Engine
from tests.transport.homes import environment, rows

KEY = "6b" * 32
RUN = "import sys, certwright.transport.cli as cli; cli.main(sys.argv[1:], standalone_mode=False); "
LIMIT = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"


def command(home: Path, *arguments: str, then: str = "", **variables: str) -> str:
    """Run a command in a process of its own, and then a line of Python; return what they print."""
    done = subprocess.run(
        [sys.executable, "-c", RUN + then, *arguments],
        env={"PATH": os.environ["PATH"], **environment(home, **variables)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_command_writes_no_core_file(home: Path) -> None:
    assert command(home, "status", then=LIMIT).splitlines()[-1] == "(0, 0)"


def test_the_plugin_writes_no_core_file(home: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "certwright"], env=environment(home), stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline()
        limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        process.kill()
    (core,) = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
    assert core == ["0", "0"]


def test_init_shows_the_recovery_key_of_a_key_file_once(tmp_path: Path) -> None:
    first, second = command(tmp_path / "fresh", "init"), command(tmp_path / "fresh", "init")
    assert ("Recovery key:" in first, "Recovery key:" in second) == (True, False)


@pytest.mark.parametrize(("uri", "variable"), [("env:MASTER", "MASTER"), ("passphrase:env:PASS", "PASS")])
def test_init_shows_no_key_that_was_given_to_it(tmp_path: Path, uri: str, variable: str) -> None:
    shown = command(tmp_path / "fresh", "init", CERTWRIGHT_MASTER_KEY=uri, **{variable: KEY})
    assert ("A new home was made" in shown, "Recovery key:" in shown, KEY in shown) == (True, False, False)


def test_init_of_a_new_home_says_so_with_a_key_that_was_there(tmp_path: Path) -> None:
    first = command(tmp_path / "fresh", "init")
    (tmp_path / "fresh" / "store.db").unlink()
    second = command(tmp_path / "fresh", "init")
    assert [text.startswith("A new home was made") for text in (first, second)] == [True, True]


def test_the_audit_log_names_the_user_whatever_the_environment_says(tmp_path: Path) -> None:
    command(tmp_path / "fresh", "init", LOGNAME="mallory", USER="mallory")
    assert [actor for (actor,) in rows(tmp_path / "fresh", "audit_events", "actor") if "mallory" in str(actor)] == []


def test_a_closed_application_asks_no_dns(home: Path) -> None:
    environ = environment(home)
    app = open_app(resolve_settings({"resolvers": ["127.0.0.1:1"]}, environ), environ)
    app.close()
    with pytest.raises(Cancelled):
        app.core.resolver.ask("example.com.", RecordType.CNAME, 1.0, FakeCancellation())


def test_everything_can_be_ignored(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    news = certificate(subjectAlternativeNames=["a.example.com"], tags={"a": "b"})
    assert list(up.diff(CERTIFICATE, made, news, ["*"]).diffs) == []


def test_another_element_than_the_ignored_one_is_a_change(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    news = certificate(tags={"a": "b", "c": "d"})
    assert list(up.diff(CERTIFICATE, made, news, ["tags.a"]).diffs) == ['tags["c"]']
