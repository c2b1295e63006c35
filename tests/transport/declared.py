"""Declarations and steps that many tests share."""

from collections.abc import Mapping

from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, Made
from tests.transport.wire import Json

NAME = "www.example.com"
DEFAULTS: Json = {"validationMethod": "DNS", "keyRotation": "ON_RENEWAL", "renewalOutputs": "FOLLOW"}


def certificate(**values: object) -> Json:
    """Return checked inputs of a Certificate with a quick key."""
    return {"domainName": NAME, "keyAlgorithm": "EC_prime256v1", **DEFAULTS, **values}


def publish(zones: Zones, outputs: Mapping[str, object]) -> None:
    """Put the records of a Certificate's outputs into the zone."""
    options = outputs["domainValidationOptions"]
    assert isinstance(options, list)
    for option in options:
        zones.add(option["resourceRecordName"], option["resourceRecordType"], option["resourceRecordValue"])


def issued(up: Engine, zones: Zones, resource: str = "web", **values: object) -> tuple[Made, Made]:
    """Make a Certificate, publish its records and wait for the issue; return it with its CertificateValidation."""
    made = up.create(CERTIFICATE, certificate(**values), resource)
    publish(zones, made.outputs)
    return made, up.create(VALIDATION, {"certificateArn": made.id}, resource)
