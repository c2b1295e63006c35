"""What certwright needs at run time, as the lock pins it."""

from dataclasses import dataclass
from pathlib import Path

from tools.packing.steps import UV, ReleaseError, run


@dataclass(frozen=True)
class Pin:
    """One pinned distribution: its name, version and marker as the lock writes them, and what its files may hash to."""

    name: str
    version: str
    line: str
    hashes: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the requirement as pip reads it."""
        return " \\\n".join([self.line, *(f"    --hash={digest}" for digest in self.hashes)]) + "\n"


def runtime_pins(source: Path) -> tuple[Pin, ...]:
    """Return the part of requirements.lock that the package and its extras need."""
    constraint = ["--constraints", "requirements.lock", "--all-extras", "--universal", "--generate-hashes"]
    plain = ["--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"]
    chosen = read_pins(run([UV, "pip", "compile", *constraint, *plain, "pyproject.toml"], source))
    locked = {(pin.name, pin.version): pin for pin in read_pins((source / "requirements.lock").read_text())}
    missing = [f"{pin.name} {pin.version}" for pin in chosen if (pin.name, pin.version) not in locked]
    if missing:
        msg = f"requirements.lock does not pin {', '.join(missing)}. Run: make lock"
        raise ReleaseError(msg)
    return tuple(locked[pin.name, pin.version] for pin in chosen)


def read_pins(text: str) -> list[Pin]:
    """Read a requirements file with hashes."""
    joined = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")).replace("\\\n", " ")
    return [_pin(line) for line in joined.splitlines() if "==" in line]


def _pin(line: str) -> Pin:
    requirement, *hashes = line.split("--hash=")
    name, _, rest = requirement.strip().partition("==")
    version = rest.split()[0]
    return Pin(name, version, requirement.strip(), tuple(item.strip() for item in hashes))
