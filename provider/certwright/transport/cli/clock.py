"""Look at the clock that signing goes by, and tell the store that it is right."""

from datetime import datetime

import click

from certwright.core.clock_guard import LONGEST_SLEEP, TOLERANCE, ClockReading, read_clock, reset_clock
from certwright.transport.cli.opening import OVERDUE, opened_app

_MEANING = (
    "The store then takes this machine's clock for right: it signs by it, and certificates made by a clock that was "
    "ahead count as not valid yet and are renewed. Only do that when the clock is right."
)


@click.group(invoke_without_command=True)
@click.pass_context
def clock(context: click.Context) -> None:
    """Compare the clock with the latest instant that the store has seen. The exit code is 3 when nothing is signed."""
    if context.invoked_subcommand is not None:
        return
    with opened_app() as app:
        reading = read_clock(app.core)
        _show(reading)
        if reading.trouble is not None:
            click.echo(f"\n{reading.trouble}", err=True)
            raise click.exceptions.Exit(OVERDUE)
        click.echo(
            f"Signing goes on: the clock is not more than {TOLERANCE.seconds} s behind and not more than "
            f"{LONGEST_SLEEP.days} days ahead."
        )


@clock.command()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def reset(*, yes: bool) -> None:
    """Take the present clock for right, after one that was wrong. The audit log keeps what it was before."""
    with opened_app() as app:
        _show(read_clock(app.core))
        if not yes:
            click.echo(f"\n{_MEANING}")
            click.confirm("Is the clock of this machine right?", abort=True)
        before = reset_clock(app.core, app.caller)
        click.echo(f"The latest instant seen is {_told(before.now)} now; it was {_told(before.mark)}.")


def _show(reading: ClockReading) -> None:
    click.echo(f"Clock:       {_told(reading.now)}")
    click.echo(f"Latest seen: {_told(reading.mark)}")


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
