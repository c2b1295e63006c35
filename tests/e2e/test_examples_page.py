"""docs/FROM-PULUMI-AWS.md: complete and true beside the real SDKs and the schema."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from certwright.resources.schema import build_schema

from tests.support.foreign_dns import SDKS, with_sdks

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "FROM-PULUMI-AWS.md").read_text()
Json = dict[str, Any]

pytestmark = pytest.mark.skipif(not SDKS.exists(), reason="no SDKs of other providers: run make test")

MEMBERS = {
    "acm.Certificate": "certwright:index:Certificate",
    "acm.CertificateValidation": "certwright:index:CertificateValidation",
    "acm.getCertificate": "certwright:index:getCertificate",
}
_INSPECT = """
import inspect, json, re
from pulumi_aws import acm, acmpca

def names(cls):
    return {name for name, value in vars(cls).items() if isinstance(value, property)}

def resource(cls, args):
    return {"in": names(args), "out": names(cls) - names(args)}

def function(call, result):
    arguments = set(inspect.signature(call).parameters) - {"opts"}
    return {"in": arguments, "out": names(result) - arguments}

def members(module):
    module.Certificate  # loads the module
    named = [name for name in dir(module) if inspect.isclass(getattr(module, name))]
    resources = {name for name in named if f"{name}Args" in named and name not in dir(module.outputs)}
    functions = {name for name in dir(module) if re.fullmatch(r"get_\\w+(?<!_output)", name)}
    return resources | functions

found = {
    "acm.Certificate": resource(acm.Certificate, acm.CertificateArgs),
    "acm.CertificateValidation": resource(acm.CertificateValidation, acm.CertificateValidationArgs),
    "acm.getCertificate": function(acm.get_certificate, acm.get_certificate.__globals__["GetCertificateResult"]),
    "members": {"acm": members(acm), "acmpca": members(acmpca)},
}
print(json.dumps(found, default=sorted))
"""
_RECORD_TYPES = {
    "Route 53": "aws:route53/record:Record",
    "Cloudflare": "cloudflare:index/dnsRecord:DnsRecord",
    "Google Cloud DNS": "gcp:dns/recordSet:RecordSet",
    "Azure DNS": "azure-native:dns:RecordSet",
}
_CONFIG = {"domain": "example.com", "zoneId": "zone", "managedZone": "example-com", "resourceGroup": "group"}
_NAME, _VALUE = "_owner.example.com.", "_value.validations.example."
_RECORD_INPUTS: dict[str, Json] = {
    "Route 53": {"name": _NAME, "type": "CNAME", "records": [_VALUE]},
    "Cloudflare": {"name": _NAME[:-1], "type": "CNAME", "content": _VALUE[:-1], "proxied": False},
    "Google Cloud DNS": {"managedZone": "example-com", "name": _NAME, "type": "CNAME", "rrdatas": [_VALUE]},
    "Azure DNS": {
        "zoneName": "example.com",
        "relativeRecordSetName": "_owner",
        "recordType": "CNAME",
        "cnameRecord": {"cname": _VALUE[:-1]},
    },
}


@cache
def aws() -> Json:
    """Return what pulumi-aws has, in the schema's names."""
    found: Json = json.loads(camel(json.dumps(with_sdks("-c", _INSPECT))))
    return found


def camel(text: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), text)


def section(title: str) -> str:
    """Return a section of the page, up to the next title."""
    (found,) = re.findall(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def rows(title: str) -> list[list[str]]:
    """Return the cells of each row of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def ours(token: str, side: str) -> set[str]:
    """Return the inputs or the other outputs of a resource or function of the schema."""
    schema = build_schema()
    member = schema["resources"].get(token) or schema["functions"][token]
    inputs = set(member.get("inputProperties") or member["inputs"]["properties"])
    outputs = set(member.get("properties") or member["outputs"]["properties"])
    return inputs if side == "in" else outputs


@pytest.mark.parametrize("title", MEMBERS)
def test_a_table_has_every_property_that_pulumi_aws_has(title: str) -> None:
    listed = {side: sorted(row[0] for row in rows(title) if row[1] == side) for side in ("in", "out")}
    assert listed == {side: sorted(names) for side, names in aws()[title].items()}


@pytest.mark.parametrize(("title", "token"), MEMBERS.items())
def test_a_table_says_of_each_property_whether_it_is_here(title: str, token: str) -> None:
    claimed = {(name, side): here in {"same", "differs"} for name, side, here, *_ in rows(title)}
    assert claimed == {(name, side): name in ours(token, side) for name, side in claimed}


def test_every_member_of_acm_has_a_table() -> None:
    assert {f"acm.{name}" for name in aws()["members"]["acm"]} == set(MEMBERS)


def test_every_member_of_acmpca_is_listed_and_none_is_here() -> None:
    listed = {name: here.startswith("not here") for name, here in rows("acmpca")}
    assert listed == dict.fromkeys(aws()["members"]["acmpca"], True)


@pytest.mark.parametrize("provider", _RECORD_TYPES)
def test_a_form_for_a_dns_provider_makes_one_record_with_its_real_sdk(provider: str, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", section(provider), re.DOTALL)
    program = tmp_path / "program.py"
    program.write_text(code)
    config = [f"{name}={value}" for name, value in _CONFIG.items()]
    (made, *others) = with_sdks("-m", "tests.support.mocked_program", str(program), *config)
    assert (made["type"], others) == (_RECORD_TYPES[provider], [])
    expected = _RECORD_INPUTS[provider]
    assert {name: made["inputs"].get(name) for name in expected} == expected
