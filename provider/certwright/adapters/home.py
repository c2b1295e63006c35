"""A home, that is a store and its master key: looked at as a whole before anything is made, made only where allowed."""

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import make_url

from certwright.adapters.keys.master_keys import OpenedMasterKey, RawMasterKey, master_key_exists, open_master_key
from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.adapters.system import SystemClock, SystemRandomness, can_make
from certwright.core.installations import (
    begin_sealing,
    establish_installation,
    find_installation,
    require_installation,
    require_master_key,
)
from certwright.errors import (
    CertwrightError,
    InstallationMismatch,
    KeyUnavailable,
    StoreMissing,
    StoreUnavailable,
)
from certwright.model.installation import Installation
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey
from certwright.settings import Settings

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class HomeFault:
    """What keeps a home from being opened, and the configuration key that decides it."""

    key: str
    error: CertwrightError


@dataclass(frozen=True, slots=True)
class Home:
    """An open home; `recovery_key` is there only when opening it made the key file."""

    store: SqlStore
    master_key: MasterKey
    installation: Installation
    is_new: bool
    recovery_key: SecretBytes | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a home is there; what is None is yet to be made, or was not looked at."""

    master_key: MasterKey | None
    store: SqlStore | None
    installation: Installation | None
    faults: tuple[HomeFault, ...]

    def close(self) -> None:
        """Release the store."""
        if self.store is not None:
            self.store.close()


def open_home(settings: Settings, environ: Mapping[str, str], expected: str | None, *, create: bool) -> Home:
    """Open a home; a missing one is made unless `create` is False, an installation is expected of it, or CI=true.

    Raise the first fault, before anything was made.
    """
    sight = look_at_home(settings, environ, expected, create=create)
    with ExitStack() as undo:
        undo.callback(sight.close)
        if sight.faults:
            raise sight.faults[0].error
        home = complete_home(settings, environ, sight)
        if not home.is_new:
            begin_sealing(home.store, home.installation, home.master_key, SystemRandomness())
        undo.pop_all()
    return home


def look_at_home(
    settings: Settings,
    environ: Mapping[str, str],
    expected: str | None,
    *,
    create: bool = True,
    unchecked: Collection[str] = frozenset(),
) -> Sight:
    """Look at key, store and installation, and collect everything that forbids to open or make a home of them.

    Nothing is made. `unchecked` names configuration keys (store, masterKey) whose values say nothing.
    """
    look = _Look()
    key, store, installation = None, None, None
    if "masterKey" not in unchecked:
        key = look.at(lambda: _present_key(settings, environ))
    if "store" not in unchecked:
        store = look.at(lambda: _present_store(settings, create=create))
        installation = look.at(lambda: find_installation(store)) if store is not None else None
    if not look.has_fault("store") and "store" not in unchecked:
        look.at(lambda: require_installation(installation, expected, place_of(settings)))
        if installation is None and expected is None:
            look.at(lambda: _require_may_make(settings, create=create))
            look.at(lambda: _require_store_place(settings, store))
    if not look.has_fault("masterKey") and "masterKey" not in unchecked:
        look.at(lambda: _require_key(settings, environ, key, installation))
    return Sight(key, store, installation, tuple(look.faults))


def complete_home(settings: Settings, environ: Mapping[str, str], sight: Sight) -> Home:
    """Return the home that was seen without a fault, with what is missing made: store, key file, then the row.

    Of two processes at once one makes each of these, and both end with the same home. A store that was there can
    only be read before `begin_sealing`, which a key from a passphrase makes slow.
    """
    if sight.store is not None and sight.master_key is not None and sight.installation is not None:
        return Home(sight.store, sight.master_key, sight.installation, is_new=False, recovery_key=None)
    with ExitStack() as undo:
        store = sight.store or open_store(settings.store, create=True)
        undo.callback(store.close)
        opened = open_master_key(settings.master_key, environ, create=True)
        installation, is_new = establish_installation(store, opened.key, SystemClock(), SystemRandomness())
        undo.pop_all()
    return Home(store, opened.key, installation, is_new, _recovery_key(opened))


def place_of(settings: Settings) -> str:
    """Return where the store is, without a password."""
    return make_url(settings.store).render_as_string(hide_password=True)


class _Look:
    """Look at one thing after another, and collect what is wrong instead of stopping."""

    def __init__(self) -> None:
        self.faults: list[HomeFault] = []

    def at(self, work: Callable[[], _T]) -> _T | None:
        try:
            return work()
        except CertwrightError as error:
            self.faults.append(HomeFault(_key_of(error), error))
            return None

    def has_fault(self, key: str) -> bool:
        return any(fault.key == key for fault in self.faults)


def _key_of(error: CertwrightError) -> str:
    if isinstance(error, KeyUnavailable):
        return "masterKey"
    return "installation" if isinstance(error, InstallationMismatch) else "store"


def _present_key(settings: Settings, environ: Mapping[str, str]) -> MasterKey | None:
    if not master_key_exists(settings.master_key):
        return None
    return open_master_key(settings.master_key, environ, create=False).key


def _present_store(settings: Settings, *, create: bool) -> SqlStore | None:
    try:
        return open_store(settings.store, create=False)
    except StoreMissing:
        if create:
            return None
        raise


def _require_key(
    settings: Settings, environ: Mapping[str, str], key: MasterKey | None, installation: Installation | None
) -> None:
    """Require the key of an installation that is there, or a place for the key of one that is not."""
    if installation is not None:
        key = key or open_master_key(settings.master_key, environ, create=False).key
        require_master_key(installation, key)
    elif key is None:
        path = Path(settings.master_key.removeprefix("file:"))
        if not can_make(path):
            msg = f"Cannot make the master key {path}. Make its folder writable, or set certwright:masterKey elsewhere."
            raise KeyUnavailable(msg)


def _require_store_place(settings: Settings, store: SqlStore | None) -> None:
    url = make_url(settings.store)
    if store is None and url.get_backend_name() == "sqlite" and not can_make(Path(url.database or "")):
        msg = f"Cannot make the store {url.database}. Make its folder writable, or set certwright:store elsewhere."
        raise StoreUnavailable(msg)


def _require_may_make(settings: Settings, *, create: bool) -> None:
    if not create:
        msg = (
            f"There is no certwright installation in {place_of(settings)}. Run `certwright init` to make one, or point "
            "CERTWRIGHT_HOME or certwright:store at the one that is meant."
        )
        raise StoreMissing(msg)
    if settings.is_ci:
        msg = (
            f"There is no certwright installation in {place_of(settings)}, and CI=true: one made here would die with "
            "the runner, or leave a store whose key did. Run `certwright init` once on a machine that stays and point "
            "certwright:store and certwright:masterKey (or CERTWRIGHT_HOME) at what it made."
        )
        raise StoreMissing(msg)


def _recovery_key(opened: OpenedMasterKey) -> SecretBytes | None:
    return opened.key.recovery_key() if opened.is_new and isinstance(opened.key, RawMasterKey) else None
