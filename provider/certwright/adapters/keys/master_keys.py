"""Master keys from a file, an environment variable or a passphrase."""

import base64
import binascii
import hmac
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from certwright.adapters.folders import make_folder, sync_folder
from certwright.errors import KeyUnavailable
from certwright.model.secret import SecretBytes
from certwright.settings import is_variable

_SIZE = 32
_FILE_HEADER = b"certwright-master-key-v1\n"
_RAW = 1
_DERIVED = 2
_SALT_SIZE = 16
_NONCE_SIZE = 12
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1


class RawMasterKey:
    """Wrap with 32 key bytes: 0x01 | nonce | AES-256-GCM ciphertext."""

    def __init__(self, key: SecretBytes, origin: str) -> None:
        self._key = key
        self._origin = origin

    def wrap(self, secret: SecretBytes, context: bytes) -> bytes:
        """Return `secret` wrapped."""
        nonce = os.urandom(_NONCE_SIZE)
        return bytes([_RAW]) + nonce + AESGCM(self._key.reveal()).encrypt(nonce, secret.reveal(), context)

    def unwrap(self, blob: bytes, context: bytes) -> SecretBytes:
        """Return what was wrapped under the same context."""
        if blob[:1] != bytes([_RAW]):
            raise _wrong_key(self._origin)
        return _decrypt(self._key, blob[1:], context, self._origin)

    def check_value(self, installation_id: str) -> str:
        """Return a value that recognises this key for an installation."""
        return hmac.digest(self._key.reveal(), b"certwright check " + installation_id.encode(), "sha256").hex()

    def recovery_key(self) -> SecretBytes:
        """Return the key in base64, as `env:NAME` takes it; shown once by `certwright init`."""
        return SecretBytes(base64.b64encode(self._key.reveal()))


class PassphraseMasterKey:
    """Wrap with a key derived by scrypt (N = 2^15, r = 8, p = 1): 0x02 | salt | nonce | AES-256-GCM ciphertext."""

    def __init__(self, passphrase: SecretBytes, origin: str) -> None:
        self._passphrase = passphrase
        self._origin = origin
        self._derived: dict[bytes, SecretBytes] = {}

    def wrap(self, secret: SecretBytes, context: bytes) -> bytes:
        """Return `secret` wrapped."""
        salt, nonce = os.urandom(_SALT_SIZE), os.urandom(_NONCE_SIZE)
        body = AESGCM(self._derive(salt).reveal()).encrypt(nonce, secret.reveal(), context)
        return bytes([_DERIVED]) + salt + nonce + body

    def unwrap(self, blob: bytes, context: bytes) -> SecretBytes:
        """Return what was wrapped under the same context."""
        if blob[:1] != bytes([_DERIVED]):
            raise _wrong_key(self._origin)
        salt, rest = blob[1 : 1 + _SALT_SIZE], blob[1 + _SALT_SIZE :]
        return _decrypt(self._derive(salt), rest, context, self._origin)

    def check_value(self, installation_id: str) -> str:
        """Return a value that recognises this passphrase; as slow to guess as the passphrase itself."""
        return self._derive(installation_id.encode()).reveal()[:16].hex()

    def _derive(self, salt: bytes) -> SecretBytes:
        if salt not in self._derived:
            scrypt = Scrypt(salt=salt, length=_SIZE, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P)
            self._derived[salt] = SecretBytes(scrypt.derive(self._passphrase.reveal()))
        return self._derived[salt]


@dataclass(frozen=True, slots=True)
class OpenedMasterKey:
    """A master key, and whether opening it made it: only then is a recovery key to be shown."""

    key: RawMasterKey | PassphraseMasterKey
    is_new: bool


def open_master_key(uri: str, environ: Mapping[str, str], *, create: bool) -> OpenedMasterKey:
    """Open `file:…`, `env:NAME`, `passphrase:env:NAME` or `passphrase:file:…`; raise `KeyUnavailable` with the fix.

    `create` makes a missing key file; nothing else is ever made.
    """
    scheme, _, rest = uri.partition(":")
    if scheme == "file":
        return _open_key_file(Path(rest), uri, create=create)
    return OpenedMasterKey(_read_given_key(uri, environ), is_new=False)


