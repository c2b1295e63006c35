"""Homes with certificates in all states, random programs over them, and what previews promise of these."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from tests.faults.random_inputs import (
    blurred,
    certificate_inputs,
    changed_inputs,
    has_unknown,
    is_kept_promise,
    record_inputs,
)
from tests.transport.declared import publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, RECORD, VALIDATION, Engine, Made, engine
from tests.transport.homes import environment
from tests.transport.wire import UNKNOWN, Json

_RESOURCES = 6
_SHARE = 0.12
_PATIENCE = 0.3
_MADE_BY_UP = {
    *("arn", "status", "notBefore", "notAfter", "serial", "renewalEligibility", "renewalSummary"),
    *("certificatePem", "chainPem"),
}


@dataclass
class Promise:
    """What a preview said of a resource: the call that `up` will make, with everything known then."""

    resource: str
    name: str
    inputs: Json
    seen: Json
    before: Made | None


@dataclass
class World:
    """A home with certificates in all states, and what is declared of them."""

    home: Path
    zones: Zones
    dice: random.Random
    config: dict[str, object]
    made: dict[tuple[str, str], Made] = field(default_factory=dict)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """Give an engine with a plugin of its own, as each command has."""
        with engine(environment(self.home)) as running:
            running.configure(**self.config)
            yield running


def populate(world: World) -> None:
    """Make certificates: issued and waited for, or without records."""
    with world.engine() as up:
        for number in range(world.dice.randrange(1, 4)):
            name = f"cert-{number}"
            made = up.create(CERTIFICATE, certificate_inputs(world.dice), name)
            world.made[CERTIFICATE, name] = made
            if world.dice.random() < 0.7:
                publish(world.zones, made.outputs)
                apply(world, up, Promise(VALIDATION, name, {"certificateArn": made.id}, {}, None))


def settle(world: World) -> None:
    """Let the store know that the engine knows every resource: a Diff notes it, whatever it is called for."""
    with world.engine() as up:
        for (resource, name), made in world.made.items():
            with suppress(grpc.RpcError):
                up.diff(resource, made, made.inputs, name=name)
    world.zones.asked.clear()


def previewed(world: World, up: Engine) -> list[Promise]:
    """Preview a random program, one resource after another as the engine does, and return what it said."""
    found = []
    for number in world.dice.sample(range(_RESOURCES), world.dice.randrange(1, 4)):
        name = f"cert-{number}"
        made = world.made.get((CERTIFICATE, name))
        whole = changed_inputs(world.dice, made.inputs) if made else certificate_inputs(world.dice)
        found += _previewed(world, up, CERTIFICATE, name, whole)
        arn = made.id if made else UNKNOWN
        found += _previewed(world, up, VALIDATION, name, {"certificateArn": arn}, share=0)
    for name, value in _records(world, up):
        found += _previewed(world, up, RECORD, name, record_inputs(world.dice, name, value, world.zones.port))
    return found


def _records(world: World, up: Engine) -> list[tuple[str, str]]:
    """Return a validation record, and call the other functions as programs do."""
    up.invoked("getTrustBundle", {})
    for resource, name in world.made:
        if resource == CERTIFICATE:
            up.invoked("getCertificate", {"arn": world.made[resource, name].id})
    records = up.invoked("getValidationRecords", {"domainNames": ["record.example.com"]})["records"]
    return [(item["name"], item["value"]) for item in records]


def _previewed(world: World, up: Engine, resource: str, name: str, whole: Json, share: float = _SHARE) -> list[Promise]:
    """Send what the engine sends for one resource in a preview; nothing comes of one that Check refuses."""
    made = world.made.get((resource, name))
    inputs = blurred(world.dice, whole, share if world.dice.random() < 0.7 else 0)
    checked = up.check(resource, inputs)
    if checked.failures:
        return []
    try:
        if made is not None:
            found = up.diff(resource, made, inputs, name=name)
            if not found.diffs:
                return []
            if not found.replaces:
                changed = up.update(resource, made, inputs, preview=True, name=name)
                return [Promise(resource, name, whole, changed.outputs, made)]
        return [Promise(resource, name, whole, up.preview(resource, inputs, name), None)]
    except grpc.RpcError as error:
        _require_a_refusal(error)
        return []


def apply(world: World, up: Engine, promise: Promise) -> Made | None:
    """Do what was previewed, with everything known; None where it is refused or takes too long."""
    key, inputs = (promise.resource, promise.name), promise.inputs
    if inputs.get("certificateArn") == UNKNOWN:
        certificate = world.made.get((CERTIFICATE, promise.name))
        inputs = {"certificateArn": certificate.id if certificate else UNKNOWN}
    if has_unknown(inputs) or up.check(promise.resource, inputs).failures:
        return None
    try:
        if promise.before is None:
            made = up.create(promise.resource, inputs, promise.name, timeout=_PATIENCE)
        else:
            made = up.update(promise.resource, promise.before, inputs, timeout=_PATIENCE, name=promise.name)
    except grpc.RpcError as error:
        _require_a_refusal(error)
        return None
    world.made[key] = made
    if promise.resource == CERTIFICATE and world.dice.random() < 0.7:
        publish(world.zones, made.outputs)
    return made


def _require_a_refusal(error: grpc.RpcError) -> None:
    assert error.code() is not grpc.StatusCode.INTERNAL, error.details()


def broken(promise: Promise, made: Made) -> list[str]:
    """Return what a preview said and `up` did not do; an output that it left out, it said there would be none."""
    seen, outputs = promise.seen, made.outputs
    return [
        f"{promise.resource} {promise.name}: {name} was to be {seen.get(name)!r} and is {outputs.get(name)!r}"
        for name in sorted({*seen, *outputs})
        if not name.startswith("__") and not is_kept_promise(seen.get(name), outputs.get(name))
    ]


def invented(promise: Promise) -> list[str]:
    """Return what a preview says that it cannot know, or does not say though it is known."""
    if promise.resource != CERTIFICATE or promise.before is not None:
        return []
    shown = [name for name in _MADE_BY_UP if promise.seen.get(name) != UNKNOWN]
    names = [promise.seen["domainName"], promise.seen.get("subjectAlternativeNames", [])]
    is_silent = not has_unknown(names) and has_unknown(promise.seen["domainValidationOptions"])
    return [f"{name} of a certificate that is not there" for name in shown] + ["no records"] * is_silent
