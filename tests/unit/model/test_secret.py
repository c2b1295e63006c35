"""A secret shows itself to nobody who does not ask for it by name."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict

import pytest
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target

CANARY = b"canary-5f0c7a52"
SECRET = SecretBytes(CANARY)
TARGET = Rfc2136Target("192.0.2.1", 53, "example.com", "updater", "hmac-sha256", SECRET)

SHOWN: dict[str, Callable[[], str]] = {
    "repr": lambda: repr(SECRET),
    "str": lambda: str(SECRET),
    "an f-string": lambda: f"{SECRET}",
    "an f-string with repr": lambda: f"{SECRET!r} {SECRET!a}",
    "the percent operator": lambda: "%s %r %a" % (SECRET, SECRET, SECRET),  # noqa: UP031 - old formatting is the case
    "str.format": lambda: "{} {!r}".format(SECRET, SECRET),  # noqa: UP032 - as above
    "a list": lambda: str([SECRET]),
    "a dictionary": lambda: repr({"key": SECRET}),
    "a dataclass around it": lambda: repr(TARGET),
    "its attributes": lambda: " ".join(dir(SECRET)),
}

REFUSES: dict[str, Callable[[], object]] = {
    "pickled": lambda: pickle.dumps(SECRET),
    "pickled by the oldest protocol": lambda: pickle.dumps(SECRET, 0),
    "pickled inside something": lambda: pickle.dumps(TARGET),
    "copied": lambda: copy.copy(SECRET),
    "copied deeply": lambda: copy.deepcopy([SECRET]),
    "taken apart with its dataclass": lambda: asdict(TARGET),
    "written as JSON": lambda: json.dumps({"key": SECRET}),
    "formatted to a width": lambda: f"{SECRET:>40}",
    "turned into bytes": lambda: bytes(SECRET),  # type: ignore[call-overload]
    "measured": lambda: len(SECRET),  # type: ignore[arg-type]
    "iterated over": lambda: list(SECRET),  # type: ignore[call-overload]
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
def test_a_secret_is_not_shown_by(show: Callable[[], str]) -> None:
    assert "canary" not in show()


@pytest.mark.parametrize("use", REFUSES.values(), ids=REFUSES.keys())
def test_a_secret_cannot_be(use: Callable[[], object]) -> None:
    with pytest.raises(TypeError) as caught:
        use()
    assert "canary" not in str(caught.value)


def test_a_secret_has_no_dictionary_of_attributes() -> None:
    assert not hasattr(SECRET, "__dict__")


def test_a_log_line_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger(__name__).warning("the secret is %s of %r", SECRET, TARGET)
    assert "the secret is SecretBytes()" in caplog.text
    assert "canary" not in caplog.text


def test_a_traceback_with_the_values_of_variables_shows_no_secret() -> None:
    def fail(secret: SecretBytes, target: Rfc2136Target) -> None:
        msg = f"cannot use {secret} of {target}"
        raise ValueError(msg)

    try:
        fail(SECRET, TARGET)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "secret = SecretBytes()" in shown
    assert "canary" not in shown


def test_only_reveal_hands_the_secret_out() -> None:
    assert SECRET.reveal() == CANARY
