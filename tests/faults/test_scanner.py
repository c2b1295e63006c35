"""The scanner itself: a secret is found however it is spelled and wherever it stands."""

import base64
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.artefacts import files_of, rows_of, shown_by_the_kernel
from tests.support.canaries import Canary, leaks
from tests.support.home_secrets import key_canaries

_SECRET = bytes.fromhex("c3f1a09b5d7e42860f11d28c3be49a75ffe0b1c2d3a4958677103254769801ab")
_CANARY = Canary("planted", _SECRET)
_KEYS: dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey] = {
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
    "RSA": rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
_FORMATS = {
    "PKCS#8 DER": (Encoding.DER, PrivateFormat.PKCS8),
    "PKCS#8 PEM": (Encoding.PEM, PrivateFormat.PKCS8),
    "traditional DER": (Encoding.DER, PrivateFormat.TraditionalOpenSSL),
    "traditional PEM": (Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
}
_SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "octets": bytes,
    "octets backwards": lambda secret: secret[::-1],
    "hex": lambda secret: secret.hex().encode(),
    "upper-case hex": lambda secret: secret.hex().upper().encode(),
    "hex with colons": lambda secret: secret.hex(":").encode(),
    "a blob in SQL": lambda secret: f"X'{secret.hex().upper()}'".encode(),
    "a number": lambda secret: str(int.from_bytes(secret, "big")).encode(),
    "base64": base64.b64encode,
    "base64 behind one octet": lambda secret: base64.b64encode(b"a" + secret),
    "base64 behind two octets": lambda secret: base64.b64encode(b"ab" + secret),
    "base64 of URLs": lambda secret: base64.urlsafe_b64encode(b"a" + secret + b"c"),
    "base64 on lines": lambda secret: base64.encodebytes(b"abcd" * 9 + secret),
    "base64 on lines of a display": lambda secret: base64.encodebytes(b"abcd" * 9 + secret).replace(b"\n", b"\n  + "),
    "base64 on lines in JSON": lambda secret: json.dumps(base64.encodebytes(b"abcd" * 9 + secret).decode()).encode(),
    "base32": base64.b32encode,
    "lower-case base32 behind three octets": lambda secret: base64.b32encode(b"abc" + secret).lower(),
    "Python": lambda secret: repr(secret).encode(),
    "JSON": lambda secret: json.dumps(secret.decode("latin-1")).encode(),
    "its first half": lambda secret: secret[:20].hex().encode(),
    "its second half": lambda secret: base64.b64encode(secret[-20:]),
}


@pytest.mark.parametrize("spelling", _SPELLINGS)
def test_a_secret_is_found_however_it_is_spelled(spelling: str) -> None:
    content = b'{"some": "text", "value": "' + _SPELLINGS[spelling](_SECRET) + b'"}\nand more\n'
    assert leaks({"file": content}, [_CANARY], pem=False) == ["planted in file"]


@pytest.mark.parametrize("spelling", _SPELLINGS)
def test_another_secret_is_not_found(spelling: str) -> None:
    other = bytes(octet ^ 0x5A for octet in _SECRET)
    assert leaks({"file": _SPELLINGS[spelling](other)}, [_CANARY], pem=False) == []


@pytest.mark.parametrize("written", _FORMATS)
@pytest.mark.parametrize("kind", _KEYS)
def test_a_private_key_is_found_in_every_format(kind: str, written: str) -> None:
    encoding, form = _FORMATS[written]
    pkcs8 = _KEYS[kind].private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    content = _KEYS[kind].private_bytes(encoding, form, NoEncryption())
    canaries = list(key_canaries("it", pkcs8))
    assert len(leaks({"file": content}, canaries, pem=False)) == len(canaries) in {1, 6}


def test_any_private_key_in_pem_is_found() -> None:
    assert leaks({"file": b"x\\n-----BEGIN EC PRIVATE KEY-----\\n"}, []) == ["a private key in PEM in file"]


def test_a_secret_in_a_file_of_a_folder_below_is_found(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "core.4711").write_bytes(b"\x7fELF" + _SECRET)
    assert leaks(files_of(tmp_path), [_CANARY]) == [f"planted in {tmp_path}/deep/er/core.4711"]


@pytest.fixture
def store(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (value)")
    return connection


def test_a_secret_in_a_row_is_found_in_the_rows_and_in_the_log_ahead(store: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(store):
        store.execute("INSERT INTO t VALUES (?)", (_SECRET,))
        found = leaks({"rows": rows_of(tmp_path), **files_of(tmp_path)}, [_CANARY])
    assert found == ["planted in rows", f"planted in {tmp_path}/store.db-wal"]


def test_a_secret_in_a_deleted_row_is_found_in_the_file(store: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(store):
        store.execute("PRAGMA secure_delete = OFF")
        store.execute("INSERT INTO t VALUES (?)", (_SECRET,))
        store.execute("DELETE FROM t")
    assert leaks({"rows": rows_of(tmp_path), **files_of(tmp_path)}, [_CANARY]) == [f"planted in {tmp_path}/store.db"]


_PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:], env={'KEY': sys.stdin.readline()})"


@pytest.mark.parametrize("place", ["environ", "cmdline"])
def test_a_secret_that_the_kernel_shows_of_a_child_is_found(place: str) -> None:
    spelled = _SECRET.hex()
    shown_as = {"environ": "sleep 9", "cmdline": f": {spelled}; sleep 9"}
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, "sh", "-c", shown_as[place] + "; :"], stdin=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdin is not None
        parent.stdin.write(f"{spelled if place == 'environ' else ''}\n")
        parent.stdin.flush()
        found: list[str] = []
        while not found and parent.poll() is None:
            found = leaks(shown_by_the_kernel(parent.pid), [_CANARY])
        parent.kill()
    assert all(item.startswith(f"planted in {place} of process") for item in found)
    assert found
