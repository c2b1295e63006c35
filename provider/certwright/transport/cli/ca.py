"""Look at the built-in authority, and keep its root's private key elsewhere."""

from collections.abc import Iterable
from pathlib import Path

import click

from certwright.adapters.key_files import PrivateKeyFile
from certwright.bootstrap import App
from certwright.core.authority import fingerprint, issuing_authority, issuing_cas, roots_of, trust_bundle
from certwright.core.root_sealing import Custody, outlook_while_sealed, seal_root, unseal_root
from certwright.model.authorities import Authority
from certwright.model.secret import SecretBytes
from certwright.transport.cli.opening import opened_app
from certwright.transport.cli.prompts import ask_passphrase

_FILE = click.Path(path_type=Path, dir_okay=False)
_SEALED = (
    "The store gives up the private key of the root. Certificates are issued as before, but the next issuing CA, a new "
    "Region and a new root need the file and its passphrase. Whoever loses one of the two needs another account, with "
    "a new root."
)


@click.group(invoke_without_command=True)
@click.pass_context
def ca(context: click.Context) -> None:
    """Show roots and issuing CAs, and where their private keys are."""
    if context.invoked_subcommand is None:
        with opened_app() as app:
            _show(app)


@ca.command("seal-root")
@click.argument("file", type=_FILE)
@click.option("--passphrase-file", type=_FILE, help="Read the passphrase from this file (mode 0600).")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def seal(file: Path, passphrase_file: Path | None, *, yes: bool) -> None:
    """Move the root's private key out of the store into FILE, encrypted under a passphrase.

    FILE must not exist; it is PKCS#8 PEM that OpenSSL reads. Keep it and the passphrase apart from the store.
    """
    with opened_app() as app:
        if not yes:
            click.echo(_SEALED)
            click.confirm("Seal the root?", abort=True)
        passphrase = ask_passphrase(passphrase_file, is_new=True)
        roots = seal_root(app.core, app.caller, _custody(app, file, passphrase), app.sql_store, app.cancellation)
        _tell("sealed", roots)
        click.echo(f"{file.absolute()} and its passphrase are all that is left of the key: keep copies of both, apart.")
        click.echo("Backups made before now hold the key still, under the master key.")


@ca.command("unseal-root")
@click.argument("file", type=_FILE)
@click.option("--passphrase-file", type=_FILE, help="Read the passphrase from this file (mode 0600).")
def unseal(file: Path, passphrase_file: Path | None) -> None:
    """Bring the root's private key back into the store from FILE, once it is shown to be the root's."""
    with opened_app() as app:
        passphrase = ask_passphrase(passphrase_file, is_new=False)
        roots = unseal_root(app.core, app.caller, _custody(app, file, passphrase), app.cancellation)
        if not roots:
            click.echo("The store has the keys of that file already; nothing was changed.")
            return
        _tell("unsealed", roots)
        click.echo("Run `certwright ca renew` for what is due, then seal the root again, in a new file.")


@ca.command()
def renew() -> None:
    """Make the next issuing CA and the next root where they are due, without waiting for a certificate to need them."""
    with opened_app() as app:
        before = {authority.id for authority in _all(app)}
        issuing_authority(app.core, app.caller, app.cancellation)
        made = [authority for authority in _all(app) if authority.id not in before]
        _tell("made", made)
        if not made:
            click.echo("Nothing is due.")


def tell_outlook(app: App) -> None:
    """Say what will need a root that is sealed."""
    outlook = outlook_while_sealed(app.core, app.caller, roots_of(app.core, app.caller))
    if outlook is not None:
        click.echo(f"\n{outlook.sentence}", err=True)


def _custody(app: App, file: Path, passphrase: SecretBytes) -> Custody:
    return Custody(PrivateKeyFile(file.absolute()), passphrase, app.key_carrier)


def _show(app: App) -> None:
    for authority in _all(app):
        place = "sealed away" if authority.key.is_away else "in the store"
        click.echo(f"{_named(authority)}: until {authority.not_after:%Y-%m-%d}, private key {place}")
        click.echo(f"  {fingerprint(authority)} (SHA-256)")
    tell_outlook(app)


def _all(app: App) -> tuple[Authority, ...]:
    return (*trust_bundle(app.core, app.caller), *issuing_cas(app.core, app.caller))


def _tell(verb: str, authorities: Iterable[Authority]) -> None:
    for authority in authorities:
        click.echo(f"{_named(authority)}: {verb}")


def _named(authority: Authority) -> str:
    place = f"issuing CA of Region {authority.scope.region}" if authority.scope.region else "root"
    return f"{place}, generation {authority.generation}"
