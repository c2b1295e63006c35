"""The Pulumi schema, derived from the declared resources, functions and configuration keys."""

import dataclasses
import json
import sys
import typing
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from certwright import __version__
from certwright.model.secret import SecretBytes
from certwright.resources.examples import EXAMPLES
from certwright.resources.fields import Property, properties_of
from certwright.resources.registry import FUNCTIONS, PACKAGE, RESOURCES, FunctionType, ResourceType
from certwright.resources.schema_enums import BY_NAME as CHOICES
from certwright.resources.schema_languages import language_sections
from certwright.resources.validation_record_target import HostedArgs, Rfc2136Args
from certwright.settings import CONFIG_KEYS, ConfigKey

Json = dict[str, Any]
DESCRIPTION = "ACM-like certificates for any infrastructure, any DNS provider and any CA."
_SCALARS = {str: "string", int: "integer", bool: "boolean", float: "number", SecretBytes: "string"}
_CONFIG_OBJECTS = {"rfc2136": Rfc2136Args, "hosted": HostedArgs}


def build_schema() -> Json:
    """Return the package schema."""
    types: Json = {}
    resources = {resource.token: _resource(resource, types) for resource in RESOURCES}
    functions = {function.token: _function(function, types) for function in FUNCTIONS}
    config = {key.name: _config(key, types) for key in CONFIG_KEYS}
    return {
        "name": PACKAGE,
        "displayName": "certwright",
        "version": __version__,
        "description": DESCRIPTION,
        "keywords": ["pulumi", "certwright", "certificates", "tls", "pki", "kind/native", "category/infrastructure"],
        "license": "Apache-2.0",
        "publisher": "certwright",
        "meta": {"moduleFormat": "(.*)", "supportPack": True},
        "language": language_sections(DESCRIPTION),
        "config": {"variables": config},
        "types": dict(sorted(types.items())),
        "provider": {
            "description": "Configuration of the certwright provider.",
            "inputProperties": config,
        },
        "resources": resources,
        "functions": functions,
    }


def schema_text() -> str:
    """Return the schema as it is checked in."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def _config(key: ConfigKey, types: Json) -> Json:
    described: Json = {"description": f"{key.description} Environment: `{key.variable}`.", **_config_type(key, types)}
    return {**described, "secret": True} if key.secret else described


def _config_type(key: ConfigKey, types: Json) -> Json:
    if key.name in _CONFIG_OBJECTS:
        return _object(_CONFIG_OBJECTS[key.name], types)
    if key.type == "array":
        return {"type": "array", "items": {"type": "string"}}
    if key.type == "object":
        return {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": key.type}


def _resource(resource: ResourceType, types: Json) -> Json:
    inputs, outputs = properties_of(resource.args), properties_of(resource.state)
    return {
        "description": f"{resource.description}\n\n{EXAMPLES[resource.name]}",
        "inputProperties": {item.name: _property(item, types, is_input=True) for item in inputs},
        "requiredInputs": [item.name for item in inputs if item.meta.required],
        "properties": {item.name: _property(item, types, is_input=False) for item in outputs},
        "required": [item.name for item in outputs if item.meta.required],
    }


def _function(function: FunctionType, types: Json) -> Json:
    described: Json = {"description": f"{function.description}\n\n{EXAMPLES[function.name]}"}
    inputs = properties_of(function.args)
    if inputs:
        described["inputs"] = _members(inputs, types, is_input=True)
    return {**described, "outputs": _members(properties_of(function.result), types, is_input=False)}


def _members(declared: Sequence[Property], types: Json, *, is_input: bool) -> Json:
    described: Json = {
        "type": "object",
        "properties": {item.name: _property(item, types, is_input=is_input) for item in declared},
    }
    required = [item.name for item in declared if item.meta.required]
    return {**described, "required": required} if required else described


def _property(item: Property, types: Json, *, is_input: bool) -> Json:
    described: Json = {"description": item.meta.description, **_property_type(item, types)}
    if item.is_secret:
        described["secret"] = True
    if item.meta.replaces:
        described["replaceOnChanges"] = True
    if is_input and item.meta.default is not None:
        described["default"] = item.meta.default
    return described


def _property_type(item: Property, types: Json) -> Json:
    return _words(item.meta.choices, types) if item.meta.choices else _type(item.type, types)


def _type(kind: Any, types: Json) -> Json:  # noqa: ANN401 - any declared type
    if typing.get_origin(kind) is tuple:
        element = typing.get_args(kind)[0]
        if typing.get_origin(element) is tuple:
            return {"type": "object", "additionalProperties": {"type": "string"}}
        return {"type": "array", "items": _type(element, types)}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _object(kind, types)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _words(kind.__name__, types) if kind.__name__ in CHOICES else {"type": "string"}
    return {"type": _SCALARS[kind]}


def _words(name: str, types: Json) -> Json:
    """Return the type of a text from a named set; any text passes, so that programs may be ahead of the SDK."""
    token = f"{PACKAGE}:index:{name}"
    types[token] = CHOICES[name].schema()
    return {"type": "string", "oneOf": [{"type": "string"}, {"$ref": f"#/types/{token}"}]}


def _object(kind: type, types: Json) -> Json:
    name = kind.__name__.removesuffix("Args").removesuffix("State")
    token = f"{PACKAGE}:index:{name}"
    description = (kind.__doc__ or "").strip()
    types[token] = {"description": description, **_members(properties_of(kind), types, is_input=True)}
    return {"$ref": f"#/types/{token}"}


def main() -> None:
    """Write the schema to the file named first, or to standard output."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(schema_text())
    else:
        sys.stdout.write(schema_text())


if __name__ == "__main__":
    main()
