"""Revoke certificates, and tell how they stand."""

import re

import click

from certwright.core.revocation import revoke_version
from certwright.core.revocation_logs import replace_log
from certwright.core.standing import standing_of_certificate, standing_of_serial
from certwright.errors import Fault, InvalidInput
from certwright.model.arns import parse_certificate_arn
from certwright.model.revocations import RevocationReason, Standing, StandingKind
from certwright.transport.cli.opening import OVERDUE, opened_app

_REASONS = [reason.value for reason in RevocationReason]


@click.command()
@click.argument("arn")
@click.option("--reason", type=click.Choice(_REASONS), default=RevocationReason.UNSPECIFIED.value, show_default=True)
@click.option("--version", "number", type=click.IntRange(min=1), help="A version other than the current one.")
@click.option("--new-log", is_flag=True, help="Begin a log of revocations in this home: the one in use is lost.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def revoke(arn: str, reason: str, number: int | None, *, new_log: bool, yes: bool) -> None:
    """Revoke the current version of the certificate ARN. Nothing undoes it; the next `pulumi up` issues another one.

    KEY_COMPROMISE revokes every version that has the same key.
    """
    with opened_app() as app:
        parsed = parse_certificate_arn(arn)
        if not yes:
            what = f"version {number}" if number else "the current version"
            click.confirm(f"Revoke {what} of {arn} for ever ({reason})?", abort=True)
        if new_log:
            replace_log(app.core, app.caller)
        for item in revoke_version(app.core, app.caller, parsed, RevocationReason(reason), number):
            click.echo(
                f"REVOKED version {item.version}, serial {item.serial:x}: {item.reason.value}, "
                f"{item.revoked_at:%Y-%m-%d %H:%M:%S} UTC"
            )


@click.command()
@click.argument("subject", metavar="ARN|SERIAL")
def standing(subject: str) -> None:
    """Tell how the current certificate of an ARN, or a serial (hex), stands. The exit code is 3 unless it is good."""
    with opened_app() as app:
        if subject.startswith("arn:"):
            found = standing_of_certificate(app.core, app.caller, parse_certificate_arn(subject))
        else:
            found = standing_of_serial(app.core, app.caller, _serial(subject))
        click.echo(_told(found))
        if found.kind is not StandingKind.GOOD:
            raise click.exceptions.Exit(OVERDUE)


def _told(found: Standing) -> str:
    if found.revocation is None:
        return found.kind.value
    item = found.revocation
    return f"{found.kind.value} {item.revoked_at:%Y-%m-%d %H:%M:%S} UTC {item.reason.value} (version {item.version})"


def _serial(text: str) -> int:
    digits = text.replace(":", "")
    if not re.fullmatch(r"[0-9a-fA-F]{1,40}", digits):
        fix = "Give the serial in hex, with or without colons."
        raise InvalidInput((Fault("", "BAD_SERIAL", f"{text!r} is neither an ARN nor a serial", fix),))
    return int(digits, 16)
