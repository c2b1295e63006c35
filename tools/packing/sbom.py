"""The bill of materials: what certwright runs with, with hashes and licences, as CycloneDX JSON."""

import datetime as dt
import importlib.metadata
import uuid
from collections.abc import Iterable, Sequence

from cyclonedx import spdx
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.packing.requirements import Pin
from tools.packing.steps import ReleaseError

_LICENCE = "Apache-2.0"
_SDK = "pulumi-certwright"
# Read in the licence file, where a distribution's metadata do not say it.
_READ = {"requests-unixsocket": "Apache-2.0"}


def bill_of_materials(version: str, pins: Sequence[Pin], epoch: int) -> str:
    """Return the bill for the lock's pins; raise `ReleaseError` when a component's licence is not known.

    Licences and dependencies are read from the installed distributions. A component has the hashes of all its files
    that the lock allows: a wheel for each platform, and the source archive.
    """
    package, sdk = _own("certwright", version), _own(_SDK, version)
    every = [package, sdk, *map(_component, pins)]
    bom = Bom(components=every[1:])
    bom.metadata.component = package
    bom.metadata.timestamp = dt.datetime.fromtimestamp(epoch, dt.UTC)
    for component in every:
        needs = _needs(component.name)
        bom.register_dependency(component, [other for other in every if other.name in needs])
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([version, *(pin.text for pin in pins)]))
    text = str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        msg = f"The bill of materials is not valid CycloneDX: {fault}"
        raise ReleaseError(msg)
    return text


def _own(name: str, version: str) -> Component:
    return Component(
        name=name,
        version=version,
        type=ComponentType.APPLICATION if name == "certwright" else ComponentType.LIBRARY,
        bom_ref=f"{name}=={version}",
        purl=PackageURL("pypi", None, name, version),
        licenses=[LicenseFactory().make_from_string(_LICENCE)],
    )


def _component(pin: Pin) -> Component:
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{pin.name}=={pin.version}",
        purl=PackageURL("pypi", None, pin.name, pin.version),
        hashes=[HashType.from_composite_str(digest) for digest in pin.hashes],
        licenses=_licences(pin),
    )


def _licences(pin: Pin) -> Iterable[License]:
    """Return the expression that a distribution gives, else its identifier, its classifiers, its short text."""
    metadata = _metadata(pin.name)
    for expression in metadata.get_all("License-Expression", []):
        return [LicenseExpression(expression)]
    classifiers = metadata.get_all("Classifier", [])
    classified = [item.rpartition(" :: ")[2] for item in classifiers if item.startswith("License ::")]
    texts = [_READ[pin.name]] if pin.name in _READ else metadata.get_all("License", [])
    short = [text for text in texts if "\n" not in text]
    stated = [text for text in short if spdx.fixup_id(text)] or classified or short
    if not stated:
        msg = f"{pin.name} {pin.version} does not say its licence: read its file, and say it in tools/packing/sbom.py"
        raise ReleaseError(msg)
    return [LicenseFactory().make_from_string(item) for item in stated]


def _metadata(name: str) -> importlib.metadata.PackageMetadata:
    try:
        return importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError as error:
        msg = f"{name} is not installed, so its licence is not known. Run: python3 tools/setup.py venv"
        raise ReleaseError(msg) from error


def _needs(name: str) -> set[str]:
    """Return the canonical names that an installed distribution asks for, extras of others left out."""
    stated = map(Requirement, importlib.metadata.requires(name) or ())
    own = name in {"certwright", _SDK}
    return {
        canonicalize_name(item.name) for item in stated if own or item.marker is None or "extra" not in str(item.marker)
    }
