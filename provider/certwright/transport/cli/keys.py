"""Rotate the keys that seal the store's secrets, and the master key that wraps those."""

import os
from collections.abc import Mapping

import click

from certwright.adapters.keys.master_keys import OpenedMasterKey, open_master_key
from certwright.bootstrap import App
from certwright.core.master_rotation import require_other, rotate_master_key
from certwright.core.rotation import Rotation, generations_in_use, rotate_keys
from certwright.model.scope import Scope
from certwright.settings import resolve_settings
from certwright.transport.cli.opening import opened_app
from certwright.transport.cli.prompts import Ticker

_CANCELLED = 1


@click.group(invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """Show the generations of the account's key-encryption keys, and how many secrets each one seals."""
    if context.invoked_subcommand is not None:
        return
    with opened_app() as app:
        click.echo(f"Master key: {app.settings.master_key}")
        for scope, counts in generations_in_use(app.core, app.caller).items():
            click.echo(f"{_named(scope)}:")
            for generation, count in counts.items():
                click.echo(f"  generation {generation}: {_secrets(count)}")


@keys.command()
def rotate() -> None:
    """Make new key-encryption keys for the account and each of its Regions, and seal every secret under them.

    Stacks may go on working meanwhile. Interrupted, every key opens as before; run it again and it goes on.
    """
    with opened_app() as app:
        try:
            done = rotate_keys(app.core, app.caller, app.sql_store, app.cancellation, Ticker("secrets"))
        except KeyboardInterrupt as error:
            click.echo("\nStopped. Every key opens as before; run `certwright keys rotate` again, and it goes on.")
            raise click.exceptions.Exit(_CANCELLED) from error
        _tell(done)


@keys.command("rotate-master")
@click.option("--to", "uri", required=True, metavar="URI", help="The new master key, as certwright:masterKey names it.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def rotate_master(uri: str, *, yes: bool) -> None:
    """Wrap all keys of the store, of every account, by another master key.

    URI is file:/path (made when it is not there), env:NAME, passphrase:env:NAME or passphrase:file:/path. Interrupted,
    either the old master key opens everything, or the new one.
    """
    with opened_app() as app:
        target = resolve_settings({"masterKey": uri}, os.environ).master_key
        if not yes:
            click.echo(f"Whoever opens the store {app.place} needs {target} from then on.")
            click.confirm("Move it to the new master key?", abort=True)
        opened = _open(app, target, os.environ)
        count = rotate_master_key(app.core, app.caller, opened.key, app.sql_store, Ticker("keys"))
        click.echo(f"{count} keys, and with them everything in the store, are under {target} now.")
        _tell_where(app, target, opened)


@keys.command()
def wipe() -> None:
    """Rewrite the store's file, so that its free space holds nothing of keys that were replaced or removed.

    The other commands of this group do so themselves; this one is for when they could not. On PostgreSQL the tables of
    keys are rewritten.
    """
    with opened_app() as app:
        app.sql_store.wipe_leftovers()
        click.echo(f"{app.place} holds nothing any more of what was replaced.")


def _open(app: App, uri: str, environ: Mapping[str, str]) -> OpenedMasterKey:
    opened = open_master_key(uri, environ, create=True)
    require_other(app.core, opened.key)
    return opened


def _tell(done: Rotation) -> None:
    if done.went_on:
        click.echo("A rotation that was interrupted was gone on with.")
    for scope, generation in done.generations.items():
        click.echo(f"{_named(scope)}: generation {generation}")
    click.echo(f"{_secrets(done.moved)} sealed anew. Processes that are running follow within a minute.")


def _tell_where(app: App, uri: str, opened: OpenedMasterKey) -> None:
    click.echo(f"Set it wherever this store is opened: export CERTWRIGHT_MASTER_KEY={uri}")
    click.echo(f"and in stacks that configure it: pulumi config set --secret certwright:masterKey {uri}")
    if uri.startswith("file:"):
        made = "was made now" if opened.is_new else "was there"
        click.echo(f"{uri.removeprefix('file:')} {made}: copy it to a safe place, apart from backups of the store.")
    click.echo(
        f"The old master key, {app.settings.master_key}, was left as it is. It, and the recovery key that was printed "
        "when it was made, open this store no more, but backups made before now: keep it as long as those, apart from "
        "them, then destroy it."
    )


def _named(scope: Scope) -> str:
    return f"Region {scope.region}" if scope.region else f"Account {scope.account}"


def _secrets(count: int) -> str:
    return "1 secret" if count == 1 else f"{count:,} secrets"
