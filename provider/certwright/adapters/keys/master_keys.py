"""Master keys from a file, an environment variable or a passphrase."""

import base64
import binascii
import hmac
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from certwright.errors import KeyUnavailable
from certwright.model.secret import SecretBytes

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


def open_master_key(uri: str, environ: Mapping[str, str], *, create: bool) -> RawMasterKey | PassphraseMasterKey:
    """Open `file:…`, `env:NAME`, `passphrase:env:NAME` or `passphrase:file:…`; raise `KeyUnavailable` with the fix.

    `create` makes a missing key file; nothing else is ever made.
    """
    scheme, _, rest = uri.partition(":")
    if scheme == "file":
        return RawMasterKey(_read_key_file(Path(rest), create=create), uri)
    if scheme == "env":
        return RawMasterKey(_decode(_read_variable(environ, rest).reveal(), f"environment variable {rest}"), uri)
    inner, _, place = rest.partition(":")
    if scheme == "passphrase" and inner == "env":
        return PassphraseMasterKey(_read_variable(environ, place), uri)
    if scheme == "passphrase" and inner == "file":
        return PassphraseMasterKey(SecretBytes(_read_private_file(Path(place)).rstrip(b"\r\n")), uri)
    msg = "masterKey names no known kind of key: use file:, env:, passphrase:env: or passphrase:file:."
    raise KeyUnavailable(msg)


def master_key_exists(uri: str) -> bool:
    """Say whether the key file of a `file:` URI is there; other kinds count as there."""
    scheme, _, rest = uri.partition(":")
    return scheme != "file" or Path(rest).exists()


def _read_key_file(path: Path, *, create: bool) -> SecretBytes:
    if create and not path.exists():
        _create_key_file(path)
    content = _read_private_file(path)
    if not content.startswith(_FILE_HEADER):
        msg = f"{path} is no certwright master key (its first line must be certwright-master-key-v1)."
        raise KeyUnavailable(msg)
    return _decode(content[len(_FILE_HEADER) :], str(path))


def _create_key_file(path: Path) -> None:
    """Write a fresh key beside its place and link it there: of two creators one wins, and nothing is half made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_FILE_HEADER + base64.b64encode(os.urandom(_SIZE)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_private_file(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        msg = f"Cannot read the master key {path}: {error.strerror}. Restore it, or set certwright:masterKey."
        raise KeyUnavailable(msg) from error
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            msg = f"{path} can be read by others (mode {mode:04o}). Run: chmod 600 {path}"
            raise KeyUnavailable(msg)
        return file.read(4096)


def _read_variable(environ: Mapping[str, str], name: str) -> SecretBytes:
    value = environ.get(name, "")
    if not value:
        msg = f"The master key is expected in the environment variable {name}, which is not set."
        raise KeyUnavailable(msg)
    return SecretBytes(value.encode())


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
