"""What must hold of a stack and its home after a fault and one more `up`."""

import subprocess

from tests.support.stack import VENV, Stack
from tests.support.store import query


def require_converged(stack: Stack) -> None:
    """Require that state and store agree, that nothing is orphaned, lost or signed twice, and that every key opens."""
    state = stack.resources()
    known = {item["id"] for item in state.values() if item["type"] == "certwright:index:Certificate"}
    live = {
        f"arn:certwright:acm:{region}:{account}:certificate/{number}"
        for region, account, number in query(
            stack.home, "SELECT region, account, id FROM certificates WHERE deleted_at IS NULL"
        )
    }
    assert live == known, f"in the store: {live}, in the state: {known}"
    for item in state.values():
        if item["type"] == "certwright:index:CertificateValidation":
            assert item["outputs"]["status"] == "ISSUED"
    _require_signed_once(stack)
    _require_sound(stack)


def require_gone(stack: Stack) -> None:
    """Require that a destroyed stack left no live certificate and no hold on a record."""
    assert [item for item in stack.resources() if item != "test-dev"] == []
    assert query(stack.home, "SELECT id FROM certificates WHERE deleted_at IS NULL") == []
    assert query(stack.home, "SELECT name FROM zone_record_holds") == []
    _require_signed_once(stack)
    _require_sound(stack)


def _require_signed_once(stack: Stack) -> None:
    issued = query(stack.home, "SELECT authority_id, serial FROM certificate_versions WHERE certificate IS NOT NULL")
    assert len(set(issued)) == len(issued)
    outcomes = {row[0]: row[1] for row in query(stack.home, "SELECT serial, outcome FROM serials")}
    assert all(outcomes[serial] == "ISSUED" for _, serial in issued)
    assert query(stack.home, "SELECT number FROM certificate_versions WHERE state = 'SIGNING'") == []
    in_force = query(stack.home, "SELECT certificate_id FROM certificate_versions WHERE state = 'ISSUED'")
    assert len(set(in_force)) == len(in_force)


def _require_sound(stack: Stack) -> None:
    said = doctor_says(stack)
    assert "are sound" in said, said


def doctor_says(stack: Stack) -> str:
    """Return what `certwright doctor` prints for a stack's home."""
    command = [str(VENV / "bin" / "certwright"), "doctor"]
    done = subprocess.run(command, env=stack.environment(), capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
