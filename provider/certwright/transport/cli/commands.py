"""Commands: thin, each calls one core function and prints what it returned."""

from collections.abc import Sequence

import click

from certwright import __version__
from certwright.adapters.system import forbid_core_dumps
from certwright.core.authority import fingerprint, root_authority, trust_bundle
from certwright.core.authority import new_root as make_root
from certwright.core.health import examine
from certwright.core.listing import list_certificates
from certwright.core.renewal import renewal_due
from certwright.core.status import certificate_status
from certwright.core.upkeep import work_due
from certwright.errors import Kind
from certwright.model.certificates import CertificateView
from certwright.settings import CONFIG_KEYS
from certwright.transport.cli.account import account
from certwright.transport.cli.backup import backup, export_home, import_home, restore
from certwright.transport.cli.ca import ca, tell_outlook
from certwright.transport.cli.clock import clock
from certwright.transport.cli.keys import keys
from certwright.transport.cli.opening import EXIT_CODES, OVERDUE, opened_app
from certwright.transport.cli.plugin import install_plugin
from certwright.transport.cli.revocation import revoke, standing

_ENVIRONMENT = (
    "Settings come from the environment: CERTWRIGHT_HOME (default ~/.certwright), "
    f"{', '.join(key.variable for key in CONFIG_KEYS)}. The provider's configuration keys of the same names are "
    "described in its schema."
)


@click.group(epilog=_ENVIRONMENT, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="certwright")
def main() -> None:
    """Certificates for any infrastructure, declared in Pulumi: look after the home that a stack's certificates live in.

    Start with `certwright init`, then use the certwright provider in a Pulumi program.
    """
    forbid_core_dumps()


@main.command()
@click.option("--no-recovery-key", is_flag=True, help="Do not print the recovery key.")
@click.option(
    "--new-root",
    is_flag=True,
    help="Make a new root for the permitted domains configured now; then install the trust bundle again.",
)
def init(*, no_recovery_key: bool, new_root: bool) -> None:
    """Make a home: store, master key, root certificate. Safe to repeat, in CI too.

    Prints the installation id, the root's fingerprint, once the recovery key, and the line that pins the installation
    in a stack's configuration.
    """
    with opened_app(create=True) as app:
        make = make_root if new_root else root_authority
        root = make(app.core, app.caller, app.cancellation)
        state = "A new home was made" if app.is_new else "This home exists already"
        click.echo(f"{state}: {app.settings.home}")
        click.echo(f"Installation:     {app.core.installation_id}")
        click.echo(f"Root fingerprint: {fingerprint(root)} (SHA-256)")
        if not app.settings.policy.permitted_domains:
            click.echo("The root is unconstrained: it could issue for any name. certwright:permittedDomains limits it.")
        if app.recovery_key and not no_recovery_key:
            click.echo(f"Recovery key:     {app.recovery_key.reveal().decode()}")
            click.echo("Write it down and keep it apart from backups: without the master key no private key opens.")
        click.echo("Pin it in a stack:")
        click.echo(f"  pulumi config set certwright:installation {app.core.installation_id}")


@main.command()
def status() -> None:
    """Show every certificate. The exit code is 3 when one is expired or its renewal is overdue."""
    with opened_app() as app:
        listing = list_certificates(app.core, app.caller)
        views, now = listing.views, app.core.clock.now()
        rows = [_row(view, certificate_status(view, now).value, renewal_due(view, now)) for view in views]
        click.echo(f"Installation {app.core.installation_id}, account {app.caller.account}, {app.place}")
        _table(("NAMES", "STATUS", "NOT AFTER", "RENEWAL", "ARN"), rows)
        for view in views:
            if view.newest.state.is_pending and view.newest.waiting_for:
                click.echo(f"\n{view.certificate.spec.names[0]} waits for:\n{view.newest.waiting_for}")
        tell_outlook(app)
        for item in listing.unreadable:
            click.echo(f"\nUNREADABLE {item.arn}: {item.sentence}. Run: certwright doctor", err=True)
        if any(renewal_due(view, now) for view in views):
            click.echo("\nSomething is overdue. Run: certwright renew --due", err=True)
            raise click.exceptions.Exit(OVERDUE)
        if listing.unreadable:
            raise click.exceptions.Exit(EXIT_CODES[Kind.CORRUPT])


@main.command()
@click.option("--due", is_flag=True, required=True, help="Everything whose renewal instant has come; the only choice.")
def renew(*, due: bool) -> None:
    """Renew what is due and go on with what waits for its records; run it daily from cron.

    The exit code is 3 when a renewal that was due is not done, or an error came up.
    """
    del due
    with opened_app() as app:
        outcomes = []
        for outcome in work_due(app.core, app.caller, app.cancellation):
            outcomes.append(outcome)
            click.echo(f"{'ok     ' if outcome.is_done else 'waiting'} {outcome.arn}: {outcome.sentence}")
        if not outcomes:
            click.echo("Nothing is due.")
        if any(outcome.is_trouble for outcome in outcomes):
            raise click.exceptions.Exit(OVERDUE)


@main.command()
def doctor() -> None:
    """Look for trouble in store, keys, audit log, certificates. Changes nothing; exit code 3 when it finds some."""
    with opened_app() as app:
        click.echo(f"Home {app.settings.home}, installation {app.core.installation_id}")
        findings = examine(app.core, app.caller)
        for finding in findings:
            click.echo(f"FOUND {finding.subject}: {finding.message}")
        if findings:
            raise click.exceptions.Exit(OVERDUE)
        roots = (fingerprint(root) for root in trust_bundle(app.core, app.caller))
        click.echo(f"Roots: {', '.join(roots) or 'none yet'}")
        click.echo("Store, keys, audit log and certificates are sound.")


for _command in (account, ca, clock, keys, backup, restore, export_home, import_home, revoke, standing):
    main.add_command(_command)


@main.group()
def pulumi() -> None:
    """Work with the Pulumi CLI."""


@pulumi.command()
def install() -> None:
    """Install the certwright plugin for the Pulumi CLI, so that no virtual environment has to be active."""
    install_plugin()


def _row(view: CertificateView, state: str, due: str | None) -> tuple[str, ...]:
    names = [name.text for name in view.certificate.spec.names]
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    current = view.current
    end = f"{current.not_after:%Y-%m-%d}" if current and current.not_after else "-"
    planned = f"{current.renewal.chosen:%Y-%m-%d}" if current and current.renewal else "-"
    return (", ".join(names[:2]) + more, state, end, "DUE" if due else planned, str(view.certificate.arn))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    for row in [head, *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
