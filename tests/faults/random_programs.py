"""Random programs: what a stack may declare, how it is run, and what is wrong with it; the same seed, the same ones."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.faults.drafts import Draft, Wanted, never_publish, written
from tests.faults.troubles import TROUBLES
from tests.support.canaries import Canary
from tests.support.knot import KEY_NAME, KEY_SECRET

_ZONES = ("example.com", "example.org", "example.net")
_KEYS = ("EC_prime256v1", "EC_prime256v1", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1", "RSA_2048")
_TROUBLED, _PATIENCE = 0.5, "60s"
_PROPERTIES: dict[str, Sequence[object]] = {
    "options": ({"export": "ENABLED"}, {"export": "ENABLED"}, {"export": "DISABLED"}),
    "keyRotation": ("ON_RENEWAL", "NEVER"),
    "renewalOutputs": ("FOLLOW", "PIN"),
    "repin": ("1", "2"),
    "validity": ({"type": "DAYS", "value": 30}, {"type": "MONTHS", "value": 3}, {"type": "YEARS", "value": 1}),
    "earlyRenewalDuration": ("P10D", "240h"),
    "tags": ({"team": "web"}, {"a": "b", "line": "one\ntwo"}),
}


class Action(Enum):
    """What is done with a program."""

    UP = "up"
    PREVIEW = "preview"
    REFRESH = "refresh"
    DESTROY = "destroy"
    INTERRUPT = "up and Ctrl-C"
    IMPORT = "import"


@dataclass(frozen=True)
class Program:
    """A program with how it is run; `trouble` says what is wrong with it, empty where `up` is to succeed."""

    text: str
    action: Action
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] = field(default_factory=dict)
    given: tuple[Canary, ...] = ()
    trouble: str = ""

    def __str__(self) -> str:
        """Say what it is about, in a few words."""
        return f"{self.action.value} with {self.trouble}" if self.trouble else self.action.value


def program_of(dice: random.Random, label: str, port: int) -> Program:
    """Make a program up; `label` keeps its names apart from those of others, `port` is the name server's."""
    target = {"server": "127.0.0.1", "port": port, "keyName": KEY_NAME, "keySecret": KEY_SECRET}
    draft = Draft(label, target)
    draft.wanted = [_wanted(dice, draft, number) for number in range(dice.choice((1, 1, 2, 3)))]
    _add_functions(dice, draft)
    _configure(dice, draft)
    action = dice.choices(list(Action), weights=(60, 14, 6, 5, 8, 7))[0]
    trouble = dice.choice(list(TROUBLES)) if action in {Action.UP, Action.PREVIEW} and dice.random() < _TROUBLED else ""
    if trouble:
        TROUBLES[trouble](dice, draft)
    if action is Action.INTERRUPT:
        never_publish(draft, _PATIENCE)
    text = written(draft)
    return Program(text, action, _arguments(dice, action), draft.variables, draft.config, tuple(draft.given), trouble)


def _wanted(dice: random.Random, draft: Draft, number: int) -> Wanted:
    zone = dice.choice(_ZONES)
    names = [f"{dice.choice('abc')}{number}.{draft.label}.{zone}"]
    names += [f"{dice.choice(('x', 'y', '*'))}.{names[0]}"] * dice.choice((0, 0, 1))
    properties: dict[str, Any] = {"keyAlgorithm": dice.choice(_KEYS)}
    for name, choices in _PROPERTIES.items():
        if dice.random() < 0.25:
            properties[name] = dice.choice(choices)
    target = draft.target if dice.random() < 0.4 else None
    return Wanted(f"cert-{number}", names, properties, target=target)


def _add_functions(dice: random.Random, draft: Draft) -> None:
    names = [name for wanted in draft.wanted for name in wanted.names]
    calls = {
        "records": ("getValidationRecords", {"domainNames": names}),
        "bundle": ("getTrustBundle", {}),
        "found": ("getCertificate", {"arn": f"${{{draft.wanted[0].name}.arn}}"}),
    }
    for name in dice.sample(sorted(calls), dice.randrange(3)):
        function, arguments = calls[name]
        draft.calls[name] = {"fn::invoke": {"function": f"certwright:{function}", "arguments": arguments}}
        draft.outputs[name] = f"${{{name}}}"
    for wanted in draft.wanted:
        draft.outputs[f"{wanted.name}-pem"] = f"${{{wanted.name}-issued.certificatePem}}"
        if wanted.properties.get("options") == {"export": "ENABLED"} and dice.random() < 0.5:
            draft.outputs[f"{wanted.name}-key"] = f"${{{wanted.name}-issued.privateKeyPem}}"


def _configure(dice: random.Random, draft: Draft) -> None:
    """Change the provider's configuration in ways that leave it in order."""
    choices = {
        "CERTWRIGHT_DEFAULT_TAGS": ('{"owner": "a"}', '{"owner": "b"}'),
        "CERTWRIGHT_PREFLIGHT": ("false", "true"),
        "CERTWRIGHT_REGION": ("local", "second"),
        "CERTWRIGHT_VALIDATION_DOMAIN": ("records.certwright.internal",),
    }
    for name, values in choices.items():
        if dice.random() < 0.1:
            draft.variables[name] = dice.choice(values)


def _arguments(dice: random.Random, action: Action) -> tuple[str, ...]:
    shown = {Action.PREVIEW: ((), ("--diff",), ("--json",)), Action.UP: ((), ("--diff",))}
    return dice.choice(shown.get(action, ((),)))
