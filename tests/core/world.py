"""A core with a zone that tests fill: use cases over a real store and the real signer, without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from certwright.core.certificates import CertificateWish, request_certificate
from certwright.core.context import Core
from certwright.core.names import parse_names
from certwright.core.records import validation_records
from certwright.errors import Cancelled
from certwright.model.certificates import (
    CertificateSpec,
    CertificateView,
    KeyRotation,
    RenewalOutputs,
    ValidationMethod,
)
from certwright.model.keys import KeyAlgorithm
from certwright.model.policy import Policy
from certwright.model.records import AnswerRecord, CaaRecord, RecordType, ResourceRecord, ServerAnswer, ServerReply
from certwright.model.scope import Caller
from certwright.ports.clock import Cancellation
from certwright.settings import EMBEDDED_ISSUER

from tests.fakes import SERVER, CountingRandomness, FakeCancellation, FakeClock
from tests.support.cores import CALLER, POLICY, make_core
from tests.support.store import query

URN = "urn:pulumi:dev::test::certwright:index:Certificate::cert"


@dataclass
class ZoneResolver:
    """One server that knows everything (ports.resolver.Resolver): `records` and `caa` are the test's to change.

    `at_question` is called before each answer: what happens while DNS is asked.
    """

    records: set[ResourceRecord] = field(default_factory=set)
    caa: dict[str, tuple[CaaRecord, ...]] = field(default_factory=dict)
    asked: list[tuple[str, RecordType]] = field(default_factory=list)
    at_question: Callable[[], None] = lambda: None

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> tuple[ServerReply, ...]:
        """Return the one server's answer."""
        if cancellation.is_cancelled():
            msg = "stopped while waiting for DNS"
            raise Cancelled(msg)
        assert budget > 0
        self.asked.append((name, rtype))
        self.at_question()
        found = tuple(
            AnswerRecord(item.name, item.type, item.value, 60)
            for item in sorted(self.records)
            if (item.name, item.type) == (name, rtype)
        )
        caa = self.caa.get(name, ()) if rtype is RecordType.CAA else ()
        return (ServerAnswer(SERVER, "NOERROR" if found or caa else "NXDOMAIN", found, caa),)


@dataclass
class World:
    """A home, its clock and its zone."""

    core: Core
    clock: FakeClock
    zone: ZoneResolver
    folder: Path
    cancellation: FakeCancellation
    caller: Caller = CALLER

    def publish(self, *names: str) -> None:
        """Put the records of names into the zone."""
        for item in validation_records(self.core, self.caller, parse_names(names, names).names):
            self.zone.records.add(item.record)

    def withdraw(self, *names: str) -> None:
        """Take the records of names out of the zone."""
        for item in validation_records(self.core, self.caller, parse_names(names, names).names):
            self.zone.records.discard(item.record)

    def request(self, *names: str, urn: str = URN, **changes: object) -> CertificateView:
        """Request a certificate."""
        return request_certificate(self.core, self.caller, urn, wish(*names, **changes)).view

    def with_policy(self, **changes: object) -> Core:
        """Return the core under another policy."""
        return replace(self.core, policy=replace(self.core.policy, **changes))  # type: ignore[arg-type]


def make_world(folder: Path, policy: Policy = POLICY, seed: str = "") -> World:
    """Make a home in a folder; close the core's store at the end. Another seed makes another installation."""
    clock, zone = FakeClock(), ZoneResolver()
    core = make_core(folder, resolver=zone, clock=clock, policy=policy, randomness=CountingRandomness(seed))
    return World(core, clock, zone, folder, FakeCancellation(clock))


def wish(*names: str, **changes: object) -> CertificateWish:
    """Return a wish for names with a quick key."""
    spec = CertificateSpec(
        names=parse_names(names, names).names,
        key_algorithm=KeyAlgorithm.EC_PRIME256V1,
        issuer=EMBEDDED_ISSUER,
        lifetime=timedelta(days=395),
    )
    made = CertificateWish(
        spec=spec,
        validation_method=ValidationMethod.DNS,
        early_renewal=None,
        key_rotation=KeyRotation.ON_RENEWAL,
        renewal_outputs=RenewalOutputs.FOLLOW,
        export_enabled=False,
        repin="",
        tags=(),
        default_tags=(),
        digest="",
    )
    made = replace(made, **changes)  # type: ignore[arg-type]
    return replace(made, digest=f"{made.spec.digest}{sorted(changes.items(), key=str)}")


def states(world: World, view: CertificateView) -> list[str]:
    """Return the state of every version."""
    statement = "SELECT state FROM certificate_versions WHERE certificate_id = ? ORDER BY number"
    return [str(row[0]) for row in query(world.folder, statement, view.certificate.arn.id)]
