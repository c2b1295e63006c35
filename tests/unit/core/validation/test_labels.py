"""Labels of validation records: golden values, recomputed by hand, and what they are bound to."""

import hashlib
import re

import pytest
from certwright.core.validation.labels import LABEL_LENGTH, cname_record
from certwright.model.names import DomainName
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.secret import SecretBytes
from hypothesis import given
from hypothesis import strategies as st

SECRET = bytes(range(32))
INSTALLATION = "5f0c7a52-3c0b-4f0e-9a51-0d6b0b1f6c11"
ACCOUNT = "123456789012"
ZONE = "acm-validations.certwright.internal"
GOLDEN = ResourceRecord(
    "_vf7ksabzke2xld7v4uifn4c6rvd7a5ry.www.example.com.",
    RecordType.CNAME,
    "_wa3du7qnambdzqu2cby3ya36jkori2tw.acm-validations.certwright.internal.",
)
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def record(
    name: str = "www.example.com",
    *,
    secret: bytes = SECRET,
    installation: str = INSTALLATION,
    account: str = ACCOUNT,
    zone: str = ZONE,
) -> ResourceRecord:
    return cname_record(SecretBytes(secret), installation, account, DomainName(name), zone)


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """RFC 2104, written out."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def base32_of_160_bits(digest: bytes) -> str:
    """RFC 4648, written out: five bits a character, the first 32 characters."""
    number = int.from_bytes(digest[:20], "big")
    return "".join(_BASE32[(number >> shift) & 31] for shift in range(155, -5, -5))


def label_by_hand(purpose: str, name: str) -> str:
    message = b"\x01" + purpose.encode() + b"\0" + INSTALLATION.encode() + b"\0" + ACCOUNT.encode() + b"\0"
    return base32_of_160_bits(hmac_sha256(SECRET, message + name.encode()))


def test_the_record_is_the_golden_one() -> None:
    assert record() == GOLDEN


@pytest.mark.parametrize("name", ["www.example.com", "example.com", "xn--bcher-kva.example"])
def test_both_labels_are_the_hmac_computed_by_hand(name: str) -> None:
    found = record(name)
    assert found.name == f"_{label_by_hand('name', name)}.{name}."
    assert found.value == f"_{label_by_hand('value', name)}.{ZONE}."


def test_apex_and_wildcard_have_the_same_record() -> None:
    assert record("*.example.com") == record("example.com")


DIFFERENT: dict[str, ResourceRecord] = {
    "another account": record(account="123456789013"),
    "another installation": record(installation="5f0c7a52-3c0b-4f0e-9a51-0d6b0b1f6c12"),
    "another secret": record(secret=bytes(32)),
    "the name above": record("example.com"),
    "the name below": record("a.www.example.com"),
}


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_both_labels_differ_for(other: ResourceRecord) -> None:
    assert other.name.partition(".")[0] != GOLDEN.name.partition(".")[0]
    assert other.value.partition(".")[0] != GOLDEN.value.partition(".")[0]


def test_owner_and_target_labels_differ() -> None:
    assert GOLDEN.name.partition(".")[0] != GOLDEN.value.partition(".")[0]


def test_the_validation_domain_changes_the_target_alone() -> None:
    moved = record(zone="validation.example.net")
    assert moved.name == GOLDEN.name
    assert moved.value == GOLDEN.value.removesuffix(f"{ZONE}.") + "validation.example.net."


def test_where_installation_ends_and_account_begins_matters() -> None:
    assert record(installation="inst1", account="23") != record(installation="inst12", account="3")


LABELS = st.from_regex(r"[a-z]([a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)


@given(st.lists(LABELS, min_size=2, max_size=4).map(".".join), st.binary(min_size=32, max_size=32))
def test_labels_are_an_underscore_and_32_base32_characters_at_their_place(name: str, secret: bytes) -> None:
    found = record(name, secret=secret)
    grammar = rf"_[a-z2-7]{{{LABEL_LENGTH}}}\."
    assert re.fullmatch(grammar + re.escape(f"{name}."), found.name)
    assert re.fullmatch(grammar + re.escape(f"{ZONE}."), found.value)
    assert found.type is RecordType.CNAME


def test_the_longest_name_leaves_room_for_its_record() -> None:
    longest = ".".join(["a" * 63, "a" * 63, "a" * 63, "b" * 15, "example.com"])
    assert len(longest) == 219
    assert len(record(longest).name.removesuffix(".")) == 253
