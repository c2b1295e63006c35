"""Roots and issuing CAs over the years: always one that can sign in full, announced in time."""

from datetime import datetime, timedelta

import pytest
from certwright.core.authority import chain_of, issuing_authority, new_root, trust_bundle
from certwright.core.clock_guard import reset_clock
from certwright.core.health import examine
from certwright.core.hierarchy import ANNOUNCED
from certwright.core.issuance import drive
from certwright.core.profiles import ISSUING_LIFE
from certwright.errors import IntegrityError, SigningRefused
from certwright.model.certificates import VersionState
from certwright.model.policy import LONGEST_LEAF
from cryptography.hazmat.primitives.serialization import Encoding

from tests.core.world import World
from tests.pki import make_ca, spki_of
from tests.support.store import change, query

_YEARS = 25


def test_over_25_years_every_issuing_ca_is_whole_and_every_signing_root_was_announced_for_a_year(world: World) -> None:
    announced: dict[str, datetime] = {}
    seen: list[str] = []
    for _ in range(_YEARS * 12):
        ca = issuing_authority(world.core, world.caller, world.cancellation)
        now = world.clock.now()
        bundle = trust_bundle(world.core, world.caller)
        for root in bundle:
            announced.setdefault(root.id, now)
        root = chain_of(world.core, world.caller.account, ca.id)[-1]
        assert root.id in {item.id for item in bundle}
        if ca.id not in seen:
            seen.append(ca.id)
            assert ca.not_after - now >= ISSUING_LIFE - timedelta(days=2)
            is_first_root = announced[root.id] == min(announced.values())
            assert is_first_root or now - announced[root.id] >= ANNOUNCED - timedelta(days=31)
        assert ca.not_after - now > LONGEST_LEAF
        world.clock.wait(timedelta(days=30))
    assert len(seen) <= _YEARS * 365 / (ISSUING_LIFE - LONGEST_LEAF - timedelta(days=60)).days + 2


def test_a_store_that_slept_for_nine_years_signs_with_the_old_root_and_does_not_make_a_ca_for_each_leaf(
    world: World,
) -> None:
    issuing_authority(world.core, world.caller, world.cancellation)
    world.clock.wait(timedelta(days=9 * 365))
    reset_clock(world.core, world.caller)
    first = issuing_authority(world.core, world.caller, world.cancellation)
    again = issuing_authority(world.core, world.caller, world.cancellation)
    assert first.id == again.id
    assert len(trust_bundle(world.core, world.caller)) == 2
    assert chain_of(world.core, world.caller.account, first.id)[-1].generation == 1


def test_a_leaf_never_outlives_its_ca(world: World) -> None:
    issuing_authority(world.core, world.caller, world.cancellation)
    world.clock.wait(timedelta(days=9 * 365 + 100))
    reset_clock(world.core, world.caller)
    view = world.request("late.example.com")
    world.publish("late.example.com")
    version = drive(world.core, world.caller, view.certificate.arn, 1, world.cancellation)
    assert version.state is VersionState.ISSUED
    ca = issuing_authority(world.core, world.caller, world.cancellation)
    assert version.not_after is not None
    assert version.not_after <= ca.not_after


@pytest.mark.parametrize("domains", [("example.com",), ("example.com", "example.org")])
def test_other_permitted_domains_are_refused_until_a_root_is_made_for_them_on_purpose(
    world: World, domains: tuple[str, ...]
) -> None:
    issuing_authority(world.core, world.caller, world.cancellation)
    plain, world.core = world.core, world.with_policy(permitted_domains=domains)
    with pytest.raises(SigningRefused, match=rf"permits every name, this configuration asks for {', '.join(domains)}"):
        issuing_authority(world.core, world.caller, world.cancellation)
    assert len(trust_bundle(world.core, world.caller)) == 1
    root = new_root(world.core, world.caller, world.cancellation)
    made = issuing_authority(world.core, world.caller, world.cancellation)
    assert (made.permitted_domains, made.issuer_id) == (domains, root.id)
    assert len(trust_bundle(world.core, world.caller)) == 2
    with pytest.raises(SigningRefused, match="this configuration asks for every name"):
        issuing_authority(plain, world.caller, world.cancellation)


@pytest.mark.parametrize("column", ["public_key", "certificate"])
def test_a_root_whose_row_was_changed_is_not_handed_out(world: World, column: str) -> None:
    issuing_authority(world.core, world.caller, world.cancellation)
    stranger = make_ca("stranger")
    forged = {
        "public_key": spki_of(stranger.key),
        "certificate": stranger.certificate.public_bytes(Encoding.DER),
    }
    change(world.folder, f"UPDATE authorities SET {column} = ? WHERE role = 'ROOT'", forged[column])
    with pytest.raises(IntegrityError):
        trust_bundle(world.core, world.caller)
    with pytest.raises(IntegrityError):
        issuing_authority(world.core, world.caller, world.cancellation)
    root = query(world.folder, "SELECT account, id FROM authorities WHERE role = 'ROOT'")[0]
    found = [finding.subject for finding in examine(world.core, world.caller)]
    assert found == ["authorities {}/{}".format(*root), "authorities"]