def master_key_exists(uri: str) -> bool:
    """Say whether the key file of a `file:` URI is there; other kinds, and what cannot be looked at, count as there."""
    scheme, _, rest = uri.partition(":")
    path = Path(rest)
    try:
        return scheme != "file" or path.exists() or path.is_symlink()
    except OSError:
        return True


def _read_given_key(uri: str, environ: Mapping[str, str]) -> RawMasterKey | PassphraseMasterKey:
    scheme, _, rest = uri.partition(":")
    if scheme == "env":
        return RawMasterKey(_decode(_read_variable(environ, rest).reveal(), f"environment variable {rest}"), uri)
    inner, _, place = rest.partition(":")
    if scheme == "passphrase" and inner == "env":
        return PassphraseMasterKey(_read_variable(environ, place), uri)
    if scheme == "passphrase" and inner == "file":
        return PassphraseMasterKey(_read_passphrase_file(Path(place)), uri)
    msg = "masterKey names no known kind of key: use file:, env:, passphrase:env: or passphrase:file:."
    raise KeyUnavailable(msg)


def _open_key_file(path: Path, uri: str, *, create: bool) -> OpenedMasterKey:
    try:
        is_new = create and not path.exists() and _create_key_file(path)
    except OSError as error:
        msg = f"Cannot make the master key {path}: {error.strerror}. Make its folder writable, or set it elsewhere."
        raise KeyUnavailable(msg) from error
    return OpenedMasterKey(RawMasterKey(_read_key_file(path), uri), is_new)


def _read_key_file(path: Path) -> SecretBytes:
    content = _read_private_file(path)
    if not content.startswith(_FILE_HEADER):
        msg = f"{path} is no certwright master key (its first line must be certwright-master-key-v1)."
        raise KeyUnavailable(msg)
    return _decode(content[len(_FILE_HEADER) :], str(path))


def _create_key_file(path: Path) -> bool:
    """Write a fresh key beside its place and link it there; return False when another creator was first."""
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_FILE_HEADER + base64.b64encode(os.urandom(_SIZE)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        is_first = _link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)
    return is_first


def _link(draft: Path, path: Path) -> bool:
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    return True


def _read_private_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(4096)
    except OSError as error:
        msg = f"Cannot read the master key {path}: {error.strerror}. Restore it, or set certwright:masterKey."
        raise KeyUnavailable(msg) from error
    if mode & 0o077:
        msg = f"{path} can be read by others (mode {mode:04o}). Run: chmod 600 {path}"
        raise KeyUnavailable(msg)
    return content


def _read_passphrase_file(path: Path) -> SecretBytes:
    passphrase = _read_private_file(path).rstrip(b"\r\n")
    if not passphrase:
        msg = f"The passphrase in {path} is empty. Write one into it, or set certwright:masterKey to another key."
        raise KeyUnavailable(msg)
    return SecretBytes(passphrase)


def _read_variable(environ: Mapping[str, str], name: str) -> SecretBytes:
    if not is_variable(name):
        msg = "masterKey names no environment variable; what stands in its place is not shown."
        raise KeyUnavailable(msg)
    value = environ.get(name, "")
    if not value:
        msg = f"The master key is expected in the environment variable {name}, which is not set."
        raise KeyUnavailable(msg)
    return SecretBytes(os.fsencode(value))


def _decode(text: bytes, origin: str) -> SecretBytes:
    for decode in (bytes.fromhex, lambda value: base64.b64decode(value, validate=True)):
        with suppress(ValueError, binascii.Error, UnicodeDecodeError):
            key: bytes = decode(text.decode().strip())
            if len(key) == _SIZE:
                return SecretBytes(key)
    msg = f"The master key in {origin} is not 32 bytes in base64 or hex; its value is not shown."
    raise KeyUnavailable(msg)


def _decrypt(key: SecretBytes, rest: bytes, context: bytes, origin: str) -> SecretBytes:
    try:
        return SecretBytes(AESGCM(key.reveal()).decrypt(rest[:_NONCE_SIZE], rest[_NONCE_SIZE:], context))
    except (InvalidTag, ValueError) as error:
        raise _wrong_key(origin) from error


def _wrong_key(origin: str) -> KeyUnavailable:
    return KeyUnavailable(
        f"The master key {origin} does not open this store: it is another key, or the store was changed."
    )
