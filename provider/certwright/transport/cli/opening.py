"""Open the home for a command, and tell every error with the exit code of its kind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from certwright.bootstrap import App, open_app
from certwright.errors import CertwrightError, Kind
from certwright.settings import resolve_settings

OVERDUE = 3
EXIT_CODES = {Kind.INVALID_INPUT: 2, Kind.UNAVAILABLE: 4, Kind.CORRUPT: 5, Kind.REFUSED: 6}
INTERNAL = 70
_TRACEBACK = "CERTWRIGHT_TRACEBACK"


@contextmanager
def opened_app(*, create: bool = False) -> Iterator[App]:
    """Open the home; `create` makes one on purpose, so that CI=true is no reason against it."""
    with told_errors():
        settings = resolve_settings({}, os.environ)
        app = open_app(replace(settings, is_ci=settings.is_ci and not create), os.environ, create=create)
        try:
            yield app
        finally:
            app.close()


@contextmanager
def told_errors() -> Iterator[None]:
    """Print the sentence of an error instead of a traceback, and end with its exit code."""
    try:
        yield
    except CertwrightError as error:
        click.echo(f"certwright: {error}", err=True)
        raise click.exceptions.Exit(EXIT_CODES.get(error.kind, 1)) from error
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise  # also when nobody reads on, as behind `| head`: click ends quietly
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        advice = f"Please run the same again with {_TRACEBACK}=1 and report what it prints."
        click.echo(f"certwright has a fault of its own ({type(error).__name__}). {advice}", err=True)
        raise click.exceptions.Exit(INTERNAL) from error
