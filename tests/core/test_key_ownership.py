"""A key leaves, or is called sound, only beside the certificate that it belongs to."""

from dataclasses import replace

import pytest
from certwright.core.issuance import drive
from certwright.core.signature import has_own_key, require_own_key
from certwright.errors import IntegrityError

from tests.core.world import World


def test_the_key_of_another_version_is_not_a_versions_own(world: World) -> None:
    one, other = world.request("a.example.com"), world.request("b.example.com", urn="urn:b")
    world.publish("a.example.com", "b.example.com")
    first = drive(world.core, world.caller, one.certificate.arn, 1, world.cancellation)
    second = drive(world.core, world.caller, other.certificate.arn, 1, world.cancellation)
    require_own_key(first)
    swapped = replace(first, key=second.key)
    assert not has_own_key(swapped)
    with pytest.raises(IntegrityError, match="do not belong together"):
        require_own_key(swapped)
