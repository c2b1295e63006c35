"""The issuance cycle: what is signed, on which proof, and what happens when something comes in between."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from certwright.core.certificates import (
    change_certificate,
    delete_certificate,
    renew_certificate,
    request_certificate,
    view_certificate,
)
from certwright.core.context import Core
from certwright.core.issuance import advance, drive
from certwright.core.keyring import ensure_scope_keys
from certwright.errors import IntegrityError, LeaseTaken, NotFound, SigningRefused
from certwright.model.certificates import (
    CertificateVersion,
    CertificateView,
    FailureReason,
    KeyRotation,
    VersionState,
)
from certwright.model.keys import KeyAlgorithm, KeyBinding, ManagedKey
from certwright.model.linted import Linted
from certwright.model.policy import CaaPolicy
from certwright.model.records import CaaRecord, RecordType
from certwright.model.scope import Caller, Scope
from certwright.model.secret import SecretBytes
from certwright.ports.clock import Randomness
from certwright.ports.keys import Signer
from cryptography import x509

from tests.core.world import URN, World, states, wish
from tests.fakes import FakeCancellation
from tests.pki import private_key, spki_of
from tests.support.store import change, query

_NAME = "www.example.com"


def step(world: World, view: CertificateView, number: int = 1) -> VersionState:
    return advance(world.core, world.caller, view.certificate.arn, number, world.cancellation).state


def issue(world: World, view: CertificateView, number: int = 1) -> VersionState:
    return drive(world.core, world.caller, view.certificate.arn, number, world.cancellation).state


def serials(world: World) -> list[tuple[str, str]]:
    """Return number of the version and outcome of the leaves' serials."""
    found = query(world.folder, "SELECT subject, outcome FROM serials WHERE subject LIKE '%#%' ORDER BY outcome DESC")
    return [(str(subject).rpartition("#")[2], str(outcome)) for subject, outcome in found]


def test_a_proven_name_is_issued_and_one_without_record_waits(world: World) -> None:
    view = world.request(_NAME)
    assert issue(world, view) is VersionState.VALIDATING
    world.publish(_NAME)
    assert issue(world, view) is VersionState.ISSUED
    current = view_certificate(world.core, world.caller, view.certificate.arn).current
    assert current is not None
    leaf = x509.load_der_x509_certificate(current.certificate or b"")
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [_NAME]


def test_every_name_of_the_certificate_is_proven_and_its_caa_read_before_the_signature(world: World) -> None:
    names = ("example.com", "*.example.com", "a.example.com", "b.example.com")
    view = world.request(*names)
    world.publish(*names)
    assert issue(world, view) is VersionState.ISSUED
    asked_caa = {name for name, rtype in world.zone.asked if rtype is RecordType.CAA}
    asked_cname = {name.partition(".")[2] for name, rtype in world.zone.asked if rtype is RecordType.CNAME}
    assert {"example.com.", "a.example.com.", "b.example.com."} <= asked_caa
    assert asked_cname == {"example.com.", "a.example.com.", "b.example.com."}


@pytest.mark.parametrize(
    "pause",
    [
        pytest.param(timedelta(minutes=11), id="the proof is older than ten minutes"),
        pytest.param(timedelta(hours=7, minutes=59), id="the proof is nearly eight hours old"),
    ],
)
def test_a_ready_version_is_proven_again_when(world: World, pause: timedelta) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    assert step(world, view) is VersionState.READY
    world.withdraw(_NAME)
    world.clock.wait(pause)
    assert step(world, view) is VersionState.VALIDATING
    assert serials(world) == []


