"""The plugin where no environment is active: found by the engine, of the right installation, without a warning."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from certwright import __version__

from tests.packaging.clones import PLATFORM
from tests.packaging.outside import Account, make_account
from tests.support.knot import Knot
from tests.support.programs import certificate, issued, program
from tests.support.stack import REPOSITORY

pytestmark = pytest.mark.e2e

NAME = "pulumi-resource-certwright"
PREVIEWED = program(certificate(["plugin.example.com"]))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@pytest.fixture
def account(tmp_path: Path, knot: Knot) -> Account:
    """Return an account where no environment is active."""
    return make_account(tmp_path / "a user's place", knot)


def install(account: Account, environment: Path, **env: str) -> None:
    done = account.command(environment / "bin/certwright", "pulumi", "install", **env)
    assert done.returncode == 0, done.stderr


def shim(account: Account) -> Path:
    return account.home / f".pulumi/plugins/resource-certwright-v{__version__}" / NAME


def require_preview(account: Account, **env: str) -> None:
    """Preview a certificate; the plugin is found, and nothing is said about PATH."""
    account.write(PREVIEWED)
    run = account.preview(env=env).require_ok()
    assert (run.changed(), "$PATH" in run.text) == ({"cert": "create"}, False)


def test_an_installed_plugin_is_found_where_no_environment_is_active(account: Account, installed: Path) -> None:
    install(account, installed)
    account.write(issued(["installed.example.com"], "example.com", 1))
    run = account.up().require_ok()
    assert "$PATH" not in run.text
    assert account.outputs()["pem"].startswith("-----BEGIN CERTIFICATE-----")


def test_the_quickstart_runs_where_no_environment_is_active(account: Account, installed: Path) -> None:
    shutil.copytree(REPOSITORY / "examples/quickstart", account.folder, dirs_exist_ok=True)
    install(account, installed)
    for command in (("stack", "init", "dev"), ("config", "set", "domain", "example.com")):
        done = account.pulumi(*command, "--non-interactive")
        assert done.returncode == 0, done.stderr
    # What `virtualenv` in Pulumi.yaml does with the language host of a release: the program's Python, and no PATH.
    run = account.up(env={"PULUMI_PYTHON_CMD": str(installed / "bin/python")}).require_ok()
    assert "$PATH" not in run.text
    assert account.outputs()["web"]["certificate"].startswith("-----BEGIN CERTIFICATE-----")


def test_installing_again_mends_what_was_broken(account: Account, installed: Path) -> None:
    install(account, installed)
    shim(account).write_text("#!/bin/sh\nexit 1\n")
    install(account, installed)
    require_preview(account)


def test_of_two_environments_the_last_that_installed_is_started(
    account: Account, installed: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", other], check=True)
    (site,) = other.glob("lib/python*/site-packages")
    (theirs,) = installed.glob("lib/python*/site-packages")
    (site / "theirs.pth").write_text(f"{theirs}\n")
    shutil.copy(installed / "bin/certwright", other / "bin/certwright")
    install(account, installed)
    again = account.command(
        other / "bin/python", "-c", "from certwright.transport.cli import main; main()", "pulumi", "install"
    )
    assert again.returncode == 0, again.stderr
    assert f"{other}/bin/python" in shim(account).read_text()
    require_preview(account)


def test_an_environment_that_is_gone_says_how_to_install_again(account: Account, installed: Path) -> None:
    install(account, installed)
    shim(account).write_text(shim(account).read_text().replace(str(installed), f"{installed} no more"))
    account.write(PREVIEWED)
    run = account.preview().require_failed()
    assert "the environment that this plugin was installed from is gone" in run.messages, run.text
    assert "certwright pulumi install" in run.messages


def test_a_plugin_is_installed_for_one_pulumi_home(account: Account, installed: Path) -> None:
    elsewhere = str(account.home / "else where")
    install(account, installed, PULUMI_HOME=elsewhere)
    assert not shim(account).exists()
    require_preview(account, PULUMI_HOME=elsewhere, PULUMI_STACK="dev")


def test_a_removed_plugin_is_gone(account: Account, installed: Path) -> None:
    install(account, installed)
    done = account.pulumi("plugin", "rm", "resource", "certwright", __version__, "--yes")
    assert (done.returncode, shim(account).exists()) == (0, False), done.stderr


def test_a_later_version_is_installed_beside_and_taken(account: Account, installed: Path) -> None:
    install(account, installed)
    later = account.home / "later"
    later.mkdir()
    (later / NAME).write_text(shim(account).read_text())
    (later / NAME).chmod(0o755)
    shim(account).write_text("#!/bin/sh\nexit 1\n")
    done = account.pulumi("plugin", "install", "resource", "certwright", "99.0.0", "--file", str(later))
    assert done.returncode == 0, done.stderr
    require_preview(account)


@pytest.fixture
def unpacked(account: Account, dist: Path) -> Path:
    """Return the folder of the plugin that was installed from the archive."""
    archive = dist / f"{NAME}-v{__version__}-{PLATFORM}.tar.gz"
    done = account.pulumi("plugin", "install", "resource", "certwright", __version__, "--file", str(archive))
    assert done.returncode == 0, done.stderr
    return shim(account).parent


@pytest.mark.usefixtures("unpacked")
def test_the_archive_is_a_plugin_that_needs_no_environment(account: Account) -> None:
    account.write(issued(["archive.example.com"], "example.com", 1))
    run = account.up().require_ok()
    assert "$PATH" not in run.text
    assert account.outputs()["pem"].startswith("-----BEGIN CERTIFICATE-----")


def test_the_archive_has_the_command_as_well_also_by_a_link(account: Account, unpacked: Path) -> None:
    link = account.home / "certwright"
    link.symlink_to(unpacked / "certwright")
    done = account.command(link, "init")
    assert (done.returncode, "A new home was made" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("version", PYTHONS)
def test_the_archive_runs_with_every_python_it_names(account: Account, unpacked: Path, version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    only = account.home / "only"
    only.mkdir()
    (only / "python3").symlink_to(python)
    done = account.command(unpacked / "certwright", "init", PATH=f"{only}:/usr/bin:/bin")
    assert (done.returncode, "Root fingerprint" in done.stdout) == (0, True), done.stderr


def test_the_archive_says_which_python_it_needs_where_there_is_none(account: Account, unpacked: Path) -> None:
    only = account.home / "only"
    only.mkdir()
    for name in ("sh", "dirname", "basename", "readlink"):
        (only / name).symlink_to(f"/usr/bin/{name}")
    done = account.command(unpacked / NAME, PATH=str(only))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "certwright needs Python 3.11, 3.12, 3.13 or 3.14 on PATH, and finds none. Install one.\n"


def interpreter(version: str) -> str | None:
    """Return a Python of the version, on PATH or where pyenv keeps them."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}")
