"""A declared resource on its way to the engine: properties by their names on the wire, secrets marked."""

import dataclasses
import typing
from collections.abc import Awaitable, Mapping
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from certwright.resources.fields import Property, copies_of, properties_of
from certwright.resources.registry import RESOURCES, ResourceType
from certwright.resources.secrets import secret_outputs
from certwright.transport.dynamic.opening import program_config
from certwright.transport.dynamic.provider import PROVIDERS
from certwright.transport.dynamic.values import OWNER

_BY_NAME = {resource.name: resource for resource in RESOURCES}
_STACK_TYPE = "pulumi:pulumi:Stack"


class Declared(Resource):
    """A resource of the package; its attributes are the declared properties, as in the generated SDK."""

    def __init__(self, kind: str, name: str, given: Mapping[str, object], opts: pulumi.ResourceOptions | None) -> None:
        program_config()
        resource, opts = _BY_NAME[kind], opts or pulumi.ResourceOptions()
        properties = (*properties_of(resource.args), *properties_of(resource.state))
        wire_type = f"pulumi-python:{self._resource_type_name}"
        inputs = _marked(resource, wire_values(resource.args, given))
        inputs[OWNER] = owner_of(wire_type, name, opts.parent)
        outputs = {item.name: None for item in properties}
        super().__init__(PROVIDERS[kind](), name, {**outputs, **inputs}, _options(resource, opts))
        for item in properties:
            self.__dict__[item.attribute] = self.__dict__[item.name]


def wire_values(declared: type[object], given: Mapping[str, object]) -> dict[str, Any]:
    """Return what is given by names on the wire; what is not declared keeps its name, for Check to refuse."""
    items = {item.attribute: item for item in properties_of(declared)}
    return {
        items[name].name if name in items else name: wire_value(items.get(name), value)
        for name, value in given.items()
        if value is not None
    }


def wire_value(item: Property | None, value: object) -> Any:  # noqa: ANN401 - whatever a program passes
    """Return a value with the names inside it as they are on the wire; keys of maps stay as they are."""
    nested = item and item.type
    if not (dataclasses.is_dataclass(nested) and isinstance(nested, type)):
        return list(value) if isinstance(value, tuple) else value
    if isinstance(value, pulumi.Output):
        return value.apply(lambda known: wire_value(item, known))
    return wire_values(nested, value) if isinstance(value, Mapping) else value


def owner_of(wire_type: str, name: str, parent: pulumi.Resource | None) -> pulumi.Input[str]:
    """Return the URN that the engine will give to the resource; it is known in preview."""
    if parent is None or parent.pulumi_resource_type == _STACK_TYPE:
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{wire_type}::{name}"
    suffix, below = f"::{parent.pulumi_resource_name}", f"${wire_type}::{name}"
    # Only its text: as a dependency, a component would stand for all its children, this one among them.
    urn: pulumi.Output[str] = pulumi.Output.from_input(typing.cast("Awaitable[str]", parent.urn.future()))
    return urn.apply(lambda known: known.removesuffix(suffix) + below)


def _marked(resource: ResourceType, inputs: dict[str, Any]) -> dict[str, Any]:
    """Mark secrets, and add the inputs that outputs copy by the outputs' names: the engine marks outputs like those."""
    secrets = secret_outputs(resource)
    marked = {name: pulumi.Output.secret(value) if name in secrets else value for name, value in inputs.items()}
    copies = copies_of(resource.state).items()
    return marked | {name: marked[copied] for name, copied in copies if copied in marked}


def _options(resource: ResourceType, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Return options with names on the wire, and the outputs that are secret whatever the program says."""
    secrets = pulumi.ResourceOptions(additional_secret_outputs=sorted(secret_outputs(resource)))
    merged = pulumi.ResourceOptions.merge(opts, secrets)
    names = {item.attribute: item.name for item in properties_of(resource.state)}
    for option in ("ignore_changes", "replace_on_changes", "additional_secret_outputs"):
        paths = getattr(merged, option) or []
        setattr(merged, option, [_wire_path(path, names) for path in paths])
    return merged


def _wire_path(path: str, names: Mapping[str, str]) -> str:
    head = path.replace("[", ".").partition(".")[0]
    return names.get(head, head) + path[len(head) :]
