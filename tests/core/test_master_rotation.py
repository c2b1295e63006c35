"""Rotation of the master key: all that it wraps moves in one transaction, and the old one wraps nothing more."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from certwright.adapters.keys.master_keys import PassphraseMasterKey, RawMasterKey, open_master_key
from certwright.adapters.store.sql_store import SqlStore, open_store
from certwright.core.audit import GENESIS, verify_chain
from certwright.core.installations import begin_sealing, find_installation, require_master_key
from certwright.core.keyring import ensure_scope_keys, kek_binding
from certwright.core.master_rotation import require_other, rotate_master_key
from certwright.errors import Conflict, KeyUnavailable, Refused
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.keys import MasterKey

from tests.core.sealed_home import copy_of, files_of, make_sealed_home, opened
from tests.fakes import FixedRandomness
from tests.support.cores import CALLER
from tests.support.store import query

NEW = RawMasterKey(SecretBytes(b"n" * 32), "new")
STRANGER = Caller("tester", Scope("000000000001", "eu-1"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home with several accounts, Regions and generations."""
    home = make_sealed_home(tmp_path_factory.mktemp("sealed"), 2)
    with opened(home) as core:
        ensure_scope_keys(core, STRANGER)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    return copy_of(template, tmp_path / "home")


def old_key(home: Path) -> MasterKey:
    return open_master_key(f"file:{home}/master.key", {}, create=False).key


def opens_everything(home: Path, master_key: MasterKey) -> bool:
    """Say whether a master key opens the seal key and every key-encryption key; refuse a mixture."""
    store = open_store(f"sqlite:///{home}/store.db", create=False)
    try:
        return {True} == {_opens(work) for work in _unwrappings(store, master_key)}
    finally:
        store.close()


def _unwrappings(store: SqlStore, master_key: MasterKey) -> list[Callable[[], object]]:
    installation = find_installation(store)
    assert installation is not None
    keys = store.read(lambda tx: tx.keys.every_kek())
    contexts = [kek_binding(Scope(key.account, key.region), key.generation).authenticated_data() for key in keys]
    unwrap = [
        lambda key=key, context=context: master_key.unwrap(key.wrapped, context)
        for key, context in zip(keys, contexts, strict=True)
    ]
    seal = lambda: begin_sealing(store, installation, master_key, FixedRandomness())  # noqa: E731
    return [lambda: require_master_key(installation, master_key), seal, *unwrap]


def _opens(work: Callable[[], object]) -> bool:
    try:
        work()
    except KeyUnavailable:
        return False
    return True


@pytest.mark.parametrize(
    "new", [NEW, PassphraseMasterKey(SecretBytes(b"a long passphrase"), "words")], ids=["raw", "passphrase"]
)
def test_the_new_key_opens_everything_and_the_old_one_nothing(home: Path, new: MasterKey) -> None:
    old = old_key(home)
    told: list[int] = []
    with opened(home) as core:
        assert rotate_master_key(core, CALLER, new, files_of(core), told.append) == 4
    assert told == [1, 2, 3, 4]
    assert opens_everything(home, new)
    store = open_store(f"sqlite:///{home}/store.db", create=False)
    assert {_opens(work) for work in _unwrappings(store, old)} == {False}
    store.close()


def test_it_moves_back_as_it_went(home: Path) -> None:
    old = old_key(home)
    with opened(home) as core:
        rotate_master_key(core, CALLER, NEW, files_of(core))
        rotate_master_key(replace(core, master_key=NEW), CALLER, old, files_of(core))
    assert opens_everything(home, old)


def test_it_is_audited_and_every_row_is_sealed_as_before(home: Path) -> None:
    with opened(home) as core:
        rotate_master_key(core, CALLER, NEW, files_of(core))
        events = core.store.read(lambda tx: tx.audit.events(CALLER.account, 0, 1000))
        verify_chain(events, GENESIS)
        assert core.store.read(lambda tx: list(tx.integrity.damages())) == []
    last = events[-1]
    assert (last.action, last.subject, last.detail) == ("RotateMasterKey", core.installation_id, (("keys", "4"),))


def test_a_process_that_was_open_goes_on_with_what_it_unwrapped_and_wraps_nothing_more(home: Path) -> None:
    with opened(home) as running, opened(home) as core:
        secret = running.store.read(lambda tx: tx.keys.newest_secret(CALLER.account))
        assert secret is not None
        rotate_master_key(core, CALLER, NEW, files_of(core))
        with pytest.raises(KeyUnavailable, match="does not belong to installation"):
            ensure_scope_keys(running, Caller("tester", Scope(CALLER.account, "eu-9")))
    assert query(home, "SELECT count(*) FROM key_encryption_keys WHERE region = 'eu-9'") == [(0,)]
    assert opens_everything(home, NEW)


@dataclass
class Busy:
    """A master key during whose work another process makes a key (ports.keys.MasterKey)."""

    inner: MasterKey
    interrupt: Callable[[], None]

    def wrap(self, secret: SecretBytes, context: bytes) -> bytes:
        self.interrupt()
        return self.inner.wrap(secret, context)

    def unwrap(self, blob: bytes, context: bytes) -> SecretBytes:
        return self.inner.unwrap(blob, context)

    def check_value(self, installation_id: str) -> str:
        return self.inner.check_value(installation_id)


def test_a_key_that_is_made_meanwhile_moves_too(home: Path) -> None:
    regions = iter(["eu-8"])
    with opened(home) as running, opened(home) as core:

        def interrupt() -> None:
            for region in regions:
                ensure_scope_keys(running, Caller("tester", Scope(CALLER.account, region)))

        assert rotate_master_key(core, CALLER, Busy(NEW, interrupt), files_of(core)) == 5
    assert opens_everything(home, NEW)


def test_keys_made_at_every_attempt_end_it_with_nothing_changed(home: Path) -> None:
    old, numbers = old_key(home), iter(range(1000))
    with opened(home) as running, opened(home) as core:

        def interrupt() -> None:
            ensure_scope_keys(running, Caller("tester", Scope(CALLER.account, f"eu-{next(numbers)}")))

        with pytest.raises(Conflict, match="nothing was changed"):
            rotate_master_key(core, CALLER, Busy(NEW, interrupt), files_of(core))
    assert opens_everything(home, old)


def test_nothing_that_the_old_key_wrapped_is_left_in_the_files(home: Path) -> None:
    old = [blob for (blob,) in query(home, "SELECT wrapped FROM key_encryption_keys")]
    with opened(home) as core:
        rotate_master_key(core, CALLER, NEW, files_of(core))
        content = b"".join(file.read_bytes() for file in home.iterdir())
    assert [blob for blob in old if isinstance(blob, bytes) and blob in content] == []


def test_the_present_master_key_is_no_new_one(home: Path) -> None:
    with opened(home) as core:
        with pytest.raises(Refused, match="has already"):
            require_other(core, old_key(home))
        require_other(core, NEW)


def test_a_process_with_the_wrong_key_rotates_nothing(home: Path) -> None:
    old = old_key(home)
    with opened(home) as core, pytest.raises(KeyUnavailable):
        rotate_master_key(replace(core, master_key=NEW), CALLER, NEW, files_of(core))
    assert opens_everything(home, old)
