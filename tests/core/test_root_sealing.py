"""The root's key in a file outside the store: everything goes on without it, but what only a root can do."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from certwright.adapters.key_files import PrivateKeyFile
from certwright.adapters.keys import encrypted_pkcs8
from certwright.core.authority import issuing_authority, issuing_cas, new_root, root_authority, roots_of, trust_bundle
from certwright.core.health import examine
from certwright.core.issuance import drive
from certwright.core.profiles import ISSUING_LIFE
from certwright.core.root_sealing import Custody, outlook_while_sealed, seal_root, unseal_root
from certwright.core.rotation import rotate_keys
from certwright.errors import IntegrityError, KeyUnavailable, Refused, SigningRefused, StoreUnavailable
from certwright.model.authorities import Authority, AuthorityRole
from certwright.model.certificates import VersionState
from certwright.model.policy import LONGEST_LEAF
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes

from tests.core.sealed_home import actions, carrier_of, files_of, require_everything_opens
from tests.core.world import World
from tests.support.store import query

PASSPHRASE = SecretBytes(b"correct horse battery")
UNSEAL = "certwright ca unseal-root FILE"
DAY = timedelta(days=1)


@dataclass
class FileInMemory:
    """A file that may lose what is written to it (ports.keys.KeyFile)."""

    content: list[bytes] = field(default_factory=list)
    spoil: Callable[[bytes], bytes] = lambda content: content
    place: str = "/safe/root.pem"

    def create(self, content: bytes) -> None:
        assert not self.content
        self.content.append(self.spoil(content))

    def read(self) -> bytes:
        return self.content[0]


def custody(world: World, file: FileInMemory | PrivateKeyFile, passphrase: SecretBytes = PASSPHRASE) -> Custody:
    return Custody(file, passphrase, carrier_of(world.core))


def seal(world: World, file: FileInMemory | PrivateKeyFile | None = None) -> FileInMemory | PrivateKeyFile:
    """Seal the root away and return the file."""
    file = file or FileInMemory()
    seal_root(world.core, world.caller, custody(world, file), files_of(world.core), world.cancellation)
    return file


def unseal(world: World, file: FileInMemory | PrivateKeyFile) -> tuple[Authority, ...]:
    return unseal_root(world.core, world.caller, custody(world, file), world.cancellation)


def issue(world: World, name: str) -> VersionState:
    """Request a certificate and drive it to its end."""
    view = world.request(name, urn=f"urn:{name}")
    world.publish(name)
    return drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation).state


@pytest.fixture(autouse=True)
def _quick_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted_pkcs8, "SCRYPT_N", 2**4)


@pytest.fixture
def ready(world: World) -> World:
    """Give a world with a root and an issuing CA."""
    issuing_authority(world.core, world.caller, world.cancellation)
    return world


def outlook_days_before_the_end(world: World, days: int) -> None:
    """Let time go by until the issuing CA has so many days left before it cannot carry the longest leaf."""
    (ca,) = issuing_cas(world.core, world.caller)
    world.clock.wait(ca.not_after - LONGEST_LEAF - timedelta(days=days) - world.clock.now())


def test_certificates_are_issued_with_the_root_sealed(ready: World) -> None:
    seal(ready)
    assert issue(ready, "a.example.com") is VersionState.ISSUED


def test_the_trust_bundle_and_doctor_are_as_before(ready: World) -> None:
    before = [root.certificate for root in trust_bundle(ready.core, ready.caller)]
    seal(ready)
    assert [root.certificate for root in trust_bundle(ready.core, ready.caller)] == before
    assert examine(ready.core, ready.caller) == ()


def test_the_store_has_no_key_of_the_root_any_more(ready: World, tmp_path: Path) -> None:
    ((sealed,),) = query(ready.folder, "SELECT sealed_key FROM authorities WHERE role = 'ROOT'")
    assert isinstance(sealed, bytes)
    seal(ready)
    assert query(ready.folder, "SELECT sealed_key FROM authorities WHERE role = 'ROOT'") == [(b"",)]
    assert [file.name for file in tmp_path.iterdir() if sealed in file.read_bytes()] == []


def test_a_region_that_issued_nothing_yet_gets_its_issuing_ca_before_the_root_is_sealed(world: World) -> None:
    root_authority(world.core, world.caller, world.cancellation)
    seal(world)
    assert issue(world, "a.example.com") is VersionState.ISSUED


def test_it_comes_back_as_it_was(ready: World) -> None:
    file = seal(ready)
    (root,) = unseal(ready, file)
    assert root.role is AuthorityRole.ROOT
    require_everything_opens(ready.folder)
    assert not any(root.key.is_away for root in roots_of(ready.core, ready.caller))


def test_unsealing_twice_changes_nothing_the_second_time(ready: World) -> None:
    file = seal(ready)
    unseal(ready, file)
    before = actions(ready.folder)
    assert (unseal(ready, file), actions(ready.folder)) == ((), before)


def test_sealing_twice_needs_a_new_file_only_when_there_is_a_key(ready: World) -> None:
    seal(ready)
    second = FileInMemory()
    with pytest.raises(Refused, match="sealed already"):
        seal(ready, second)
    assert second.content == []


def test_an_account_without_root_has_nothing_to_seal(world: World) -> None:
    with pytest.raises(Refused, match="has no root yet"):
        seal(world)


def test_every_root_of_the_account_is_sealed(ready: World) -> None:
    ready.core = ready.with_policy(permitted_domains=("example.com",))
    new_root(ready.core, ready.caller, ready.cancellation)
    file = seal(ready)
    assert [root.key.is_away for root in roots_of(ready.core, ready.caller)] == [True, True]
    assert file.read().count(b"BEGIN ENCRYPTED PRIVATE KEY") == 2
    assert len(unseal(ready, file)) == 2


def test_both_acts_are_audited_with_the_file(ready: World) -> None:
    unseal(ready, seal(ready))
    events = ready.core.store.read(lambda tx: tx.audit.events(ready.caller.account, 0, 100))
    (root,) = roots_of(ready.core, ready.caller)
    found = [(event.action, event.subject, dict(event.detail)) for event in events[-2:]]
    detail = {"file": "/safe/root.pem", "generation": "1"}
    assert found == [("SealRoot", root.id, detail), ("UnsealRoot", root.id, detail)]


def test_the_file_tells_whose_key_it_is_and_is_encrypted(ready: World) -> None:
    content = seal(ready).read()
    assert content.startswith(b"certwright root, account 000000000000, generation 1, SHA-256 ")
    assert b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in content


def test_another_passphrase_brings_nothing_back(ready: World) -> None:
    file = seal(ready)
    with pytest.raises(KeyUnavailable, match="passphrase is another one"):
        unseal_root(ready.core, ready.caller, custody(ready, file, SecretBytes(b"wrong")), ready.cancellation)
    assert all(root.key.is_away for root in roots_of(ready.core, ready.caller))


def test_the_key_of_another_root_is_refused(ready: World) -> None:
    file = seal(ready)
    content = carrier_of(ready.core).carry_out(issuing_cas(ready.core, ready.caller)[0].key, PASSPHRASE)
    with pytest.raises(Refused, match="belongs to none"):
        unseal(ready, FileInMemory([file.read() + content]))
    assert all(root.key.is_away for root in roots_of(ready.core, ready.caller))


def test_a_file_without_any_key_is_refused(ready: World) -> None:
    seal(ready)
    with pytest.raises(Refused, match="holds no private key"):
        unseal(ready, FileInMemory([b"certwright root\n"]))


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:-100],
    "empty": lambda _: b"",
    "changed": lambda content: content.replace(b"A", b"B"),
    "half": lambda content: content[: len(content) // 2],
}


@pytest.mark.parametrize("damage", SPOILT)
def test_the_store_keeps_the_key_when_the_file_does_not_read_back(ready: World, damage: str) -> None:
    with pytest.raises((KeyUnavailable, Refused, IntegrityError)):
        seal(ready, FileInMemory(spoil=SPOILT[damage]))
    require_everything_opens(ready.folder)
    assert "SealRoot" not in actions(ready.folder)


def test_the_store_keeps_the_keys_when_one_of_two_is_missing_in_the_file(ready: World) -> None:
    ready.core = ready.with_policy(permitted_domains=("example.com",))
    new_root(ready.core, ready.caller, ready.cancellation)
    with pytest.raises(IntegrityError, match="does not hold what was written"):
        seal(ready, FileInMemory(spoil=lambda content: content[: content.rindex(b"certwright root")]))
    require_everything_opens(ready.folder)


def test_a_file_that_is_there_is_not_replaced_and_the_store_keeps_the_key(ready: World, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(b"something else")
    with pytest.raises(Refused, match="exists already"):
        seal(ready, PrivateKeyFile(tmp_path / "root.pem"))
    require_everything_opens(ready.folder)


@dataclass
class Stubborn:
    """Files that cannot be wiped at first (ports.store.Leftovers)."""

    def wipe_leftovers(self) -> None:
        msg = "Another process reads the store."
        raise StoreUnavailable(msg)


def test_what_could_not_be_wiped_is_told_and_wiped_by_the_same_command_again(ready: World, tmp_path: Path) -> None:
    ((sealed,),) = query(ready.folder, "SELECT sealed_key FROM authorities WHERE role = 'ROOT'")
    assert isinstance(sealed, bytes)
    file = FileInMemory()
    with pytest.raises(StoreUnavailable, match=r"The root is sealed in /safe/root\.pem, but"):
        seal_root(ready.core, ready.caller, custody(ready, file), Stubborn(), ready.cancellation)
    assert any(sealed in path.read_bytes() for path in tmp_path.iterdir())
    with pytest.raises(Refused, match="sealed already"):
        seal(ready)
    assert [path.name for path in tmp_path.iterdir() if sealed in path.read_bytes()] == []
    assert len(unseal(ready, file)) == 1


def test_a_new_root_is_refused(ready: World) -> None:
    seal(ready)
    with pytest.raises(SigningRefused, match=UNSEAL):
        new_root(ready.core, ready.caller, ready.cancellation)
    assert len(roots_of(ready.core, ready.caller)) == 1


def test_the_first_issuing_ca_of_another_region_is_refused_and_leaves_nothing_behind(ready: World) -> None:
    seal(ready)
    elsewhere = Caller("tester", Scope(ready.caller.account, "eu-1"))
    before = query(ready.folder, "SELECT count(*) FROM serials")
    with pytest.raises(SigningRefused, match=rf"Region eu-1 needs .* `{UNSEAL}`"):
        issuing_authority(ready.core, elsewhere, ready.cancellation)
    assert query(ready.folder, "SELECT count(*) FROM serials") == before
    outlook = outlook_while_sealed(ready.core, elsewhere, roots_of(ready.core, elsewhere))
    assert (outlook is not None and outlook.is_final) is True


def test_the_next_issuing_ca_is_announced_60_days_ahead_and_refused_when_the_last_is_spent(ready: World) -> None:
    seal(ready)
    seen = []
    for days in (61, 59, 1, -1):
        outlook_days_before_the_end(ready, days)
        outlook = outlook_while_sealed(ready.core, ready.caller, roots_of(ready.core, ready.caller))
        seen.append((outlook and outlook.is_final, can_issue(ready)))
    assert seen == [(None, True), (False, True), (False, True), (True, False)]


def can_issue(world: World) -> bool:
    try:
        issuing_authority(world.core, world.caller, world.cancellation)
    except SigningRefused:
        return False
    return True


def test_doctor_tells_that_the_issuing_ca_needs_a_successor_and_how(ready: World) -> None:
    seal(ready)
    outlook_days_before_the_end(ready, 30)
    (finding,) = examine(ready.core, ready.caller)
    assert finding.subject == "sealed root"
    assert [word in finding.message for word in (UNSEAL, "certwright ca renew", "issues until")] == [True] * 3


def test_unsealed_in_time_the_next_issuing_ca_is_made_and_the_root_sealed_again(ready: World) -> None:
    file = seal(ready)
    outlook_days_before_the_end(ready, 30)
    unseal(ready, file)
    issuing_authority(ready.core, ready.caller, ready.cancellation)
    seal(ready)
    assert [ca.generation for ca in issuing_cas(ready.core, ready.caller)] == [1, 2]
    assert outlook_while_sealed(ready.core, ready.caller, roots_of(ready.core, ready.caller)) is None


def test_over_nine_years_of_ceremonies_issuing_never_stops_and_every_ca_is_whole(ready: World) -> None:
    file, made = seal(ready), set[str]()
    for _ in range(9 * 12):
        if outlook_while_sealed(ready.core, ready.caller, roots_of(ready.core, ready.caller)) is not None:
            unseal(ready, file)
            issuing_authority(ready.core, ready.caller, ready.cancellation)
            file = seal(ready)
        ca = issuing_authority(ready.core, ready.caller, ready.cancellation)
        if ca.id not in made and ca.generation > 1:
            assert ca.not_after - ready.clock.now() >= ISSUING_LIFE - 40 * DAY
        made.add(ca.id)
        assert ca.not_after - ready.clock.now() > LONGEST_LEAF
        ready.clock.wait(timedelta(days=30))
    assert len(made) > 10


def test_when_the_next_root_is_due_it_is_told_and_issuing_goes_on(ready: World) -> None:
    file = seal(ready)
    for _ in range(20):
        outlook_days_before_the_end_of_newest(ready)
        file = ceremony(ready, file)
        if len(roots_of(ready.core, ready.caller)) > 1:
            break
    assert len(roots_of(ready.core, ready.caller)) == 2
    assert [root.key.is_away for root in roots_of(ready.core, ready.caller)] == [True, True]


def outlook_days_before_the_end_of_newest(world: World) -> None:
    """Let time go by until a ceremony is due."""
    while outlook_while_sealed(world.core, world.caller, roots_of(world.core, world.caller)) is None:
        world.clock.wait(timedelta(days=30))


def ceremony(world: World, file: FileInMemory | PrivateKeyFile) -> FileInMemory | PrivateKeyFile:
    unseal(world, file)
    issuing_authority(world.core, world.caller, world.cancellation)
    return seal(world)


def test_an_expired_root_that_is_sealed_is_not_replaced_silently(ready: World) -> None:
    seal(ready)
    ready.clock.wait(timedelta(days=3660))
    with pytest.raises(SigningRefused, match=rf"has no valid root. A new root needs .*{UNSEAL}"):
        issuing_authority(ready.core, ready.caller, ready.cancellation)
    assert len(roots_of(ready.core, ready.caller)) == 1


def test_keys_rotate_while_the_root_is_sealed(ready: World) -> None:
    file = seal(ready)
    rotate_keys(ready.core, ready.caller, files_of(ready.core), ready.cancellation)
    assert len(unseal(ready, file)) == 1
    require_everything_opens(ready.folder)


def test_the_public_key_must_still_be_the_certificates_while_the_private_one_is_away(ready: World) -> None:
    seal(ready)
    (root,) = roots_of(ready.core, ready.caller)
    (ca,) = issuing_cas(ready.core, ready.caller)
    forged = replace(root, key=replace(root.key, public_key=ca.key.public_key))
    ready.core.store.write(lambda tx: tx.authorities.update(forged))
    with pytest.raises(IntegrityError, match="is not for its key"):
        trust_bundle(ready.core, ready.caller)
