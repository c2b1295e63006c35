"""The main job, shown: a real engine, a real DNS server, certificates issued and verified.

Runs examples/quickstart against a Knot DNS server on loopback and keeps everything in .demo, so that a second run finds
all of it unchanged.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.knot import KEY_NAME, KEY_SECRET, Knot, start_knot

REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAM = REPOSITORY / "examples" / "quickstart"
DEMO = REPOSITORY / ".demo"
TOOLS = REPOSITORY / ".tools" / "bin"
VENV = REPOSITORY / ".venv"
DOMAIN = "demo.example"
STACK = "demo"
Json = dict[str, Any]


class DemoError(Exception):
    """Say which step failed."""


@dataclass(frozen=True)
class Engine:
    """The Pulumi CLI on the demo's own backend, configuration file and certwright home."""

    config_file: Path

    def environment(self) -> dict[str, str]:
        """Return the engine's environment: nothing of the user's own Pulumi or certwright settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PULUMI", "CERTWRIGHT")) and name != "CI"
        }
        return {
            **kept,
            "PATH": f"{VENV}/bin:{TOOLS}:{kept['PATH']}",
            "VIRTUAL_ENV": str(VENV),
            "PULUMI_HOME": str(DEMO / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{DEMO / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "CERTWRIGHT_HOME": str(DEMO / "home"),
        }

    def show(self, *args: str) -> None:
        """Run a command with its output shown; raise `DemoError` when it fails."""
        print(f"\n$ pulumi {' '.join(args)}", flush=True)
        if subprocess.run(self._command(args), env=self.environment(), check=False).returncode:
            msg = f"pulumi {args[0]} failed; its output is above"
            raise DemoError(msg)

    def ask(self, *args: str) -> str:
        """Run a command and return what it prints; raise `DemoError` when it fails."""
        done = subprocess.run(self._command(args), env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"pulumi {' '.join(args[:2])} failed:\n{done.stderr}"
            raise DemoError(msg)
        return done.stdout

    def configure(self, key: str, value: str, *flags: str) -> None:
        """Set a value of the stack's configuration."""
        self.ask("config", "set", key, value, "--config-file", str(self.config_file), *flags)

    def _command(self, args: Sequence[str]) -> list[str]:
        return [str(TOOLS / "pulumi"), "--cwd", str(PROGRAM), *args]


def main() -> int:
    """Run the demo; the exit code is 1 when a step failed."""
    for name in ("state", "knot"):
        (DEMO / name).mkdir(parents=True, exist_ok=True)
    print(f"certwright: certificates for {DOMAIN}, validated through a real DNS server.\nEverything is kept in {DEMO}.")
    knot = start_knot(DEMO / "knot", [DOMAIN], port=_remembered_port())
    try:
        (DEMO / "port").write_text(str(knot.port))
        return _run(knot)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: stopped; `make demo` goes on from here", file=sys.stderr)
        return 130
    finally:
        knot.stop()


def _remembered_port() -> int | None:
    place = DEMO / "port"
    return int(place.read_text()) if place.exists() else None


def _run(knot: Knot) -> int:
    engine = Engine(DEMO / "Pulumi.demo.yaml")
    _certwright(engine, "pulumi", "install")
    stacks = json.loads(engine.ask("stack", "ls", "--json"))
    if STACK not in [str(stack["name"]).rpartition("/")[2] for stack in stacks]:
        engine.ask("stack", "init", STACK)
    engine.ask("stack", "select", STACK)
    target = {"server": "127.0.0.1", "port": str(knot.port), "keyName": KEY_NAME, "keySecret": KEY_SECRET}
    engine.configure("domain", DOMAIN)
    engine.configure("certwright:resolvers", json.dumps([knot.address]))
    engine.configure("certwright:rfc2136", json.dumps(target), "--secret")
    engine.show("up", "--yes", "--config-file", str(engine.config_file))
    outputs = json.loads(engine.ask("stack", "output", "--json", "--show-secrets"))
    _print_records(outputs, knot)
    _certwright(engine, "status")
    return _verify(outputs)


def _print_records(outputs: Json, knot: Knot) -> None:
    print(f"\nRecords, as {knot.address} answers them now:")
    for record in outputs["records"]:
        live = ", ".join(knot.query(record["name"], record["type"])) or "MISSING"
        print(f"  {record['name']} {record['type']} {live}")


def _certwright(engine: Engine, *args: str) -> None:
    print(f"\n$ certwright {' '.join(args)}", flush=True)
    command = [str(VENV / "bin" / "certwright"), *args]
    if subprocess.run(command, env=engine.environment(), check=False).returncode:
        msg = f"certwright {' '.join(args)} failed; its output is above"
        raise DemoError(msg)


def _verify(outputs: Json) -> int:
    folder = DEMO / "pem"
    folder.mkdir(exist_ok=True)
    roots = _write(folder / "roots.pem", outputs["trustBundle"])
    print()
    failed = 0
    for name in ("web", "api"):
        issued: Mapping[str, str] = outputs[name]
        leaf = _write(folder / f"{name}.pem", issued["certificate"])
        chain = _write(folder / f"{name}-chain.pem", issued["chain"])
        command = ["openssl", "verify", "-x509_strict", "-CAfile", str(roots), "-untrusted", str(chain), str(leaf)]
        print(f"$ {' '.join(command)}", flush=True)
        failed |= subprocess.run(command, check=False).returncode
    return failed


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


if __name__ == "__main__":
    raise SystemExit(main())
