"""Install the plugin where the engine looks for it, so that no environment needs to be active."""

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from certwright import __version__

NAME = "pulumi-resource-certwright"
# -P: the engine starts plugins in the program's folder, whose modules may be called like ours.
_SHIM = """#!/bin/sh
python={python}
if [ ! -x "$python" ]; then
    echo "certwright: the environment that this plugin was installed from is gone ($python)." >&2
    echo "Run in the one that has certwright now: certwright pulumi install" >&2
    exit 1
fi
exec "$python" -P -m certwright "$@"
"""


def install_plugin() -> None:
    """Write a shim with this interpreter's absolute path and hand it to `pulumi plugin install`."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        msg = "The pulumi CLI is not on PATH. Install it (https://www.pulumi.com/docs/install) and run this again."
        raise click.ClickException(msg)
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / NAME
        shim.write_text(_SHIM.format(python=shlex.quote(sys.executable)))
        shim.chmod(0o755)
        command = [pulumi, "plugin", "install", "resource", "certwright", __version__, "--file", folder, "--reinstall"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the user's own pulumi
    if done.returncode:
        msg = f"pulumi plugin install failed: {done.stderr.strip() or done.stdout.strip()}"
        raise click.ClickException(msg)
    _tell()


def _tell() -> None:
    click.echo(f"certwright {__version__} is installed as a Pulumi plugin and runs with {sys.executable}.")
    click.echo(f"`pulumi plugin rm resource certwright {__version__}` removes it; another PULUMI_HOME needs it again.")
    on_path = shutil.which(NAME)
    if on_path is not None:
        click.echo(
            f"PATH has {on_path} now: the engine takes that one, and warns. It takes the installed one where PATH has "
            "none (the environment is not active), or with PULUMI_IGNORE_AMBIENT_PLUGINS=true."
        )
