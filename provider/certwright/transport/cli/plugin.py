"""Install the plugin where the engine looks for it, so that no environment needs to be active."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from certwright import __version__

_SHIM = """#!/bin/sh
exec "{python}" -m certwright "$@"
"""


def install_plugin() -> None:
    """Write a shim with this interpreter's absolute path and hand it to `pulumi plugin install`."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        msg = "The pulumi CLI is not on PATH. Install it (https://www.pulumi.com/docs/install) and run this again."
        raise click.ClickException(msg)
    with tempfile.TemporaryDirectory() as folder:
        shim = Path(folder) / "pulumi-resource-certwright"
        shim.write_text(_SHIM.format(python=sys.executable))
        shim.chmod(0o755)
        command = [pulumi, "plugin", "install", "resource", "certwright", __version__, "--file", folder, "--reinstall"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the user's own pulumi
    if done.returncode:
        msg = f"pulumi plugin install failed: {done.stderr.strip() or done.stdout.strip()}"
        raise click.ClickException(msg)
    click.echo(f"certwright {__version__} is installed as a Pulumi plugin and runs with {sys.executable}.")
