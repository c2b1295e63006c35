"""Where faults of our own are told: one sentence to the engine, type and frames to a file in the home.

Neither shows a value: what an exception says may hold a secret (T3).
"""

import logging
import os
import sys
import traceback
from pathlib import Path

FILE = "plugin.log"


def fault_sentence(kind: type[BaseException]) -> str:
    """Say that certwright itself is at fault, and where the details are."""
    return (
        f"certwright has a fault of its own ({kind.__name__}); nothing was acknowledged. "
        f"{FILE} in the certwright home has the details where there is a home; please report it."
    )


def start_log(home: Path) -> None:
    """Send what any library logs from warnings up to stderr, which the engine shows, and to the home."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(SentenceFormatter())
    kept = HomeLog(home)
    kept.setFormatter(FrameFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[shown, kept])


class SentenceFormatter(logging.Formatter):
    """Write one sentence."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the sentence."""
        error = _error_of(record)
        return fault_sentence(type(error)) if error else f"certwright: {' '.join(record.getMessage().split())}"


class FrameFormatter(logging.Formatter):
    """Write when, who, and of an exception and its causes the types and frames."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        error = _error_of(record)
        head = f"{self.formatTime(record)} {record.levelname} {record.name}"
        return "\n".join([head, *_frames(error)]) if error else f"{head}: {' '.join(record.getMessage().split())}"


class HomeLog(logging.Handler):
    """Append to a file (0600) in the home, if there is a home; nothing is ever made for the log's sake."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._file = home / FILE

    def emit(self, record: logging.LogRecord) -> None:
        """Append one record."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        if not self._file.is_absolute():
            return
        try:
            descriptor = os.open(self._file, flags, 0o600)
        except OSError:
            return
        with os.fdopen(descriptor, "a") as file:
            os.fchmod(descriptor, 0o600)
            file.write(f"{self.format(record)}\n")


def _error_of(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _frames(error: BaseException) -> list[str]:
    seen: list[str] = []
    following: BaseException | None = error
    while following is not None:
        seen.append(f"  {type(following).__module__}.{type(following).__qualname__}")
        frames = traceback.extract_tb(following.__traceback__)
        seen.extend(f"    {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        following = following.__cause__ or following.__context__
    return seen
