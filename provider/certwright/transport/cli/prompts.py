"""What commands ask of people, and what they say while they work."""

import stat
import time
from pathlib import Path

import click

from certwright.model.secret import SecretBytes

_SHORTEST = 12
_QUIET_SECONDS = 2.0


class Ticker:
    """Say every two seconds how far a long work is; a short one says nothing."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._said = time.monotonic()

    def __call__(self, done: int) -> None:
        """Take the number of what is done."""
        if time.monotonic() - self._said >= _QUIET_SECONDS:
            self._said = time.monotonic()
            click.echo(f"… {done:,} {self._what}", err=True)


def ask_passphrase(file: Path | None, *, is_new: bool) -> SecretBytes:
    """Return a passphrase from a private file, or asked for (twice when it is new); never from arguments."""
    if file is not None:
        text = _read_passphrase(file)
    else:
        text = click.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new, err=True)
    if is_new and len(text) < _SHORTEST:
        msg = f"The passphrase has less than {_SHORTEST} characters; whoever gets the file can guess short ones."
        raise click.UsageError(msg)
    return SecretBytes(text.encode())


def _read_passphrase(file: Path) -> str:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"Cannot read the passphrase file {file}: {getattr(error, 'strerror', None) or 'it is no text'}."
        raise click.UsageError(msg) from error
    if mode & 0o077:
        msg = f"{file} can be read by others (mode {mode:04o}). Run: chmod 600 {file}"
        raise click.UsageError(msg)
    return text
