"""Back up and restore the store, and move a home to another machine."""

import os
from pathlib import Path

import click

from certwright.adapters.archives import homes
from certwright.adapters.archives.backup import BackedUp
from certwright.adapters.revocation_log import read_log
from certwright.bootstrap import caller_of
from certwright.core.backup import note_copy
from certwright.core.health import examine
from certwright.core.revocation_logs import accept_lost_revocations, recover_lost_log, settle_restored
from certwright.model.archive import ArchiveHeader
from certwright.settings import Settings, resolve_settings
from certwright.transport.cli.opening import OVERDUE, opened_app, told_errors
from certwright.transport.cli.prompts import Ticker, ask_passphrase

_FILE = click.Path(path_type=Path)
_LOSS = (
    "What was revoked after the backup and is in no log is called good from then on. Revoke again what you know of "
    "first: certwright revoke."
)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Replace FILE when it is there.")
def backup(file: Path, *, replace: bool) -> None:
    """Write the whole store, as it is at one instant, into FILE; stacks may go on working meanwhile.

    The master key is never in it. The exit code is 3 when rows are damaged; the backup is made as they are.
    """
    with opened_app() as app:
        note_copy(app.core, app.caller, "BackUpStore", str(file.absolute()))
        done = homes.back_up(app.sql_store, app.core.master_key, file, Ticker("rows"), replace=replace)
        click.echo(f"Backed up installation {done.installation_id} as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC: {file}")
        click.echo(f"The master key is not in it: {app.settings.master_key}. Keep it too, apart from the backup.")
        _tell_damages(done)


@click.command()
@click.argument("file", type=_FILE, required=False)
@click.option(
    "--accept-lost-revocations",
    "accepts",
    is_flag=True,
    help="Without FILE: take your word that nothing that was revoked since the backup is unknown here.",
)
@click.option("--lost-log", type=_FILE, help="Without FILE: take over the log of revocations of the old home.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def restore(file: Path | None, lost_log: Path | None, *, accepts: bool, yes: bool) -> None:
    """Load the backup FILE into the configured store, SQLite or PostgreSQL, which must not be there or be empty.

    Needs the master key of the installation. All of it is restored or nothing; then doctor's checks run, and the exit
    code is 3 when they find trouble.
    """
    if [file is not None, lost_log is not None, accepts].count(True) != 1:
        msg = "Give a FILE to restore, or one of --lost-log and --accept-lost-revocations without it."
        raise click.UsageError(msg)
    if file is not None:
        _restore(file)
    elif lost_log is not None:
        _recover(lost_log)
    else:
        _accept(yes=yes)


def _restore(file: Path) -> None:
    with told_errors():
        settings = resolve_settings({}, os.environ)
        header = homes.restore(settings, os.environ, file, caller_of(settings), Ticker("rows"))
    _after_restore(header, "Restored")


@click.command("export-home")
@click.argument("file", type=_FILE)
@click.option("--passphrase-file", type=_FILE, help="Read the passphrase from this file (mode 0600).")
def export_home(file: Path, passphrase_file: Path | None) -> None:
    """Write store and master key into FILE under a passphrase, to move the home to another machine."""
    passphrase = ask_passphrase(passphrase_file, is_new=True)
    with opened_app() as app:
        note_copy(app.core, app.caller, "ExportHome", str(file.absolute()))
        done = homes.export_home(app.settings, app.sql_store, app.core.master_key, file, passphrase, Ticker("rows"))
        click.echo(f"Exported installation {done.installation_id} as of {done.made_at:%Y-%m-%d %H:%M:%S} UTC: {file}")
        _tell_key(app.settings)
        click.echo("Use this home no more once it is imported elsewhere: the two would go different ways.")
        _tell_damages(done)


@click.command("import-home")
@click.argument("file", type=_FILE)
@click.option("--passphrase-file", type=_FILE, help="Read the passphrase from this file (mode 0600).")
def import_home(file: Path, passphrase_file: Path | None) -> None:
    """Make a home of an exported one, where there is none. The exit code is 3 when doctor's checks find trouble."""
    passphrase = ask_passphrase(passphrase_file, is_new=False)
    with told_errors():
        settings = resolve_settings({}, os.environ)
        header = homes.import_home(settings, os.environ, file, passphrase, caller_of(settings), Ticker("rows"))
    _after_restore(header, "Imported")


def _after_restore(header: ArchiveHeader, verb: str) -> None:
    with opened_app() as app:
        click.echo(
            f"{verb} installation {header.installation_id} as of {header.made_at:%Y-%m-%d %H:%M:%S} UTC: {app.place}"
        )
        lost = settle_restored(app.core, app.caller)
        click.echo(lost or "Every revocation since then is known: the log of this home has them all.")
        findings = [item for item in examine(app.core, app.caller) if item.message != lost]
        for finding in findings:
            click.echo(f"FOUND {finding.subject}: {finding.message}")
        if findings:
            raise click.exceptions.Exit(OVERDUE)


def _recover(lost_log: Path) -> None:
    with opened_app() as app:
        count = recover_lost_log(app.core, app.caller, read_log(lost_log))
        click.echo(f"Taken over: {count} revocations that were not known here.")


def _accept(*, yes: bool) -> None:
    with opened_app() as app:
        if not yes:
            click.echo(_LOSS)
            click.confirm("Is nothing else lost?", abort=True)
        count = accept_lost_revocations(app.core, app.caller)
        click.echo("Accepted: all that is not known as revoked is called good." if count else "Nothing was lost.")


def _tell_key(settings: Settings) -> None:
    if homes.key_file_of(settings) is None:
        click.echo(f"The master key is not in it, as it is no file: carry {settings.master_key} along.")


def _tell_damages(done: BackedUp) -> None:
    for damage in done.damages:
        click.echo(f"FOUND {damage.table} {damage.row}: {damage.what}. It is in the copy as it is.", err=True)
    if done.damages:
        raise click.exceptions.Exit(OVERDUE)
