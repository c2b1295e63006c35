"""What the SDK's dynamic provider process does with a provider: deserialise, configure, call."""

import base64
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from certwright.transport.dynamic.provider import PROVIDERS
from certwright.transport.dynamic.told import Told
from pulumi.dynamic import CheckResult, ConfigureRequest, DiffResult, ReadResult, ResourceProvider
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import serialize_provider

from tests.transport.dns_server import Zones
from tests.transport.wire import Json

CERTIFICATE = "Certificate"
VALIDATION = "CertificateValidation"
RECORD = "ValidationRecord"
NAME = "www.example.com"


def owner(kind: str, name: str = "web") -> str:
    return f"urn:pulumi:dev::project::pulumi-python:dynamic/certwright:{kind}::{name}"


def certificate(**values: object) -> Json:
    """Return inputs of a Certificate with a quick key."""
    return {"domainName": NAME, "keyAlgorithm": "EC_prime256v1", **values}


def publish(zones: Zones, outputs: Mapping[str, object]) -> None:
    """Put the records of a Certificate's outputs into the zone."""
    options = outputs["domainValidationOptions"]
    assert isinstance(options, list)
    for option in options:
        zones.add(option["resourceRecordName"], option["resourceRecordType"], option["resourceRecordValue"])


@dataclass(frozen=True)
class Made:
    """A resource that exists: id, outputs, and the checked inputs that it was made from."""

    kind: str
    id: str
    outputs: Json
    inputs: Json


@dataclass
class Sdk:
    """A provider process with its configuration."""

    config: Mapping[str, str]
    providers: dict[str, ResourceProvider] = field(default_factory=dict)

    def provider(self, kind: str) -> ResourceProvider:
        """Return the provider of a kind, as it comes out of the state."""
        if kind not in self.providers:
            provider: ResourceProvider = pickle.loads(base64.b64decode(serialize_provider(PROVIDERS[kind]())))
            named = {f"certwright:{key}": value for key, value in self.config.items()}
            provider.configure(ConfigureRequest(Config({**named, "project:secret": "not ours"}, "project")))
            self.providers[kind] = provider
        return self.providers[kind]

    def check(self, kind: str, inputs: Json, olds: Json | None = None, name: str = "web") -> CheckResult:
        return self.provider(kind).check(olds or {}, {**inputs, "__owner": owner(kind, name), "__provider": "code"})

    def checked(self, kind: str, inputs: Json, name: str = "web") -> Json:
        """Return checked inputs; fail on failures."""
        found = self.check(kind, inputs, name=name)
        assert not found.failures, [(item.property, item.reason) for item in found.failures]
        return found.inputs

    def create(self, kind: str, inputs: Json, name: str = "web") -> Made:
        checked = self.checked(kind, inputs, name)
        made = self.provider(kind).create(checked)
        return Made(kind, made.id, made.outs or {}, checked)

    def diff(self, made: Made, inputs: Json | None = None) -> DiffResult:
        news = made.inputs if inputs is None else self.checked(made.kind, inputs)
        return self.provider(made.kind).diff(made.id, made.outputs, news)

    def update(self, made: Made, inputs: Json) -> Made:
        checked = self.checked(made.kind, inputs)
        updated = self.provider(made.kind).update(made.id, made.outputs, checked)
        return Made(made.kind, made.id, updated.outs or {}, checked)

    def read(self, made: Made) -> ReadResult:
        return self.provider(made.kind).read(made.id, dict(made.outputs))

    def delete(self, made: Made) -> None:
        self.provider(made.kind).delete(made.id, made.outputs)

    def issued(self, zones: Zones, **values: object) -> tuple[Made, Made]:
        """Make a Certificate, publish its records and wait for the issue; return it with its CertificateValidation."""
        made = self.create(CERTIFICATE, certificate(**values))
        publish(zones, made.outputs)
        return made, self.create(VALIDATION, {"certificateArn": made.id})


@contextmanager
def told() -> Iterator[list[str]]:
    """Expect a call to end with sentences; the list holds them afterwards."""
    lines: list[str] = []
    with pytest.raises(Told) as caught:
        yield lines
    lines.extend(str(caught.value).split("\n"))
