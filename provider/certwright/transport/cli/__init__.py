"""The command `certwright`."""

from certwright.transport.cli.commands import main

__all__ = ["main"]
