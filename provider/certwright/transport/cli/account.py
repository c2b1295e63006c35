"""Look after the secret of an account."""

import click

from certwright.core.keyring import rotate_account_secret
from certwright.transport.cli.opening import opened_app


@click.group()
def account() -> None:
    """Look after the account that CERTWRIGHT_ACCOUNT names."""


@account.command("rotate-secret")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def rotate_secret(*, yes: bool) -> None:
    """Make a new secret for the labels of validation records.

    Names that a certificate was ever requested for keep their records. All others get new ones, also those that a
    preview or getValidationRecords has shown already.
    """
    with opened_app() as app:
        if not yes:
            click.echo("Names without a certificate get other records than previews have shown so far.")
            click.confirm(f"Make a new secret for account {app.caller.account}?", abort=True)
        generation = rotate_account_secret(app.core, app.caller)
        click.echo(f"Account {app.caller.account} has generation {generation} of its secret; new names use it.")
