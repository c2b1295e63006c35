"""`certwright pulumi install`: a shim of this interpreter, handed to the pulumi CLI."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from certwright import __version__
from certwright.transport.cli import plugin

from tests.transport.cli.conftest import Run

SYSTEM = "/usr/bin:/bin"


def fake_pulumi(folder: Path, ending: str = "exit 0") -> Path:
    """Write a pulumi that notes its arguments and keeps the folder it is given."""
    folder.mkdir()
    script = folder / "pulumi"
    keep = f'for given; do [ -d "$given" ] && cp -r "$given" {shlex.quote(str(folder / "given"))}; done'
    arguments = f'echo "$@" > {shlex.quote(str(folder / "arguments"))}'
    script.write_text(f"#!/bin/sh\n{arguments}\n{keep}\n{ending}\n")
    script.chmod(0o755)
    return folder


def installed_shim(run: Run, folder: Path) -> Path:
    """Install the plugin and return the shim that pulumi was given."""
    fake_pulumi(folder)
    done = run("pulumi", "install", PATH=f"{folder}:{SYSTEM}")
    assert done.exit_code == 0, done.output
    return folder / "given" / "pulumi-resource-certwright"


def start(shim: Path, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([shim, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def interpreter(folder: Path) -> Path:
    """Write an interpreter that prints its arguments."""
    folder.mkdir(parents=True)
    python = folder / "python"
    python.write_text('#!/bin/sh\nfor one; do echo "$one"; done\n')
    python.chmod(0o755)
    return python


def test_the_plugin_is_not_installed_without_pulumi(run: Run, tmp_path: Path) -> None:
    done = run("pulumi", "install", PATH=str(tmp_path))
    assert (done.exit_code, "The pulumi CLI is not on PATH" in done.stderr) == (1, True)


def test_pulumi_is_told_to_install_this_version_over_an_earlier_one(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    shim = installed_shim(run, folder)
    words = (folder / "arguments").read_text().split()
    assert words[:6] == ["plugin", "install", "resource", "certwright", __version__, "--file"]
    assert (words[7:], os.access(shim, os.X_OK)) == (["--reinstall"], True)


def test_a_plugin_that_cannot_be_installed_says_why(run: Run, tmp_path: Path) -> None:
    folder = fake_pulumi(tmp_path / "bin", "echo 'disk is full' >&2; exit 1")
    done = run("pulumi", "install", PATH=f"{folder}:{SYSTEM}")
    assert (done.exit_code, "disk is full" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", ["plain", "two words", "it's $HOME", 'a "quoted" `one`'])
def test_the_shim_starts_the_interpreter_it_was_installed_with_wherever_that_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, "executable", str(interpreter(tmp_path / name)))
    shim = installed_shim(run, tmp_path / "bin")
    assert start(shim, "127.0.0.1:1", "two words").stdout.splitlines() == [
        *("-P", "-m", "certwright"),
        *("127.0.0.1:1", "two words"),
    ]


def test_modules_in_the_programs_folder_do_not_stand_in_for_the_plugins(run: Run, tmp_path: Path) -> None:
    for name in ("certwright", "grpc", "click"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the program')")
    shim = installed_shim(run, tmp_path / "bin")
    process = subprocess.Popen([shim], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert (port.strip().isdigit(), errors) == (True, "")


def test_an_environment_that_is_gone_is_told_with_the_way_back(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = interpreter(tmp_path / "environment")
    monkeypatch.setattr(sys, "executable", str(python))
    shim = installed_shim(run, tmp_path / "bin")
    python.unlink()
    done = start(shim)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"is gone ({python})" in done.stderr
    assert "certwright pulumi install" in done.stderr


def test_the_way_to_remove_it_is_told(run: Run, tmp_path: Path) -> None:
    folder = fake_pulumi(tmp_path / "bin")
    done = run("pulumi", "install", PATH=f"{folder}:{SYSTEM}")
    assert f"pulumi plugin rm resource certwright {__version__}" in done.stdout


@pytest.mark.parametrize("is_there", [True, False], ids=["active", "not active"])
def test_an_active_environment_is_said_to_come_first(run: Run, tmp_path: Path, *, is_there: bool) -> None:
    folder = fake_pulumi(tmp_path / "bin")
    if is_there:
        on_path = folder / plugin.NAME
        on_path.write_text("#!/bin/sh\n")
        on_path.chmod(0o755)
    done = run("pulumi", "install", PATH=f"{folder}:{SYSTEM}")
    assert ("PULUMI_IGNORE_AMBIENT_PLUGINS=true" in done.stdout) is is_there
