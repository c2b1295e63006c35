"""The contract of ports.keys.MasterKey, over key files, variables and passphrases."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.system import take_environment
from certwright.errors import KeyUnavailable
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey

CANARY = "canary-canary-canary-canary-1234"
RAW = CANARY.encode()
OTHER = b"another-key-of-thirty-two-octets"
CONTEXT = b"kek of account 1"
SECRET = SecretBytes(b"secret-canary")
Opener = Callable[[Path, bytes], MasterKey]


def write_private(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def from_file(folder: Path, key: bytes) -> MasterKey:
    content = b"certwright-master-key-v1\n" + base64.b64encode(key) + b"\n"
    return open_master_key(f"file:{write_private(folder / 'key', content)}", {}, create=False).key


def from_variable(_: Path, key: bytes) -> MasterKey:
    return open_master_key("env:KEY", {"KEY": base64.b64encode(key).decode()}, create=False).key


def from_passphrase_file(folder: Path, key: bytes) -> MasterKey:
    return open_master_key(f"passphrase:file:{write_private(folder / 'phrase', key)}", {}, create=False).key


def from_passphrase_variable(_: Path, key: bytes) -> MasterKey:
    return open_master_key("passphrase:env:PHRASE", {"PHRASE": key.decode()}, create=False).key


KINDS: list[Opener] = [from_file, from_variable, from_passphrase_file, from_passphrase_variable]
QUICK: list[Opener] = [from_file, from_passphrase_file]


@pytest.mark.parametrize("make", KINDS)
def test_what_was_wrapped_is_unwrapped_by_the_same_key_opened_anew(tmp_path: Path, make: Opener) -> None:
    blob = make(tmp_path, RAW).wrap(SECRET, CONTEXT)
    assert make(tmp_path, RAW).unwrap(blob, CONTEXT).reveal() == SECRET.reveal()


@pytest.mark.parametrize(("make", "version"), [(from_file, 1), (from_passphrase_file, 2)])
def test_a_blob_starts_with_its_format_and_is_never_the_same_twice(tmp_path: Path, make: Opener, version: int) -> None:
    key = make(tmp_path, RAW)
    blobs = [key.wrap(SECRET, CONTEXT) for _ in range(2)]
    assert [blob[0] for blob in blobs] == [version, version]
    assert blobs[0][1:17] != blobs[1][1:17]
    assert SECRET.reveal() not in blobs[0]


@pytest.mark.parametrize("make", QUICK)
def test_another_key_does_not_unwrap(tmp_path: Path, make: Opener) -> None:
    blob = make(tmp_path, RAW).wrap(SECRET, CONTEXT)
    require_refused(make(tmp_path, OTHER), blob, CONTEXT)


@pytest.mark.parametrize("make", QUICK)
@pytest.mark.parametrize("context", [b"", b"kek of account 2", CONTEXT + b"\x00"], ids=["empty", "another", "longer"])
def test_a_blob_is_bound_to_its_context(tmp_path: Path, make: Opener, context: bytes) -> None:
    key = make(tmp_path, RAW)
    require_refused(key, key.wrap(SECRET, CONTEXT), context)


@pytest.mark.parametrize("make", QUICK)
def test_a_changed_blob_is_not_unwrapped(tmp_path: Path, make: Opener) -> None:
    key = make(tmp_path, RAW)
    blob = key.wrap(SECRET, CONTEXT)
    for position in (0, 1, len(blob) // 2, len(blob) - 1):
        changed = bytearray(blob)
        changed[position] ^= 1
        require_refused(key, bytes(changed), CONTEXT)


@pytest.mark.parametrize("make", QUICK)
def test_a_cut_blob_is_not_unwrapped(tmp_path: Path, make: Opener) -> None:
    key = make(tmp_path, RAW)
    blob = key.wrap(SECRET, CONTEXT)
    for length in (0, 1, 5, 20, len(blob) - 1):
        require_refused(key, blob[:length], CONTEXT)
    require_refused(key, blob + b"\x00", CONTEXT)


def test_keys_of_different_kinds_do_not_unwrap_each_other_s_blobs(tmp_path: Path) -> None:
    raw, derived = from_file(tmp_path, RAW), from_passphrase_file(tmp_path, RAW)
    require_refused(raw, derived.wrap(SECRET, CONTEXT), CONTEXT)
    require_refused(derived, raw.wrap(SECRET, CONTEXT), CONTEXT)


def require_refused(key: MasterKey, blob: bytes, context: bytes) -> None:
    with pytest.raises(KeyUnavailable) as raised:
        key.unwrap(blob, context)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("make", QUICK)
def test_the_check_value_recognises_key_and_installation_and_tells_nothing(tmp_path: Path, make: Opener) -> None:
    value = make(tmp_path, RAW).check_value("i1")
    assert make(tmp_path, RAW).check_value("i1") == value
    assert make(tmp_path, RAW).check_value("i2") != value
    assert make(tmp_path, OTHER).check_value("i1") != value
    assert len(value) >= 32
    assert value not in RAW.hex()


@pytest.mark.parametrize(
    "text",
    [RAW.hex(), RAW.hex().upper(), base64.b64encode(RAW).decode(), base64.b64encode(RAW).decode() + "\n"],
    ids=["hex", "hex in capitals", "base64", "base64 with a line end"],
)
def test_a_variable_holds_the_key_in(tmp_path: Path, text: str) -> None:
    key = open_master_key("env:KEY", {"KEY": text}, create=False).key
    assert key.check_value("i1") == from_file(tmp_path, RAW).check_value("i1")


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        RAW[:31].hex(),
        base64.b64encode(RAW + b"x").decode(),
        f"{RAW.hex()}canary",
        "canary\u2603",
        "canary\udcff",
    ],
    ids=["the key as it is", "31 octets", "33 octets", "hex with more behind", "no ASCII", "no UTF-8"],
)
def test_a_variable_is_refused_and_not_shown_that_holds(text: str) -> None:
    with pytest.raises(KeyUnavailable) as raised:
        open_master_key("env:KEY", {"KEY": text}, create=False)
    assert "KEY" in str(raised.value)
    assert text not in str(raised.value)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("uri", ["env:KEY", "passphrase:env:KEY"])
@pytest.mark.parametrize("environ", [{}, {"KEY": ""}], ids=["unset", "empty"])
def test_a_variable_that_is_not_set_is_named(uri: str, environ: dict[str, str]) -> None:
    with pytest.raises(KeyUnavailable, match="KEY"):
        open_master_key(uri, environ, create=True)


@pytest.mark.parametrize(
    "uri",
    ["", "canary", "vault:canary", "pkcs11:canary", "passphrase:canary", "passphrase:vault:canary", "FILE:canary"],
)
def test_an_unknown_kind_of_key_is_refused_and_not_shown(uri: str) -> None:
    with pytest.raises(KeyUnavailable, match="passphrase:file:") as raised:
        open_master_key(uri, {}, create=True)
    assert "canary" not in str(raised.value)


def test_children_do_not_inherit_the_variable_that_holds_the_key() -> None:
    environ = {"CERTWRIGHT_KEY": RAW.hex(), "PHRASE": CANARY, "PULUMI_CONFIG": CANARY, "PATH": "/bin"}
    taken = take_environment(environ)
    assert environ == {"PATH": "/bin"}
    assert "PULUMI_CONFIG" not in taken
    assert open_master_key("env:CERTWRIGHT_KEY", taken, create=False).key.check_value("i1")


@pytest.mark.parametrize("make", KINDS)
def test_an_open_key_shows_nothing_of_itself(tmp_path: Path, make: Opener) -> None:
    key = make(tmp_path, RAW)
    shown = repr(key) + repr(vars(key))
    assert "canary" not in shown
    assert base64.b64encode(RAW).decode() not in shown
