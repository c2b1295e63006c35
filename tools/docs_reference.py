"""The reference, one page for each resource and function, and one for the configuration, from schema.json."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
CONFIGURATION_PAGE = "reference/configuration.md"
_NAMES = "Names are those of TypeScript and YAML. Python writes `domain_name` for `domainName`, Go `DomainName`."
_EXAMPLES = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_LANGUAGES = {"python": "Python", "typescript": "TypeScript", "go": "Go", "yaml": "YAML"}
_VARIABLE = re.compile(r" ?Environment: `(\w+)`\.")
_REFERENCE = "#/types/"
_CONFIGURATION = """\
# Provider configuration

Set a key in the stack (`pulumi config set certwright:region eu-1`), in the environment, or in a provider of your own
(`certwright.Provider`). The stack wins over the environment. The command `certwright` reads the environment only.
All keys may be left out. In stack configuration and in the environment a list is JSON, or words with commas between
them; a map is JSON.

{}

Besides, these variables count:

| variable | |
|---|---|
| `CERTWRIGHT_HOME` | The home: store, master key and log of revocations. Default `~/.certwright`; an absolute path. |
| `CI` | With `true`, a missing home is an error instead of being made. |
| `CERTWRIGHT_TRACEBACK` | With `1`, the command shows the traceback of a fault of its own. |
"""


def reference_pages(schema: Json) -> dict[str, str]:
    """Return the content of every page by its place in the site."""
    resources = {_page_of(token): _resource_page(token, item, schema) for token, item in schema["resources"].items()}
    functions = {_page_of(token): _function_page(token, item, schema) for token, item in schema["functions"].items()}
    return {**resources, **functions, CONFIGURATION_PAGE: _configuration_page(schema)}


def _page_of(token: str) -> str:
    return f"reference/{_name(token)}.md"


def _resource_page(token: str, resource: Json, schema: Json) -> str:
    inputs, outputs = resource["inputProperties"], resource["properties"]
    made = {name: item for name, item in outputs.items() if name not in inputs}
    return _page(
        token,
        "Resource",
        resource["description"],
        _properties("Inputs", inputs, resource.get("requiredInputs", ())),
        _properties("Outputs", made, (), "Every input is an output too."),
        *_types([*inputs.values(), *made.values()], schema),
    )


def _function_page(token: str, function: Json, schema: Json) -> str:
    inputs = function.get("inputs", {"properties": {}})
    outputs = function["outputs"]["properties"]
    return _page(
        token,
        "Function",
        function["description"],
        _properties("Arguments", inputs["properties"], inputs.get("required", ())),
        _properties("Result", outputs, ()),
        *_types([*inputs["properties"].values(), *outputs.values()], schema),
    )


def _page(token: str, kind: str, description: str, *sections: str) -> str:
    text, _, examples = description.partition("## Example Usage")
    head = f"# {_name(token)}\n\n{kind} `{token}`. {text.strip()}\n"
    return "\n".join([head, _tabs(examples), *(section for section in sections if section)])


def _tabs(examples: str) -> str:
    """Return the examples of a description as one tab for each language."""
    codes = dict(_EXAMPLES.findall(examples))
    tabs = (f'=== "{title}"\n\n{_indented(word, codes[word])}' for word, title in _LANGUAGES.items() if word in codes)
    return "## Example\n\n" + "\n".join(tabs)


def _indented(language: str, code: str) -> str:
    lines = (f"```{language}", *code.rstrip().splitlines(), "```")
    return "\n".join(f"    {line}" if line else "" for line in lines) + "\n"


def _properties(title: str, properties: Json, required: Sequence[str], note: str = _NAMES) -> str:
    if not properties:
        return ""
    rows = [_row(name, item, name in required) for name, item in properties.items()]
    return "\n".join([f"## {title}\n", f"{note}\n", *_table(rows)])


def _table(rows: Sequence[str]) -> list[str]:
    return ["| name | type | |", "|---|---|---|", *rows, ""]


def _row(name: str, item: Json, is_required: bool) -> str:  # noqa: FBT001 - a column of the table
    return f"| `{name}` | {_type(item)} | {_told(item, item['description'], is_required=is_required)} |"


def _told(item: Json, description: str, *, is_required: bool = False) -> str:
    told = [
        "**Required.**" if is_required else "",
        "**Secret.**" if item.get("secret") else "",
        "**A change replaces.**" if item.get("replaceOnChanges") else "",
        _cell(description),
        f"Default: `{item['default']}`." if "default" in item and "default" not in description else "",
    ]
    return " ".join(part for part in told if part)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _type(item: Json) -> str:
    for choice in item.get("oneOf", ()):
        if "$ref" in choice:
            return _type(choice)
    if "$ref" in item:
        name = _name(item["$ref"])
        return f"[{name}](#{name.lower()})"
    if item["type"] == "array":
        element = _type(item["items"])
        return "list of strings" if element == "string" else f"list of {element}"
    return "map of strings" if item["type"] == "object" else str(item["type"])


def _types(properties: Sequence[Json], schema: Json) -> Iterator[str]:
    """Yield the sections of every type that properties use, also through others."""
    for token in dict.fromkeys(_used(properties, schema)):
        described = schema["types"][token]
        yield f"## {_name(token)}\n\n{described['description']}\n\n" + "\n".join(_members(described))


def _used(properties: Sequence[Json], schema: Json) -> Iterator[str]:
    for item in properties:
        yield from _used([item[key] for key in ("items",) if key in item], schema)
        yield from _used(item.get("oneOf", ()), schema)
        if "$ref" in item:
            token = item["$ref"].removeprefix(_REFERENCE)
            yield token
            yield from _used(list(schema["types"][token].get("properties", {}).values()), schema)


def _members(described: Json) -> list[str]:
    if "enum" in described:
        words = [f"| `{item['value']}` | {_cell(item['description'])} |" for item in described["enum"]]
        return ["| value | |", "|---|---|", *words, ""]
    required = described.get("required", ())
    return _table([_row(name, item, name in required) for name, item in described["properties"].items()])


def _configuration_page(schema: Json) -> str:
    variables = schema["config"]["variables"]
    rows = [_key(name, item) for name, item in variables.items()]
    table = "\n".join(["| key, variable | type | |", "|---|---|---|", *rows, ""])
    return "\n".join([_CONFIGURATION.format(table), *_types(list(variables.values()), schema)])


def _key(name: str, item: Json) -> str:
    description = _VARIABLE.sub("", item["description"])
    named = "<br>".join(f"`{text}`" for text in (name, *_VARIABLE.findall(item["description"])))
    return f"| {named} | {_type(item)} | {_told(item, description)} |"


def _name(token: str) -> str:
    return token.rpartition(":")[2]
