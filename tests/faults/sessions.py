"""One stack through a series of random programs, with secrets hunted after each of them."""

import json
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.hunt import Hunt
from tests.faults.random_programs import Action, Program, program_of
from tests.support.artefacts import files_of, plugins_below, rows_of, shown_by_the_kernel
from tests.support.home_secrets import secrets_of
from tests.support.stack import VENV, Run, Stack
from tests.support.store import query

# Written by the user, or by the test in the user's place.
_USERS_OWN = ("master.key", "Pulumi.yaml")
_OWN_FAULTS = ("a fault of its own", "Traceback (most recent call last)", "panic:")
_COMMANDS = {Action.UP: "up", Action.PREVIEW: "preview", Action.REFRESH: "refresh", Action.DESTROY: "destroy"}
_EVERYTHING = ("-v=9", "--logtostderr")


@dataclass(frozen=True)
class Ended:
    """How a program's run ended; `is_debug` where the engine wrote everything between its lines."""

    run: Run
    is_debug: bool = False


@dataclass
class Session:
    """A stack with its home; `wrong` tells of programs that did not end as they had to.

    `talks` is how often the engine is asked for everything, in messages and in logs.
    """

    stack: Stack
    dice: random.Random
    label: str
    port: int
    master_key: str
    debug: Path
    talks: float = 0.2
    hunt: Hunt = field(default_factory=Hunt)
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    played: int = 0

    def play(self) -> None:
        """Make one program up, run it, and hunt through what it left."""
        program = program_of(self.dice, self.label, self.port)
        # Another master key is wrong for a home that is there; one that is made with it would be right.
        while "OTHER" in program.variables and not _is_made(self.stack.home):
            program = program_of(self.dice, self.label, self.port)
        self.run(program)

    def run(self, program: Program) -> None:
        """Run a program and hunt through what it left."""
        self.played += 1
        self.stack.write(program.text)
        self.hunt.give(program.given)
        for key, value in program.config.items():
            self.stack.configure(key, value, "--secret")
        ended = _RUNS.get(program.action, _plain)(self, program)
        for key in program.config:
            self.stack.pulumi("config", "rm", key)
        self._judge(program, ended.run)
        self._look(ended)

    def ask(self, *commands: str) -> None:
        """Hunt through what certwright's own commands say of the home."""
        for command in commands:
            done = subprocess.run(
                [str(VENV / "bin" / "certwright"), command],
                env=self.stack.environment(),
                capture_output=True,
                check=False,
            )
            self.hunt.look({f"certwright {command}": done.stdout + done.stderr})

    def _judge(self, program: Program, run: Run) -> None:
        ended = "failed" if run.code else "succeeded"
        self.outcomes[f"{program} {ended}"] += 1
        is_wrong = program.action is Action.UP and bool(program.trouble) != bool(run.code)
        if is_wrong or any(fault in run.text for fault in _OWN_FAULTS):
            self.wrong.append(f"program {self.played}, {program}, {ended}:\n{program.text}\n{run.text}")

    def _look(self, ended: Ended) -> None:
        """Learn the home's secrets first, then look through texts, events, rows and every file of home and stack."""
        home = self.stack.home
        if _is_made(home):
            self.hunt.learn(secrets_of(f"sqlite:///{home}/store.db", self.master_key, dict(self.stack.extra)))
        text = {f"text of program {self.played}": ended.run.text.encode()}
        shown = {f"events of program {self.played}": json.dumps(ended.run.events).encode(), "rows": rows_of(home)}
        self.hunt.look(shown | files_of(self.stack.folder, home, without=_USERS_OWN))
        self.hunt.look({} if ended.is_debug else text)
        self.hunt.look_at_debug(files_of(self.debug) | (text if ended.is_debug else {}))


def _is_made(home: Path) -> bool:
    """Say whether the home has an installation, and so secrets: a Ctrl-C may leave one that is only begun."""
    if not (home / "store.db").exists():
        return False
    try:
        return query(home, "SELECT count(*) FROM installation") != [(0,)]
    except sqlite3.OperationalError:
        return False


def _plain(session: Session, program: Program) -> Ended:
    """Run a command, at times with all that the engine can tell."""
    dice, number = session.dice, session.played
    skip = () if program.action is Action.PREVIEW else ("--yes", "--skip-preview")
    logs = _EVERYTHING if dice.random() < session.talks else ()
    messages = {"PULUMI_DEBUG_GRPC": str(session.debug / f"messages-{number}")} if dice.random() < session.talks else {}
    env = {**program.variables, **messages}
    return Ended(session.stack.run(_COMMANDS[program.action], *skip, *program.arguments, *logs, env=env), bool(logs))


def _interrupted(session: Session, program: Program) -> Ended:
    """Press Ctrl-C at some moment of an `up` that waits; until then look at what the kernel shows of the plugin."""
    run = session.stack.start("up", "--yes", "--skip-preview", env=program.variables)
    seen: dict[str, bytes] = {}
    pressed_at = time.monotonic() + session.dice.uniform(0.3, 4.0)
    while time.monotonic() < pressed_at and run.poll() is None:
        for plugin in plugins_below(run.pid):
            seen |= shown_by_the_kernel(plugin)
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    text = run.communicate(timeout=50)[0]  # a wait goes on for longer: a Ctrl-C must end it
    session.hunt.look(seen)
    return Ended(Run(run.returncode, text, ()))


def _imported(session: Session, program: Program) -> Ended:
    """Take a certificate out of the state, import it again, and run the program."""
    stack, certificates = session.stack, "certwright:index:Certificate"
    found = [item for item in stack.resources().values() if item["type"] == certificates]
    for item in found[:1]:
        urn, arn = item["urn"], item["id"]
        stack.pulumi("state", "delete", urn, "--yes", "--target-dependents")
        flags = ("--yes", "--skip-preview", "--generate-code=false", "--protect=false")
        done = stack.pulumi("import", certificates, urn.rpartition("::")[2], arn, *flags, env=program.variables)
        session.hunt.look({f"import of program {session.played}": (done.stdout + done.stderr).encode()})
        session.outcomes[f"pulumi import {'failed' if done.returncode else 'succeeded'}"] += 1
    return Ended(stack.up(env=program.variables))


_RUNS: dict[Action, Callable[[Session, Program], Ended]] = {
    Action.INTERRUPT: _interrupted,
    Action.IMPORT: _imported,
}
