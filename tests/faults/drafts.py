"""Drafts of programs: certificates with what publishes their records and what waits for them, and how they are run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.canaries import Canary
from tests.support.programs import certificate, entry, program, validation


@dataclass
class Wanted:
    """One certificate of a draft, with what publishes its records and what waits for it."""

    name: str
    names: list[str]
    properties: dict[str, Any]
    has_records: bool = True
    waits: str = "20s"
    target: dict[str, object] | None = None


@dataclass
class Draft:
    """A program being made up; `variables` are its environment, `config` the stack's secret configuration."""

    label: str
    target: dict[str, object]
    wanted: list[Wanted] = field(default_factory=list)
    calls: dict[str, object] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    given: list[Canary] = field(default_factory=list)

    def give(self, what: str, text: str) -> str:
        """Note a secret that the user writes down, and return it."""
        self.given.append(Canary(f"{what} of the user", text.encode()))
        return text


def never_publish(draft: Draft, patience: str) -> None:
    """Declare a fresh certificate whose records nobody publishes, and wait that long for it."""
    fresh = Wanted("cert-fresh", [f"never.n{len(draft.calls)}.{draft.label}.example.org"], {}, has_records=False)
    fresh.waits = patience
    draft.wanted.append(fresh)


def written(draft: Draft) -> str:
    """Return the draft as a YAML program."""
    entries = []
    for wanted in draft.wanted:
        entries.append(certificate(wanted.names, wanted.name, **wanted.properties))
        published = [_record(wanted, index) for index in range(_bases(wanted.names))] if wanted.has_records else []
        entries.extend(published)
        after = [f"{wanted.name}-record-{index}" for index in range(len(published))]
        entries.append(validation(after, wanted.name, timeout=wanted.waits))
    calls = "".join(f"  {name}: {json.dumps(call)}\n" for name, call in draft.calls.items())
    return (f"variables:\n{calls}" if calls else "") + program(*entries, outputs=draft.outputs)


def _bases(names: Sequence[str]) -> int:
    return len({name.removeprefix("*.") for name in names})


def _record(wanted: Wanted, index: int) -> str:
    option = f"${{{wanted.name}.domainValidationOptions[{index}]"
    fields = {"name": "resourceRecordName", "type": "resourceRecordType", "value": "resourceRecordValue"}
    stated: dict[str, object] = {name: f"{option}.{source}}}" for name, source in fields.items()}
    stated["zone"] = ".".join(wanted.names[0].split(".")[-2:])
    if wanted.target is not None:
        stated["rfc2136"] = wanted.target
    return entry(f"{wanted.name}-record-{index}", "ValidationRecord", stated)
