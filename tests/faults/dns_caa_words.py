"""Words for rows of CAA: records at a node, and what is said of them."""

from tests.faults.dns_rows import IDENTITY

NONE = "{name} has no CAA records"
OURS, OTHER = f'0 issue "{IDENTITY}"', '0 issue "other.example"'
OTHER_LISTED = f'it lists issue "other.example"; we answer to: {IDENTITY}'


def listed(value: str, tag: str = "issue") -> str:
    return f'it lists {tag} "{value}"; we answer to: {IDENTITY}'


def at(node: str, *values: str) -> list[str]:
    return [f"{node} CAA {value}" for value in values]


def allows(node: str = "{name}.", name: str = "{name}") -> str:
    return f"CAA at {node} ({{ns1}}) allows {name}"


def forbids(why: str, node: str = "{name}.", name: str = "{name}") -> str:
    return f"CAA at {node} ({{ns1}}) forbids {name}: {why}"
