"""Run a Pulumi program against the real SDKs without an engine, and print the resources that it declares.

    python -m tests.support.mocked_program PROGRAM [NAME=VALUE …]

The SDKs refuse arguments that they do not know and miss those they need, which is what this is for. Values are made up
here: a certificate has an option for each of its names, as ACM's have, and a look-up finds what it is asked for.
"""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

Json = dict[str, Any]
_PROJECT, _STACK = "program", "dev"
_PEM = ("certificatePem", "chainPem", "issuerPem", "privateKeyPem")


class Declared(Mocks):
    """Note every resource of the program."""

    def __init__(self) -> None:
        self.resources: list[Json] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Json]:
        self.resources.append({"type": args.typ, "name": args.name, "inputs": args.inputs})
        return f"{args.name}-id", {**args.inputs, **_outputs(args)}

    def call(self, args: MockCallArgs) -> tuple[Json, list[tuple[str, str]] | None]:
        records = {name.removeprefix("*."): _record(name) for name in args.args.get("domainNames", ())}
        return {**args.args, "id": "found", "arn": "found", "zoneId": "Z1", "records": list(records.values())}, []


def _outputs(args: MockResourceArgs) -> Json:
    if "domainName" in args.inputs:
        names = [args.inputs["domainName"], *args.inputs.get("subjectAlternativeNames", ())]
        return {"arn": f"arn:{args.name}", "domainValidationOptions": [_option(name) for name in names]}
    return {"fqdn": args.inputs.get("name"), **dict.fromkeys(_PEM, "PEM")}


def _option(name: str) -> Json:
    return {
        "domainName": name,
        "resourceRecordName": f"_owner.{name.removeprefix('*.')}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": "_value.validations.example.",
    }


def _record(name: str) -> Json:
    option = _option(name)
    return {"name": option["resourceRecordName"], "type": "CNAME", "value": option["resourceRecordValue"]}


def declared(program: Path, config: dict[str, str]) -> list[Json]:
    """Return the resources that a program declares."""
    mocks = Declared()
    pulumi.runtime.set_mocks(mocks, _PROJECT, _STACK, preview=False)
    pulumi.runtime.set_all_config({f"{_PROJECT}:{name}": value for name, value in config.items()})

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    run()
    return mocks.resources


def main() -> None:
    """Print what the program named first declares, as JSON."""
    config = dict(item.split("=", 1) for item in sys.argv[2:])
    json.dump(declared(Path(sys.argv[1]), config), sys.stdout)


if __name__ == "__main__":
    main()
