"""Pulumi stacks on the real engine, each in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = REPOSITORY / ".tools" / "bin"
VENV = Path(sys.prefix)
Json = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """What one engine run said: text, and the events of its event log."""

    code: int
    text: str
    events: tuple[Json, ...] = field(repr=False)

    def require_ok(self) -> "Run":
        """Return itself; fail with the engine's text otherwise."""
        assert self.code == 0, self.text
        return self

    def require_failed(self) -> "Run":
        """Return itself; fail when the engine succeeded."""
        assert self.code != 0, self.text
        return self

    @property
    def messages(self) -> str:
        """Return all diagnostics, one after another, with nothing folded."""
        return "\n".join(
            str(event["diagnosticEvent"]["message"]) for event in self.events if "diagnosticEvent" in event
        )

    @property
    def statuses(self) -> list[str]:
        """Return the status lines shown while waiting."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return [str(item["message"]) for item in found if item.get("ephemeral")]

    def steps(self) -> dict[str, Json]:
        """Return by resource name the metadata of each step before it ran: op, old, new, detailedDiff, diffs."""
        found = [event["resourcePreEvent"]["metadata"] for event in self.events if "resourcePreEvent" in event]
        return {str(item["urn"]).rpartition("::")[2]: item for item in found}

    def ops(self) -> dict[str, str]:
        """Return by resource name what happened to it."""
        return {
            name: str(step["op"]) for name, step in self.steps().items() if "pulumi:pulumi:Stack" not in step["urn"]
        }

    def changed(self) -> dict[str, str]:
        """Return by resource name what happened, without those that stayed the same."""
        return {
            name: op for name, op in self.ops().items() if op not in {"same", "read"} and not name.startswith("default")
        }

    def planned_outputs(self) -> dict[str, Json]:
        """Return by resource name the outputs after the run, or those a preview knows."""
        found = [event["resOutputsEvent"]["metadata"] for event in self.events if "resOutputsEvent" in event]
        return {str(item["urn"]).rpartition("::")[2]: (item.get("new") or {}).get("outputs", {}) for item in found}


@dataclass(frozen=True)
class Stack:
    """A project with one stack `dev` on a file backend; `home` is the certwright home it uses."""

    folder: Path
    home: Path
    extra: tuple[tuple[str, str], ...] = ()

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of the engine: nothing of CI, the test's own folders."""
        base = {
            key: value
            for key, value in os.environ.items()
            if key != "CI" and not key.startswith(("PULUMI", "CERTWRIGHT"))
        }
        return {
            **base,
            "PATH": f"{VENV}/bin:{TOOLS}:{os.environ['PATH']}",
            "VIRTUAL_ENV": str(VENV),
            "PULUMI_HOME": str(self.folder / ".pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DEBUG_COMMANDS": "1",
            "CERTWRIGHT_HOME": str(self.home),
            **dict(self.extra),
            **(env or {}),
        }

    def write(self, program: str, name: str = "test") -> None:
        """Write a YAML program (starting with resources, variables or outputs) as the project."""
        self._write_project(f"name: {name}\nruntime: yaml\n{program}")

    def write_python(self, program: str, name: str = "test") -> None:
        """Write a Python program as the project."""
        self._write_project(f"name: {name}\nruntime: python\n")
        (self.folder / "__main__.py").write_text(program)

    def up(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """Run `pulumi up`."""
        return self.run("up", "--yes", "--skip-preview", *args, env=env)

    def preview(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """Run `pulumi preview`."""
        return self.run("preview", *args, env=env)

    def refresh(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """Run `pulumi refresh`."""
        return self.run("refresh", "--yes", "--skip-preview", *args, env=env)

    def destroy(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        """Run `pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview", *args, env=env)

    def run(self, command: str, *args: str, env: Mapping[str, str] | None = None, timeout: float = 240) -> Run:
        """Run an engine command with an event log."""
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        done = self.pulumi(command, "--event-log", str(log), "--non-interactive", *args, env=env, timeout=timeout)
        lines = log.read_text().splitlines() if log.exists() else []
        return Run(done.returncode, done.stdout + done.stderr, tuple(json.loads(line) for line in lines))

    def pulumi(
        self, *args: str, env: Mapping[str, str] | None = None, timeout: float = 240
    ) -> subprocess.CompletedProcess[str]:
        """Run any command of the engine."""
        return subprocess.run(
            [str(TOOLS / "pulumi"), *args, "--color", "never"],
            cwd=self.folder,
            env=self.environment(env),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, command: str, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start an engine command and leave it running."""
        return subprocess.Popen(
            [str(TOOLS / "pulumi"), command, "--non-interactive", "--color", "never", *args],
            cwd=self.folder,
            env=self.environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def configure(self, key: str, value: str, *args: str) -> None:
        """Set a stack configuration value."""
        done = self.pulumi("config", "set", key, value, *args)
        assert done.returncode == 0, done.stderr

    def outputs(self) -> Json:
        """Return the stack's outputs, secrets shown."""
        done = self.pulumi("stack", "output", "--json", "--show-secrets")
        assert done.returncode == 0, done.stderr
        found: Json = json.loads(done.stdout)
        return found

    def export(self) -> str:
        """Return the whole state with secrets shown."""
        done = self.pulumi("stack", "export", "--show-secrets")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def resources(self) -> dict[str, Json]:
        """Return by name the resources in the state."""
        found = json.loads(self.export())["deployment"].get("resources", [])
        return {str(item["urn"]).rpartition("::")[2]: item for item in found}

    def _write_project(self, text: str) -> None:
        (self.folder / "Pulumi.yaml").write_text(text)


def make_stack(folder: Path, home: Path | None = None, **extra: str) -> Stack:
    """Make the stack of the folder's project, an empty one where there is none; `extra` is in every environment."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "state").mkdir(exist_ok=True)
    stack = Stack(folder, home or folder / "home", tuple(extra.items()))
    if not (folder / "Pulumi.yaml").exists():
        stack.write("resources: {}\n")
    done = stack.pulumi("stack", "init", "dev", "--non-interactive")
    assert done.returncode == 0, done.stderr
    return stack
