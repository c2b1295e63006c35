"""Faults of our own and of the store: a sentence, a code, no traceback and nothing of what is inside."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import grpc
import pytest

from tests.transport.declared import certificate
from tests.transport.engine import CERTIFICATE, Engine, Made, refused
from tests.transport.homes import execute, flip
from tests.transport.wire import struct

INSIDE = "s3cret detail of the inside"


class BrokenClock:
    """A clock that cannot tell the time (ports.clock.Clock)."""

    def now(self) -> datetime:
        raise RuntimeError(INSIDE)

    def monotonic(self) -> float:
        raise RuntimeError(INSIDE)


@pytest.fixture
def broken(up: Engine) -> Engine:
    """Give the provider a clock that fails in a way nobody foresaw."""
    app = up.provider._app
    assert app is not None
    up.provider._app = replace(app, core=replace(app.core, clock=BrokenClock()))
    return up


def test_a_fault_of_ours_is_one_sentence_that_says_what_to_do(broken: Engine) -> None:
    with refused() as found:
        broken.create(CERTIFICATE, certificate())
    assert found[0].code is grpc.StatusCode.INTERNAL
    assert found[0].sentence.startswith("certwright has a fault of its own (RuntimeError); nothing was acknowledged.")


@pytest.mark.parametrize("inside", [INSIDE, "Traceback", "File", ".py", "\n"])
def test_a_fault_of_ours_shows_nothing_of_the_inside(broken: Engine, inside: str) -> None:
    with refused() as found:
        broken.create(CERTIFICATE, certificate())
    assert inside not in found[0].sentence


def test_a_fault_of_ours_is_logged_with_all_that_helps(broken: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with refused():
        broken.create(CERTIFICATE, certificate())
    (record,) = [item for item in caplog.records if item.name.startswith("certwright")]
    assert record.exc_info is not None


@pytest.mark.parametrize("value", ["{}", "not JSON", '{"v": 2}', '{"v": 1}'], ids=["empty", "torn", "newer", "short"])
def test_a_stored_row_that_does_not_parse_is_said_to_be_damaged(up: Engine, home: Path, value: str) -> None:
    made = up.create(CERTIFICATE, certificate())
    execute(home, "UPDATE certificates SET spec = :value", {"value": value})
    with refused() as found:
        up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    assert (found[0].code, "stored certificate" in found[0].sentence) == (grpc.StatusCode.DATA_LOSS, True), found


def test_a_sealed_secret_with_a_flipped_byte_is_said_to_be_damaged(up: Engine, home: Path) -> None:
    flip(home, "account_secrets", "sealed")
    with refused() as found:
        up.preview(CERTIFICATE, certificate())
    assert found[0].code is grpc.StatusCode.DATA_LOSS


def test_a_store_that_is_gone_is_a_sentence(up: Engine, home: Path) -> None:
    execute(home, "DROP TABLE certificates")
    with refused() as found:
        up.create(CERTIFICATE, certificate())
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert found[0].sentence == f"The store sqlite:///{home}/store.db cannot be used: no such table: certificates."


@pytest.mark.parametrize("version", [1e308, "x", -1.0], ids=["too large", "a text", "negative"])
def test_an_odd_hidden_output_is_no_fault_of_ours(up: Engine, version: object) -> None:
    made = up.create(CERTIFICATE, certificate())
    state = made.outputs
    state["__certwright"]["version"] = version
    response = up.diff(CERTIFICATE, Made(made.id, struct(state), made.inputs), made.inputs)
    assert list(response.replaces) == []
