"""Back up, restore, export and import a home as its settings describe it."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from certwright.adapters.archives.backup import (
    BackedUp,
    Destination,
    Source,
    Watch,
    restore_archive,
    write_archive,
)
from certwright.adapters.archives.home_file import read_home, write_home
from certwright.adapters.archives.passphrase_stream import EncryptedFile
from certwright.adapters.archives.private_files import new_private_file, open_file
from certwright.adapters.folders import make_folder
from certwright.adapters.home import place_of
from certwright.adapters.keys.master_keys import open_master_key
from certwright.adapters.store.archive import require_empty
from certwright.adapters.store.sql_store import SqlStore
from certwright.errors import Refused
from certwright.model.archive import ArchiveHeader
from certwright.model.scope import Caller
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey
from certwright.settings import Settings


def back_up(store: SqlStore, master_key: MasterKey, file: Path, watch: Watch, *, replace: bool) -> BackedUp:
    """Write the store into a new archive."""
    with new_private_file(file, replace=replace) as out:
        return write_archive(store, master_key, out.write, watch)


def restore(settings: Settings, environ: Mapping[str, str], file: Path, caller: Caller, watch: Watch) -> ArchiveHeader:
    """Load an archive into the configured store, which must not be there or be empty."""
    key = open_master_key(settings.master_key, environ, create=False).key
    source = Source(str(file), lambda: open_file(file))
    return restore_archive(source, _destination(settings), key, caller, watch)


def export_home(
    settings: Settings, store: SqlStore, master_key: MasterKey, file: Path, passphrase: SecretBytes, watch: Watch
) -> BackedUp:
    """Write master key, where it is a file, and store into a new file under a passphrase."""
    key_file = key_file_of(settings)
    with new_private_file(file, replace=False) as out:
        key = SecretBytes(key_file.read_bytes()) if key_file else None
        return write_home(out.write, passphrase, key, lambda write: write_archive(store, master_key, write, watch))


def import_home(
    settings: Settings,
    environ: Mapping[str, str],
    file: Path,
    passphrase: SecretBytes,
    caller: Caller,
    watch: Watch,
) -> ArchiveHeader:
    """Make the configured home of an exported one; what cannot be finished is taken back.

    Raises `Refused` where anything of a home is there, but for the same key, which an attempt killed half way left.
    """
    home = read_home(EncryptedFile(file, passphrase), str(file))
    require_empty(settings.store)
    with ExitStack() as undo:
        if home.key is not None:
            _put_key(_key_place(settings), home.key, undo)
        key = open_master_key(settings.master_key, environ, create=False).key
        header = restore_archive(home.archive, _destination(settings), key, caller, watch)
        undo.pop_all()
    return header


def key_file_of(settings: Settings) -> Path | None:
    """Return the file of the master key, None when the key is not in a file of its own."""
    scheme, _, rest = settings.master_key.partition(":")
    return Path(rest) if scheme == "file" else None


def _destination(settings: Settings) -> Destination:
    return Destination(settings.store, place_of(settings), settings.installation)


def _key_place(settings: Settings) -> Path:
    place = key_file_of(settings)
    if place is None:
        msg = "The exported home has its master key in a file. Set CERTWRIGHT_MASTER_KEY to file:…, or leave it out."
        raise Refused(msg)
    return place


def _put_key(path: Path, key: SecretBytes, undo: ExitStack) -> None:
    """Write the key file, or leave it when it is the same already."""
    if path.exists():
        if path.read_bytes() != key.reveal():
            msg = f"There is another {path} already. Import into a home that is not there; nothing was changed."
            raise Refused(msg)
        return
    make_folder(path.parent)
    with new_private_file(path, replace=False) as file:
        file.write(key.reveal())
    undo.callback(path.unlink)
