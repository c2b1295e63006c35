"""Stacks whose `pulumi_aws` resources publish to a test's own DNS server."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.foreign_dns_plugin import SETTINGS
from tests.support.knot import KEY_NAME, KEY_SECRET, Knot
from tests.support.stack import REPOSITORY, TOOLS, VENV, Run, Stack, make_stack

SDKS = REPOSITORY / ".tools" / "foreign"


def with_sdks(*command: str) -> Any:
    """Run Python with every SDK, and read the JSON that it prints."""
    env = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{SDKS}"}
    done = subprocess.run([sys.executable, *command], cwd=REPOSITORY, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def example_with_foreign_dns(
    example: str, folder: Path, knot: Knot, zones: Sequence[str], config: Mapping[str, str]
) -> Stack:
    """Make a stack of an example, below `folder`; Knot is Route 53 and the authority of every name."""
    program = folder / Path(example).name
    shutil.copytree(REPOSITORY / "examples" / example, program)
    stack = make_stack(program, folder / "home", **foreign_dns(folder / "foreign", knot, zones))
    for key, value in {**config, "certwright:resolvers": json.dumps([knot.address])}.items():
        stack.configure(key, value)
    return stack


def route53_records(run: Run) -> list[tuple[str, str]]:
    """Return name and value of every Route 53 record that a run shows."""
    found = [outputs for outputs in run.planned_outputs().values() if "records" in outputs and "zoneId" in outputs]
    return sorted((str(item["name"]), str(item["records"][0])) for item in found)


def foreign_dns(folder: Path, knot: Knot, zones: Sequence[str]) -> dict[str, str]:
    """Return the variables that let the real SDK find the stand-in plugin, made below `folder`, and it the zones."""
    sdk = _sdk_alone(folder / "sdk", "pulumi_aws")
    version = json.loads((sdk / "pulumi_aws" / "pulumi-plugin.json").read_text())["version"]
    settings = {
        "port": knot.port,
        "zones": list(zones),
        "keyName": KEY_NAME,
        "keySecret": KEY_SECRET,
        "version": version,
    }
    plugins = _plugin(folder / "bin")
    return {
        "PATH": f"{plugins}:{VENV}/bin:{TOOLS}:{os.environ['PATH']}",
        "PYTHONPATH": str(sdk),
        SETTINGS: json.dumps(settings),
    }


def sdks_are_there() -> bool:
    """Say whether the SDKs of other providers are installed."""
    return SDKS.exists()


def _sdk_alone(folder: Path, package: str) -> Path:
    """Show one SDK and no other: the engine asks for the plugin of every SDK that Python sees."""
    folder.mkdir(parents=True)
    for path in (*SDKS.glob(package), *SDKS.glob(f"{package}-*.dist-info")):
        (folder / path.name).symlink_to(path)
    return folder


def _plugin(folder: Path) -> Path:
    folder.mkdir(parents=True)
    launcher = folder / "pulumi-resource-aws"
    command = f'PYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m tests.support.foreign_dns_plugin'
    launcher.write_text(f"#!/bin/sh\n{command}\n")
    launcher.chmod(0o755)
    return folder
