"""No private key, account secret, master key or TSIG secret anywhere it does not belong."""

import json

import pytest

from tests.faults.hunt import Hunt
from tests.support.artefacts import files_of, rows_of
from tests.support.home_secrets import secrets_of
from tests.support.knot import KEY_SECRET
from tests.support.programs import certificate, issued, program, records, validation
from tests.support.stack import Stack

_ZONE = "example.com"
# Master key, two key-encryption keys, account secret, key of the rows, two authorities, six numbers of an RSA key, an
# EC scalar and the TSIG secret.
_SECRETS = 1 + 2 + 1 + 1 + 2 + 6 + 1 + 1


@pytest.fixture
def talkative() -> dict[str, str]:
    return {"PULUMI_DEBUG_COMMANDS": "1", "PULUMI_OPTIMIZED_CHECKPOINT_PATCH": "false"}


def test_no_secret_is_in_state_previews_logs_events_or_a_dump_of_the_store(
    stack: Stack, talkative: dict[str, str]
) -> None:
    stack.write(issued(["secret.example.com"], _ZONE, 1, keyAlgorithm="RSA_2048"))
    previewed = stack.preview("--diff", "--logtostderr", "-v=5", env=talkative).require_ok()
    applied = stack.up("--logtostderr", "-v=5", env=talkative).require_ok()
    stack.write(issued(["secret.example.com"], _ZONE, 1, keyAlgorithm="EC_secp384r1"))
    changed = stack.up(env=talkative).require_ok()
    hunt = Hunt()
    hunt.learn(secrets_of(f"sqlite:///{stack.home}/store.db", f"file:{stack.home}/master.key", {}))
    hunt.look({"preview": previewed.text.encode(), "up": applied.text.encode(), "second up": changed.text.encode()})
    hunt.look({"state": stack.export().encode(), "rows": rows_of(stack.home)})
    hunt.look(files_of(stack.folder, stack.home, without={"master.key"}))
    assert (hunt.found, hunt.canaries) == ([], _SECRETS)


def test_an_exported_key_and_a_tsig_secret_are_secrets_in_the_state(stack: Stack) -> None:
    target = json.loads(dict(stack.extra)["CERTWRIGHT_RFC2136"])
    given = json.dumps({**target, "port": int(target["port"])})
    text = program(
        certificate(["export.example.com"], options={"export": "ENABLED"}),
        records(1, _ZONE).replace('"zone":', f'"rfc2136": {given}, "zone":'),
        validation(["cert-record-0"]),
    )
    stack.write(text)
    run = stack.up().require_ok()
    key = stack.resources()["cert-issued"]["outputs"]["privateKeyPem"]
    assert "PRIVATE KEY" in json.dumps(key)
    hidden = stack.pulumi("stack", "export").stdout
    for text in (hidden, run.text, json.dumps(run.events)):
        assert "PRIVATE KEY" not in text
        assert KEY_SECRET not in text
    assert "ciphertext" in hidden
    assert stack.preview().require_ok().changed() == {}
    assert "PRIVATE KEY" not in stack.preview("--diff").text
