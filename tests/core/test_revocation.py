"""Revoking: what is revoked, what follows for renewals and declarations, and who may."""

from dataclasses import replace
from typing import Any

import pytest
from certwright.core.audit import verify_chain
from certwright.core.certificates import change_certificate, delete_certificate, view_certificate
from certwright.core.changes import Step, plan_change
from certwright.core.issuance import advance, drive
from certwright.core.renewal import eligibility
from certwright.core.revocation import revoke_version
from certwright.core.status import certificate_status
from certwright.errors import NotFound, Refused
from certwright.model.arns import CertificateArn
from certwright.model.certificates import CertificateStatus, KeyRotation, RenewalEligibility, VersionState
from certwright.model.keys import ManagedKey
from certwright.model.revocations import Revocation, RevocationReason
from certwright.model.scope import Caller, Scope

from tests.core.world import URN, World, states, wish

NAME = "www.example.com"


def issued(world: World, urn: str = URN, **changes: object) -> CertificateArn:
    """Return a certificate whose version 1 is issued."""
    world.publish(NAME)
    arn = world.request(NAME, urn=urn, **changes).certificate.arn
    assert drive(world.core, world.caller, arn, 1, world.cancellation).state is VersionState.ISSUED
    return arn


def reissue(world: World, arn: CertificateArn, *names: str, **changes: object) -> int:
    """Change the names of a certificate and issue the version that this makes; return its number."""
    world.publish(*names)
    number = change_certificate(world.core, world.caller, arn, wish(*names, **changes)).newest.number
    assert drive(world.core, world.caller, arn, number, world.cancellation).state is VersionState.ISSUED
    return number


def revoke(
    world: World,
    arn: CertificateArn,
    reason: RevocationReason = RevocationReason.SUPERSEDED,
    number: int | None = None,
) -> tuple[Revocation, ...]:
    return revoke_version(world.core, world.caller, arn, reason, number)


def actions(world: World) -> list[str]:
    events = world.core.store.read(lambda tx: tx.audit.events(world.caller.account, 0, 10_000))
    verify_chain(events)
    return [event.action for event in events]


def test_a_revoked_certificate_has_acms_status_and_is_not_renewed_but_replaced_by_the_next_up(world: World) -> None:
    arn = issued(world)
    (revocation,) = revoke(world, arn)
    view, now = view_certificate(world.core, world.caller, arn), world.clock.now()
    assert certificate_status(view, now) is CertificateStatus.REVOKED
    assert eligibility(view, now) is RenewalEligibility.INELIGIBLE
    plan = plan_change(view, view.certificate.spec, now, world.core.policy.validation_timeout)
    assert (plan.step, plan.reason) == (Step.NEW_VERSION, "the certificate was revoked")
    assert view.current is not None
    assert revocation.key == (view.current.authority_id, view.current.serial)
    assert (revocation.revoked_at, revocation.version, revocation.reason.code) == (now, 1, 4)


def test_a_revocation_is_in_the_audit_log_once_and_repeating_it_keeps_the_first_reason(world: World) -> None:
    arn = issued(world)
    first = revoke(world, arn, RevocationReason.CESSATION_OF_OPERATION)
    world.clock.wait(60)
    assert revoke(world, arn, RevocationReason.SUPERSEDED) == first
    assert actions(world).count("RevokeCertificate") == 1
    logged = world.core.revocation_log.read()
    assert logged is not None
    assert logged.revocations == first


def test_an_older_version_is_revoked_by_its_number_and_the_current_one_stays(world: World) -> None:
    arn = issued(world)
    assert reissue(world, arn, "new.example.com") == 2
    revoke(world, arn, number=1)
    view = view_certificate(world.core, world.caller, arn)
    assert states(world, view) == ["REVOKED", "ISSUED"]
    assert certificate_status(view, world.clock.now()) is CertificateStatus.ISSUED


def test_a_compromised_key_takes_every_version_that_has_it(world: World) -> None:
    arn = issued(world, key_rotation=KeyRotation.NEVER)
    reissue(world, arn, NAME, "new.example.com", key_rotation=KeyRotation.NEVER)
    reissue(world, arn, NAME, "newer.example.com", key_rotation=KeyRotation.ON_RENEWAL)
    revoked = revoke(world, arn, RevocationReason.KEY_COMPROMISE, number=1)
    assert [item.version for item in revoked] == [1, 2]
    assert states(world, view_certificate(world.core, world.caller, arn)) == ["REVOKED", "REVOKED", "ISSUED"]


