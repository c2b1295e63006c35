"""What went wrong as the SDK shows it: a traceback and, as its last lines, our sentences."""

import logging
import os
from collections.abc import Callable
from typing import TypeVar

from certwright.adapters.plugin_log import FrameFormatter, HomeLog, fault_sentence
from certwright.errors import CertwrightError
from certwright.settings import home_of

T = TypeVar("T")
# The SDK writes the type's name before the text of whatever a handler raises.
Told: type[Exception] = type("certwright", (Exception,), {"__module__": "builtins", "__doc__": "Carry sentences."})


class Refusal(Exception):
    """Carry the sentences of a check that could not begin."""


def told(work: Callable[[], T], error_of: Callable[[str], Exception] = Told) -> T:
    """Run a handler; its errors become sentences, anything else is a fault of ours and logged.

    Neither cause nor context is passed on: what they say may hold a secret (T3).
    """
    try:
        return work()
    except CertwrightError as error:
        raise error_of(str(error)) from None
    except Exception as error:  # noqa: BLE001 - the edge of our code
        _keep(error)
        raise error_of(fault_sentence(type(error))) from None


def _keep(error: Exception) -> None:
    """Write a fault of ours to the home alone: the process, and its logging, belong to other providers too."""
    kept = HomeLog(home_of(os.environ))
    kept.setFormatter(FrameFormatter())
    info = (type(error), error, error.__traceback__)
    kept.handle(logging.LogRecord(__name__, logging.ERROR, __file__, 0, "internal error", None, info))