def test_a_proof_from_a_clock_that_was_ahead_is_read_again(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    right = world.clock.now()
    world.clock.set(right + timedelta(seconds=20))
    assert step(world, view) is VersionState.READY
    world.withdraw(_NAME)
    world.clock.set(right)
    assert step(world, view) is VersionState.VALIDATING


def test_the_age_of_a_proof_counts_from_before_the_first_question(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    started = world.clock.now()
    world.zone.at_question = lambda: world.clock.wait(2)
    version = advance(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    assert version.validated_at == started


def test_a_clock_that_went_backwards_signs_nothing(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    assert issue(world, view) is VersionState.ISSUED
    other = world.request("other.example.com", urn="urn:other")
    world.publish("other.example.com")
    world.clock.set(world.clock.now() - timedelta(minutes=5))
    with pytest.raises(SigningRefused, match="The clock says"):
        issue(world, other)


Interference = Callable[[World, CertificateView], None]


def _change(world: World, view: CertificateView) -> None:
    change_certificate(world.core, world.caller, view.certificate.arn, wish(_NAME, "new.example.com"))


def _delete(world: World, view: CertificateView) -> None:
    delete_certificate(world.core, world.caller, view.certificate.arn)


@pytest.mark.parametrize("interfere", [pytest.param(_change, id="changed"), pytest.param(_delete, id="deleted")])
@pytest.mark.parametrize("moment", ["while DNS is asked", "between READY and the signature", "while the key signs"])
def test_a_version_whose_certificate_is_changed_or_deleted_never_becomes_current(
    world: World, interfere: Interference, moment: str
) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    core = world.core
    if moment == "while DNS is asked":
        world.zone.at_question = _once(world, lambda: interfere(world, view))
    elif moment == "between READY and the signature":
        assert step(world, view) is VersionState.READY
        interfere(world, view)
    else:
        world.core = replace(core, signer=_Interrupted(core.signer, lambda: interfere(world, view)))
    assert issue(world, view) is VersionState.FAILED
    world.core = core
    assert query(world.folder, "SELECT current_version FROM certificates") == [(None,)]
    assert set(serials(world)) <= {("1", "MAY_EXIST")}


def _once(world: World, act: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        world.zone.at_question = lambda: None
        act()

    return run


@dataclass(frozen=True)
class _Interrupted:
    """The real signer, with something that happens right after a leaf's signature (ports.keys.Signer)."""

    inner: Signer
    act: Callable[[], None]

    def generate(self, algorithm: KeyAlgorithm, binding: KeyBinding) -> ManagedKey:
        return self.inner.generate(algorithm, binding)

    def sign(self, key: ManagedKey, linted: Linted) -> bytes:
        signature = self.inner.sign(key, linted)
        if _NAME.encode() in linted.tbs:
            self.act()
        return signature

    def require_pair(self, key: ManagedKey) -> None:
        self.inner.require_pair(key)

    def export(self, key: ManagedKey) -> SecretBytes:
        return self.inner.export(key)


def test_after_a_crash_around_the_signature_the_serial_may_exist_and_is_never_used_again(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    core = world.core

    def crash() -> None:
        raise KeyboardInterrupt

    world.core = replace(core, signer=_Interrupted(core.signer, crash))
    with pytest.raises(KeyboardInterrupt):
        issue(world, view)
    world.core = core
    assert states(world, view) == ["SIGNING"]
    assert issue(world, view) is VersionState.ISSUED
    assert [outcome for _, outcome in serials(world)] == ["MAY_EXIST", "ISSUED"]


def test_a_serial_that_the_issuer_gave_out_before_is_drawn_again(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    assert issue(world, view) is VersionState.ISSUED
    taken = view_certificate(world.core, world.caller, view.certificate.arn).current
    assert taken is not None
    assert taken.serial is not None
    repeated = (taken.serial & (2**128 - 1)).to_bytes(16, "big")
    other = world.request("other.example.com", urn="urn:other")
    world.publish("other.example.com")
    world.core = replace(world.core, randomness=_Repeating(world.core.randomness, repeated))
    assert issue(world, other) is VersionState.ISSUED
    assert len(set(_all_serials(world))) == len(_all_serials(world))


def _all_serials(world: World) -> list[str]:
    return [str(row[0]) for row in query(world.folder, "SELECT serial FROM serials")]


class _Repeating:
    """Chance that gives 16 known bytes once (ports.clock.Randomness)."""

    def __init__(self, inner: Randomness, first: bytes) -> None:
        self._inner = inner
        self._firsts = [first]

    def token(self, size: int) -> bytes:
        return self._firsts.pop() if size == 16 and self._firsts else self._inner.token(size)


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(Caller("x", Scope("111111111111", "local")), id="another account"),
        pytest.param(Caller("x", Scope("000000000000", "eu-1")), id="another Region"),
    ],
)
def test_a_certificate_does_not_exist_for(world: World, caller: Caller) -> None:
    ensure_scope_keys(world.core, caller)
    arn = world.request(_NAME).certificate.arn
    world.publish(_NAME)
    for use in (
        lambda: drive(world.core, caller, arn, 1, world.cancellation),
        lambda: view_certificate(world.core, caller, arn),
        lambda: change_certificate(world.core, caller, arn, wish("x.example.com")),
        lambda: renew_certificate(world.core, caller, arn),
        lambda: delete_certificate(world.core, caller, arn),
    ):
        with pytest.raises(NotFound):
            use()
    assert view_certificate(world.core, world.caller, arn).newest.state is VersionState.REQUESTED


def test_caa_that_forbids_fails_the_version_even_before_the_record_is_there(world: World) -> None:
    world.core = world.with_policy(caa_identities=("ca.example",), caa_policy=CaaPolicy.ENFORCE)
    world.zone.caa["example.com."] = (CaaRecord(critical=False, tag="issue", value="other.example"),)
    view = world.request(_NAME)
    assert issue(world, view) is VersionState.FAILED
    newest = view_certificate(world.core, world.caller, view.certificate.arn).newest
    assert "other.example" in newest.waiting_for
    assert newest.failure_reason is FailureReason.CAA_ERROR


def test_after_72_hours_without_proof_a_version_times_out(world: World) -> None:
    view = world.request(_NAME)
    world.clock.wait(timedelta(hours=72, seconds=1))
    assert issue(world, view) is VersionState.TIMED_OUT


@pytest.mark.parametrize(
    ("rotation", "is_revoked", "keeps"),
    [
        pytest.param(KeyRotation.ON_RENEWAL, False, False, id="ON_RENEWAL makes a new key"),
        pytest.param(KeyRotation.NEVER, False, True, id="NEVER keeps the key"),
        pytest.param(KeyRotation.NEVER, True, False, id="NEVER does not keep a revoked key"),
    ],
)
def test_key_rotation(world: World, rotation: KeyRotation, *, is_revoked: bool, keeps: bool) -> None:
    view = world.request(_NAME, key_rotation=rotation)
    world.publish(_NAME)
    issue(world, view)
    arn = view.certificate.arn
    first = view_certificate(world.core, world.caller, arn).current
    assert first is not None
    if is_revoked:
        revoked = replace(first, state=VersionState.REVOKED)
        world.core.store.write(lambda tx: tx.certificates.update_version(revoked))
    world.clock.wait(timedelta(days=395))
    renew_certificate(world.core, world.caller, arn)
    assert issue(world, view, 2) is VersionState.ISSUED
    second = view_certificate(world.core, world.caller, arn).current
    assert second is not None
    assert (public_key(second) == public_key(first)) is keeps


def public_key(version: CertificateVersion) -> bytes:
    assert version.key is not None
    return version.key.public_key


def test_whoever_finds_the_version_taken_waits_and_says_by_whom(world: World) -> None:
    view = world.request(_NAME)
    arn = view.certificate.arn
    now, life = world.clock.now(), timedelta(hours=1)
    world.core.store.write(lambda tx: tx.leases.take(f"version:{arn}#1", "other/7:abc", now, life))
    with pytest.raises(LeaseTaken, match="process other/7"):
        drive(world.core, world.caller, arn, 1, FakeCancellation(world.clock))


class _Ended:
    """Processes of which the named ones have ended (ports.processes.Processes)."""

    def __init__(self, *ended: str) -> None:
        self._ended = ended

    def has_ended(self, process_id: str) -> bool:
        return process_id in self._ended


def test_a_holder_that_was_killed_is_not_waited_for(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    arn, now = view.certificate.arn, world.clock.now()
    world.core.store.write(lambda tx: tx.leases.take(f"version:{arn}#1", "other/7:abc", now, timedelta(hours=1)))
    world.core = replace(world.core, processes=_Ended("other/7"))
    assert issue(world, view) is VersionState.ISSUED
    assert world.cancellation.waits == []


def test_an_attempt_waits_for_another_holder_no_longer_than_its_own_time(world: World) -> None:
    view = world.request(_NAME)
    arn, now = view.certificate.arn, world.clock.now()
    world.core.store.write(lambda tx: tx.leases.take(f"version:{arn}#1", "other/7:abc", now, timedelta(hours=1)))
    with pytest.raises(LeaseTaken):
        drive(world.core, world.caller, arn, 1, world.cancellation, 1.5)
    assert sum(world.cancellation.waits) <= 2


def test_a_key_that_is_kept_must_be_the_sealed_one(world: World) -> None:
    view = world.request(_NAME, key_rotation=KeyRotation.NEVER)
    world.publish(_NAME, "new.example.com")
    assert issue(world, view) is VersionState.ISSUED
    forged = spki_of(private_key(KeyAlgorithm.EC_PRIME256V1, "attacker"))
    change(world.folder, "UPDATE certificate_versions SET public_key = ?", forged)
    arn = view.certificate.arn
    wanted = wish(_NAME, "new.example.com", key_rotation=KeyRotation.NEVER)
    change_certificate(world.core, world.caller, arn, wanted)
    with pytest.raises(IntegrityError):
        issue(world, view, 2)


def test_a_certificate_superseded_while_it_was_being_signed_ends_the_drive(world: World) -> None:
    view = world.request(_NAME)
    world.publish(_NAME)
    core = world.core
    world.core = replace(core, signer=_Interrupted(core.signer, lambda: _supersede(world, core)))
    assert issue(world, view) is VersionState.FAILED
    assert serials(world) == [("1", "MAY_EXIST")]


def _supersede(world: World, core: Core) -> None:
    request_certificate(core, world.caller, URN, wish("other.example.com"))