def test_any_other_reason_takes_one_version_whatever_its_key(world: World) -> None:
    arn = issued(world, key_rotation=KeyRotation.NEVER)
    reissue(world, arn, NAME, "new.example.com", key_rotation=KeyRotation.NEVER)
    revoke(world, arn, RevocationReason.SUPERSEDED, number=1)
    assert states(world, view_certificate(world.core, world.caller, arn)) == ["REVOKED", "ISSUED"]


def test_a_key_revoked_while_the_next_version_is_prepared_is_not_signed_again(world: World) -> None:
    arn = issued(world, key_rotation=KeyRotation.NEVER)
    world.publish("new.example.com")
    change_certificate(world.core, world.caller, arn, wish(NAME, "new.example.com", key_rotation=KeyRotation.NEVER))
    version = advance(world.core, world.caller, arn, 2, world.cancellation)
    assert version.state is VersionState.READY
    signer: Any = RevokingSigner(world, arn)
    core = replace(world.core, signer=signer)
    done = drive(core, world.caller, arn, 2, world.cancellation)
    view = view_certificate(world.core, world.caller, arn)
    assert (signer.has_revoked, done.state) == (True, VersionState.ISSUED)
    first = world.core.store.read(lambda tx: tx.certificates.version(arn, 1))
    assert first is not None
    assert first.key is not None
    assert view.current is not None
    assert view.current.key is not None
    assert view.current.key.public_key != first.key.public_key


class RevokingSigner:
    """The real signer; when it is asked about the last key, that key is revoked right after (ports.keys.Signer)."""

    def __init__(self, world: World, arn: CertificateArn) -> None:
        self._world, self._arn = world, arn
        self.has_revoked = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.core.signer, name)

    def require_pair(self, key: ManagedKey) -> None:
        self._world.core.signer.require_pair(key)
        if not self.has_revoked and len(revoke(self._world, self._arn, RevocationReason.KEY_COMPROMISE)) == 1:
            self.has_revoked = True


def test_a_deleted_certificate_can_be_revoked(world: World) -> None:
    arn = issued(world)
    delete_certificate(world.core, world.caller, arn)
    assert len(revoke(world, arn)) == 1


def test_what_is_not_issued_cannot_be_revoked(world: World) -> None:
    arn = world.request(NAME).certificate.arn
    with pytest.raises(NotFound, match="is not issued: nothing to revoke"):
        revoke(world, arn)
    with pytest.raises(Refused, match=r"Version 1 .* is REQUESTED: it has no certificate to revoke"):
        revoke(world, arn, number=1)
    with pytest.raises(NotFound, match="has no version 7"):
        revoke(world, arn, number=7)


@pytest.mark.parametrize("scope", [Scope("999999999999", "local"), Scope("000000000000", "eu")], ids=str)
def test_nobody_revokes_what_belongs_to_another_account_or_region(world: World, scope: Scope) -> None:
    arn = issued(world)
    with pytest.raises(NotFound, match="does not exist in this installation, account and Region"):
        revoke_version(world.core, Caller("mallory", scope), arn, RevocationReason.UNSPECIFIED)
    assert states(world, view_certificate(world.core, world.caller, arn)) == ["ISSUED"]


def test_a_revocation_that_a_crash_left_in_the_log_alone_is_stored_by_the_next_one(world: World) -> None:
    arn, other = issued(world), issued(world, urn="urn:other")
    revoke(world, other)
    version = view_certificate(world.core, world.caller, arn).current
    assert version is not None
    assert version.authority_id is not None
    assert version.serial is not None
    logged = world.core.revocation_log.read()
    assert logged is not None
    left = Revocation(version.authority_id, version.serial, arn, 1, RevocationReason.KEY_COMPROMISE, world.clock.now())
    world.core.revocation_log.append(logged.id, [left])
    assert revoke(world, arn, RevocationReason.SUPERSEDED) == (left,)
    assert actions(world).count("ReplayRevocation") == 1
