"""The wheels in an empty environment: commands and programs, away from the repository."""

import shutil
from pathlib import Path

import pytest
from certwright import __version__

from tests.packaging.outside import Account, make_account
from tests.support.knot import Knot
from tests.support.programs import issued

pytestmark = pytest.mark.e2e

PYTHON_PROGRAM = """
import pulumi
import pulumi_certwright as certwright

names = ["python.example.com"]
cert = certwright.Certificate("cert", domain_name=names[0], key_algorithm="EC_prime256v1")
records = [
    certwright.ValidationRecord(record.name, zone="example.com", name=record.name, type=record.type, value=record.value)
    for record in certwright.get_validation_records(domain_names=names).records
]
done = certwright.CertificateValidation(
    "done", certificate_arn=cert.arn, validation_record_fqdns=[record.fqdn for record in records]
)
pulumi.export("status", done.status)
pulumi.export("origin", certwright.__file__)
"""


@pytest.fixture
def account(tmp_path: Path, knot: Knot, installed: Path) -> Account:
    """Return an account where the environment is active."""
    return make_account(tmp_path, knot, installed / "bin")


def test_nothing_of_the_repository_is_in_the_environment(account: Account) -> None:
    done = account.command("python", "-c", "import certwright, sys; print(certwright.__file__, sys.path)")
    assert (str(Path(__file__).parents[2]) in done.stdout, done.returncode) == (False, 0), done.stderr


def test_the_commands_work_in_an_empty_home(account: Account) -> None:
    said = {
        arguments: account.command("certwright", *arguments)
        for arguments in [("--version",), ("--help",), ("init",), ("doctor",), ("status",)]
    }
    assert {arguments: done.stderr for arguments, done in said.items() if done.returncode} == {}
    assert said["--version",].stdout == f"certwright, version {__version__}\n"
    assert f"A new home was made: {account.home / '.certwright'}" in said["init",].stdout
    assert "are sound" in said["doctor",].stdout


def test_a_yaml_program_gets_its_certificate(account: Account) -> None:
    account.write(issued(["yaml.example.com"], "example.com", 1))
    account.up().require_ok()
    assert account.outputs()["pem"].startswith("-----BEGIN CERTIFICATE-----")
    assert account.preview().require_ok().changed() == {}


def test_a_python_program_gets_its_certificate(account: Account, installed: Path) -> None:
    account.write_python(PYTHON_PROGRAM)
    account.up().require_ok()
    found = account.outputs()
    assert (found["status"], found["origin"].startswith(str(installed))) == ("ISSUED", True)


@pytest.mark.parametrize("wanted", ["0.0.9", "99.0.0"])
def test_an_sdk_of_another_version_than_the_plugin_is_warned_of(account: Account, installed: Path, wanted: str) -> None:
    copy = account.home / "other/pulumi_certwright"
    (package,) = installed.glob("lib/python*/site-packages/pulumi_certwright")
    shutil.copytree(package, copy)
    utilities = (copy / "_utilities.py").read_text()
    (copy / "_utilities.py").write_text(utilities.replace(f'return "{__version__}"', f'return "{wanted}"'))
    account.write_python(PYTHON_PROGRAM)
    run = account.preview(env={"PYTHONPATH": str(copy.parent)}).require_ok()
    assert (
        f"The SDK pulumi-certwright is version {wanted}, but the plugin that runs is certwright {__version__}"
        in run.text
    )


def test_an_sdk_of_the_plugins_version_is_not_warned_of(account: Account) -> None:
    account.write_python(PYTHON_PROGRAM)
    assert "The SDK pulumi-certwright" not in account.preview().require_ok().text
