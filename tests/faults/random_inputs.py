"""Random inputs of resources for raw calls, and the same with unknown values anywhere."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.transport.declared import DEFAULTS
from tests.transport.dns_server import KEY_NAME, KEY_SECRET
from tests.transport.wire import SIGNATURE, UNKNOWN, UNKNOWNS, Json, secret

_NAMES = ("a.example.com", "b.example.com", "*.a.example.com", "c.example.org", "deep.er.example.org", "example.net")
_CHOICES: dict[str, Sequence[object]] = {
    "keyAlgorithm": ("EC_prime256v1", "EC_prime256v1", "EC_secp384r1"),
    "options": ({"export": "ENABLED"}, {"export": "DISABLED"}),
    "keyRotation": ("ON_RENEWAL", "NEVER"),
    "renewalOutputs": ("FOLLOW", "PIN"),
    "repin": ("1", "2"),
    "validity": ({"type": "DAYS", "value": 1}, {"type": "DAYS", "value": 90}, {"type": "YEARS", "value": 1}),
    "earlyRenewalDuration": ("PT1H", "PT23H"),
    "tags": ({"team": "web"}, {"team": "dns", "cost": "1"}),
}


def certificate_inputs(dice: random.Random) -> Json:
    """Return inputs of a Certificate as Check leaves them."""
    names = dice.sample(_NAMES, dice.choice((1, 1, 2, 3)))
    chosen = {name: dice.choice(values) for name, values in _CHOICES.items() if dice.random() < 0.35}
    inputs = {**DEFAULTS, "keyAlgorithm": "EC_prime256v1", "domainName": names[0], **chosen}
    return {**inputs, "subjectAlternativeNames": names[1:]} if len(names) > 1 else inputs


def changed_inputs(dice: random.Random, inputs: Json) -> Json:
    """Return inputs with some of them as in another certificate's; the first name stays."""
    other = certificate_inputs(dice)
    picked = {name: value for name, value in other.items() if name != "domainName" and dice.random() < 0.3}
    return {**inputs, **picked}


def record_inputs(dice: random.Random, name: str, value: str, port: int) -> Json:
    """Return inputs of a ValidationRecord."""
    target = {"server": "127.0.0.1", "port": port, "keyName": KEY_NAME, "keySecret": secret(KEY_SECRET)}
    zone = ".".join(name.split(".")[-3:-1])
    return {
        "zone": zone,
        "name": name,
        "type": "CNAME",
        "value": value,
        "ttl": dice.choice((60, 300)),
        "rfc2136": target,
    }


def with_unknowns(dice: random.Random, value: Any, share: float) -> Any:
    """Return a value in which parts, whole lists or objects among them, are not known yet."""
    if dice.random() < share:
        unknown = UNKNOWNS[_kind(value)]
        return secret(unknown) if dice.random() < 0.1 else unknown
    if isinstance(value, Mapping) and SIGNATURE not in value:
        return {name: with_unknowns(dice, item, share) for name, item in value.items()}
    if isinstance(value, list):
        return [with_unknowns(dice, item, share) for item in value]
    return value


def blurred(dice: random.Random, inputs: Json, share: float) -> Json:
    """Return inputs of which some are not known, or not known whole."""
    return {name: with_unknowns(dice, value, share) for name, value in inputs.items()}


def has_unknown(value: Any) -> bool:
    """Say whether something in a value is not known."""
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return value in UNKNOWNS.values()


def is_kept_promise(promised: Any, value: Any) -> bool:
    """Say whether what a preview showed came true; what it did not know may be anything."""
    if promised == UNKNOWN or promised in UNKNOWNS.values():
        return True
    if isinstance(promised, dict) and isinstance(value, dict):
        return promised.keys() == value.keys() and all(is_kept_promise(promised[name], value[name]) for name in value)
    if isinstance(promised, list) and isinstance(value, list):
        return len(promised) == len(value) and all(map(is_kept_promise, promised, value))
    return bool(promised == value)


def _kind(value: object) -> str:
    if isinstance(value, dict) and SIGNATURE in value:
        return "string"
    kinds = {dict: "object", list: "array", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(value), "string")
