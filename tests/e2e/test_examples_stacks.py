"""One stack owns a certificate, another uses it through a StackReference."""

import json
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.e2e.conftest import target
from tests.support.knot import Knot
from tests.support.stack import REPOSITORY, Stack, make_stack
from tests.support.verifiers import Issued, openssl_says, write_pems

_EXAMPLE = REPOSITORY / "examples" / "stack-reference"
_DOMAIN = "example.net"
Stacks = tuple[Stack, Stack]


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory, knot: Knot) -> Stacks:
    """Return the two stacks after their first `up`, on one backend and one home."""
    folder = tmp_path_factory.mktemp("stacks")
    (folder / "state").mkdir()
    owner, user = (_stack(folder, name, knot) for name in ("certificates", "servers"))
    owner.configure("domain", _DOMAIN)
    owner.configure("certwright:rfc2136", target(knot), "--secret")
    for stack in (owner, user):
        stack.up().require_ok()
    return owner, user


def _stack(folder: Path, name: str, knot: Knot) -> Stack:
    shutil.copytree(_EXAMPLE / name, folder / name)
    stack = make_stack(folder / name, folder / "home", PULUMI_BACKEND_URL=f"file://{folder}/state")
    stack.configure("certwright:resolvers", json.dumps([knot.address]))
    return stack


def served(stack: Stack, folder: Path) -> Issued:
    """Write what the server would serve, and what its clients would trust, as PEM files."""
    outputs = stack.outputs()
    leaf, *chain = x509.load_pem_x509_certificates(outputs["serverPem"].encode())
    return write_pems(folder, _pem([leaf]), _pem(chain), outputs["clientRoots"])


def _pem(certificates: list[x509.Certificate]) -> str:
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)


def test_the_second_stack_has_all_that_the_first_exports(issued: Stacks, tmp_path: Path) -> None:
    owner, user = (stack.outputs() for stack in issued)
    assert (user["arn"], user["clientRoots"]) == (owner["arn"], owner["trustBundle"])
    assert user["serverPem"] == owner["certificate"] + owner["chain"] + owner["privateKey"]
    assert user["neverDelete"] == [record["resourceRecordName"] for record in owner["records"]]
    assert openssl_says(served(issued[1], tmp_path)).endswith("leaf.pem: OK")


def test_the_key_stays_secret_over_the_reference(issued: Stacks) -> None:
    _, user = issued
    done = user.pulumi("stack", "output", "--json")
    assert json.loads(done.stdout)["serverPem"] == "[secret]"
    assert "PRIVATE KEY" not in user.pulumi("stack", "export").stdout


def test_neither_stack_has_anything_to_change_afterwards(issued: Stacks) -> None:
    assert [stack.preview().require_ok().changed() for stack in issued] == [{}, {}]


def test_a_name_added_by_the_owner_reaches_the_second_stack_under_the_same_arn(issued: Stacks, tmp_path: Path) -> None:
    owner, user = issued
    before = user.outputs()
    owner.configure("more", json.dumps([f"shop.{_DOMAIN}"]))
    owner.up().require_ok()
    user.up().require_ok()
    after = user.outputs()
    assert (after["arn"], after["names"]) == (before["arn"], [_DOMAIN, f"shop.{_DOMAIN}"])
    assert after["serverPem"] != before["serverPem"]
    assert openssl_says(served(user, tmp_path)).endswith("leaf.pem: OK")
