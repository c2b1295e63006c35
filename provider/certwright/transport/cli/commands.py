"""Commands: thin, each calls one core function and prints what it returned."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import click

from certwright import __version__
from certwright.adapters.system import forbid_core_dumps
from certwright.bootstrap import App, open_app
from certwright.core.authority import fingerprint, root_authority, trust_bundle
from certwright.core.authority import new_root as make_root
from certwright.core.certificates import certificates_of
from certwright.core.health import examine
from certwright.core.renewal import renewal_due
from certwright.core.status import certificate_status
from certwright.core.upkeep import work_due
from certwright.errors import CertwrightError, Kind
from certwright.model.certificates import CertificateView
from certwright.settings import CONFIG_KEYS, resolve_settings
from certwright.transport.cli.plugin import install_plugin

OVERDUE = 3
EXIT_CODES = {Kind.INVALID_INPUT: 2, Kind.UNAVAILABLE: 4, Kind.CORRUPT: 5, Kind.REFUSED: 6}
INTERNAL = 70
_TRACEBACK = "CERTWRIGHT_TRACEBACK"
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
    with _app(create=True) as app:
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
    with _app() as app:
        views = certificates_of(app.core, app.caller)
        now = app.core.clock.now()
        rows = [_row(view, certificate_status(view, now).value, renewal_due(view, now)) for view in views]
        click.echo(f"Installation {app.core.installation_id}, account {app.caller.account}, {app.place}")
        _table(("NAMES", "STATUS", "NOT AFTER", "RENEWAL", "ARN"), rows)
        for view in views:
            if view.newest.state.is_pending and view.newest.waiting_for:
                click.echo(f"\n{view.certificate.spec.names[0]} waits for:\n{view.newest.waiting_for}")
        if any(renewal_due(view, now) for view in views):
            click.echo("\nSomething is overdue. Run: certwright renew --due", err=True)
            raise click.exceptions.Exit(OVERDUE)


@main.command()
@click.option("--due", is_flag=True, required=True, help="Everything whose renewal instant has come; the only choice.")
def renew(*, due: bool) -> None:
    """Renew what is due and go on with what waits for its records; run it daily from cron.

    The exit code is 3 when a renewal that was due is not done, or an error came up.
    """
    del due
    with _app() as app:
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
    with _app() as app:
        click.echo(f"Home {app.settings.home}, installation {app.core.installation_id}")
        findings = examine(app.core, app.caller)
        for finding in findings:
            click.echo(f"FOUND {finding.subject}: {finding.message}")
        if findings:
            raise click.exceptions.Exit(OVERDUE)
        roots = (fingerprint(root) for root in trust_bundle(app.core, app.caller))
        click.echo(f"Roots: {', '.join(roots) or 'none yet'}")
        click.echo("Store, keys, audit log and certificates are sound.")


@main.group()
def pulumi() -> None:
    """Work with the Pulumi CLI."""


@pulumi.command()
def install() -> None:
    """Install the certwright plugin for the Pulumi CLI, so that no virtual environment has to be active."""
    install_plugin()


@contextmanager
def _app(*, create: bool = False) -> Iterator[App]:
    """Open the home; `create` makes one on purpose, so that CI=true is no reason against it."""
    try:
        settings = resolve_settings({}, os.environ)
        app = open_app(replace(settings, is_ci=settings.is_ci and not create), os.environ, create=create)
        try:
            yield app
        finally:
            app.close()
    except CertwrightError as error:
        click.echo(f"certwright: {error}", err=True)
        raise click.exceptions.Exit(EXIT_CODES.get(error.kind, 1)) from error
    except (click.ClickException, click.exceptions.Exit):
        raise
    except Exception as error:
        if os.environ.get(_TRACEBACK):
            raise
        advice = f"Please run the same again with {_TRACEBACK}=1 and report what it prints."
        click.echo(f"certwright has a fault of its own ({type(error).__name__}). {advice}", err=True)
        raise click.exceptions.Exit(INTERNAL) from error


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
