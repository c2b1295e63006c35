"""Cancel, which the engine calls at every healthy close too, and once more (P5)."""

import time
from pathlib import Path

from google.protobuf import empty_pb2

from tests.transport.declared import certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, refused
from tests.transport.homes import dump


def cancel(up: Engine) -> None:
    up.stub.Cancel(empty_pb2.Empty())


def test_cancelling_an_idle_provider_twice_changes_nothing(up: Engine, home: Path) -> None:
    up.create(CERTIFICATE, certificate())
    before = dump(home)
    cancel(up)
    cancel(up)
    assert dump(home) == before


def test_what_was_made_before_a_cancel_is_read_and_deleted_after_it(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    cancel(up)
    assert up.read(VALIDATION, waited.id, waited.outputs, waited.inputs).id == waited.id
    up.delete(CERTIFICATE, made)
    up.delete(CERTIFICATE, made)


def test_a_cancel_that_comes_while_the_provider_is_opened_ends_the_waits_after_it(bare: Engine, zones: Zones) -> None:
    cancel(bare)
    bare.configure(resolvers=[zones.address])
    made = bare.create(CERTIFICATE, certificate())
    began = time.monotonic()
    with refused() as found:
        bare.create(VALIDATION, {"certificateArn": made.id}, timeout=60)
    assert (time.monotonic() - began < 20, found[0].kept is not None) == (True, True)
