"""Signed zones at a real Knot behind a real unbound with a trust anchor of its own, by the provider's settings (D6)."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from certwright.adapters.system import EventCancellation
from certwright.bootstrap import App, open_app
from certwright.core.certificates import request_certificate, view_certificate
from certwright.core.issuance import drive
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.model.certificates import CertificateVersion
from certwright.model.records import ResourceRecord
from certwright.settings import resolve_settings

from tests.core.world import wish
from tests.faults.dns_rows import Row
from tests.faults.dns_signed import SignedInternet, SignedZone, signed_internet
from tests.faults.dns_signed_rows import SIGNED
from tests.support.knot import free_port
from tests.support.store import query
from tests.support.unbound import UnboundMissing

LONGEST = 20.0
FRESH = SignedZone("fresh.example", "NSEC", "right")


@dataclass(frozen=True)
class Signed:
    """A home under settings that ask the validating resolver, with and without its being required; and the servers."""

    home: Path
    plain: App
    required: App
    internet: SignedInternet

    def record(self, name: str) -> ResourceRecord:
        """Return the record of a name."""
        (found,) = validation_records(self.plain.core, self.plain.caller, parse_names([name], [name]).names)
        return found.record

    def issue(self, app: App, urn: str, name: str) -> CertificateVersion:
        """Request a certificate and try to issue it once."""
        arn = request_certificate(app.core, app.caller, urn, wish(name)).view.certificate.arn
        drive(app.core, app.caller, arn, 1, EventCancellation())
        return view_certificate(app.core, app.caller, arn).newest

    def dnssec_of(self, version: CertificateVersion) -> str:
        """Return what the audit log says of the signatures."""
        statement = "SELECT detail FROM audit_events WHERE action = 'ValidateVersion' AND subject = ?"
        found = [dict(json.loads(str(detail))) for (detail,) in query(self.home, statement, str(version.arn))]
        return "".join(f"dnssec: {item['dnssec']}" for item in found)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signed]:
    folder = tmp_path_factory.mktemp("signed")
    ports = free_port(), free_port()
    with ExitStack() as stack:
        plain, required = (_opened(stack, folder, ports, is_required) for is_required in (False, True))
        names = [f"www.{item.zone.apex}" for item in SIGNED]
        records = [
            item.record for item in validation_records(plain.core, plain.caller, parse_names(names, names).names)
        ]
        try:
            zones = [FRESH, *(item.zone for item in SIGNED)]
            internet = stack.enter_context(signed_internet(folder, zones, records, ports))
        except UnboundMissing as missing:
            pytest.skip(str(missing))
        yield Signed(folder / "home", plain, required, internet)


def _opened(stack: ExitStack, folder: Path, ports: tuple[int, int], is_required: bool) -> App:  # noqa: FBT001 - a column
    home = {"HOME": str(folder), "CERTWRIGHT_HOME": str(folder / "home")}
    knot, unbound = (f"127.0.0.1:{port}" for port in ports)
    config = {"resolvers": [knot], "validatingResolver": unbound, "requireDnssec": is_required}
    app = open_app(resolve_settings(config, home), home)
    stack.callback(app.close)
    return app


@pytest.mark.parametrize(
    ("zone", "row", "is_required"),
    [
        pytest.param(item.zone, row, row is item.required, id=row.id)
        for item in SIGNED
        for row in (item.plain, item.required)
    ],
)
def test_a_zone(signed: Signed, zone: SignedZone, row: Row, is_required: bool) -> None:  # noqa: FBT001 - a column
    name = f"www.{zone.apex}"
    start = time.monotonic()
    version = signed.issue(signed.required if is_required else signed.plain, row.id, name)
    assert time.monotonic() - start < LONGEST
    said = version.waiting_for or signed.dnssec_of(version)
    assert version.state is row.outcome.state, said
    words = {"name": name, "record": signed.record(name).name, "validator": signed.internet.unbound.address}
    for part in row.read_as(words):
        assert part in said


def test_the_validating_resolver_learns_from_us_of_no_absence(signed: Signed) -> None:
    name = f"late.{FRESH.apex}"
    record = signed.record(name)
    assert "is missing" in signed.issue(signed.required, "late", name).waiting_for
    signed.internet.knot.add(FRESH.apex, record.name, "CNAME", record.value)
    late = signed.issue(signed.required, "late", name)
    assert signed.dnssec_of(late) == "dnssec: secure", late.waiting_for


def test_an_absence_that_the_validating_resolver_remembers_is_told_as_such(signed: Signed) -> None:
    name = f"cached.{FRESH.apex}"
    record = signed.record(name)
    signed.internet.unbound.ask(record.name, "CNAME")
    signed.internet.knot.add(FRESH.apex, record.name, "CNAME", record.value)
    said = signed.issue(signed.plain, "cached", name).waiting_for
    assert f"it has no CNAME there (NXDOMAIN), they have {record.value}. It may remember an older answer" in said


def test_a_validating_resolver_that_ended_is_told_as_such(signed: Signed) -> None:
    name = "www.secure.example"
    signed.internet.unbound.stop()
    said = signed.issue(signed.plain, "stopped", name).waiting_for
    assert f"the validating resolver {signed.internet.unbound.address} does not vouch for" in said
    assert "not reachable by UDP (Connection refused)" in said
    assert "Look whether it is running" in said
