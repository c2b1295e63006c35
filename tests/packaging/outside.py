"""Programs on the real engine for a user whose account knows nothing of the repository or its virtual environment."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import target
from tests.support.knot import Knot
from tests.support.stack import TOOLS, Stack

SYSTEM = ("/usr/bin", "/bin")


@dataclass(frozen=True)
class Account(Stack):
    """A stack in a HOME of its own; PATH has the engine, the system and what `first` names."""

    first: tuple[str, ...] = ()

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the whole environment."""
        base = {
            "HOME": str(self.home),
            "PATH": ":".join([*self.first, str(TOOLS), *SYSTEM]),
            "PULUMI_HOME": str(self.home / ".pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DEBUG_COMMANDS": "1",
        }
        return {**base, **dict(self.extra), **(env or {})}

    def command(self, *arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program and return what it did."""
        return subprocess.run(
            arguments,
            cwd=self.folder,
            env=self.environment(env),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def make_account(folder: Path, knot: Knot, *first: str | Path) -> Account:
    """Make the account with a new stack, for which a Knot is the authority of every name."""
    home = folder / "home"
    for path in (folder / "program/state", home):
        path.mkdir(parents=True)
    settings = {"CERTWRIGHT_RESOLVERS": json.dumps([knot.address]), "CERTWRIGHT_RFC2136": target(knot)}
    account = Account(folder / "program", home, tuple(settings.items()), tuple(map(str, first)))
    account.write("resources: {}\n")
    done = account.pulumi("stack", "init", "dev", "--non-interactive")
    assert done.returncode == 0, done.stderr
    return account
