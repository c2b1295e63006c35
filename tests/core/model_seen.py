"""What a store shows after an act, by the use cases that read and row by row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from certwright.core.audit import GENESIS, verify_chain
from certwright.core.certificates import certificates_due, certificates_of, certificates_pending
from certwright.core.context import Core
from certwright.core.pinning import shown_version
from certwright.core.status import certificate_status
from certwright.model.arns import CertificateArn
from certwright.model.audit import AuditEvent
from certwright.model.certificates import CertificateVersion, CertificateView
from certwright.model.scope import Caller
from certwright.model.zone_records import ZoneRecordHold
from certwright.ports.store import Transaction

from tests.support.store import query

_BY_THE_WAY = ("Authority", "KeyEncryptionKey", "AccountSecret", "Installation")
_PAGE = 1000


@dataclass(frozen=True)
class SeenCertificate:
    """A certificate, deleted or not, with all of its versions."""

    view: CertificateView
    versions: tuple[CertificateVersion, ...]
    status: str
    shown: int | None


@dataclass(frozen=True)
class Seen:
    """Everything, by ARN, by account and Region, or by account."""

    certificates: dict[str, SeenCertificate]
    listed: dict[tuple[str, str], tuple[str, ...]]
    due: dict[tuple[str, str], frozenset[tuple[str, int]]]
    pending: dict[tuple[str, str], frozenset[tuple[str, int]]]
    events: tuple[AuditEvent, ...]
    serials: Counter[tuple[str, str]]
    holds: tuple[ZoneRecordHold, ...]
    zone: dict[str, str]


class Log:
    """The audit logs of the accounts, each read and verified once, from the beginning to the end."""

    def __init__(self) -> None:
        self._ends: dict[str, tuple[str, int]] = {}

    def follow(self, core: Core, account: str) -> Iterator[AuditEvent]:
        """Yield what came since the last look and concerns certificates and their records."""
        last_hash, sequence = self._ends.get(account, (GENESIS, 0))
        while page := _events(core, account, sequence):
            last_hash, sequence = verify_chain(page, last_hash, sequence), page[-1].sequence
            yield from (event for event in page if not event.action.endswith(_BY_THE_WAY))
        self._ends[account] = (last_hash, sequence)


def _events(core: Core, account: str, after: int) -> Sequence[AuditEvent]:
    return core.store.read(lambda tx: tx.audit.events(account, after, _PAGE))


def look_at_certificates(
    core: Core, callers: Sequence[Caller], known: Sequence[str]
) -> tuple[dict[tuple[str, str], tuple[str, ...]], dict[str, SeenCertificate]]:
    """Return the listings, and every certificate that is listed or `known` from before."""
    listed = {
        _region(caller): tuple(str(view.certificate.arn) for view in certificates_of(core, caller))
        for caller in callers
    }
    arns = dict.fromkeys([*known, *(arn for arns in listed.values() for arn in arns)])
    return listed, {arn: _certificate(core, _parsed(arn)) for arn in arns}


def due_and_pending(core: Core, caller: Caller) -> tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]]:
    """Return which versions are due, and which are pending."""
    return _numbers(certificates_due(core, caller)), _numbers(certificates_pending(core, caller))


def serials(home: Path) -> Counter[tuple[str, str]]:
    """Count the serials of each version (ARN#number) by what became of them."""
    rows = query(home, "SELECT subject, outcome FROM serials WHERE subject LIKE '%#%'")
    return Counter((str(subject), str(outcome or "")) for subject, outcome in rows)


def _region(caller: Caller) -> tuple[str, str]:
    return (caller.account, caller.scope.region)


def _parsed(text: str) -> CertificateArn:
    _, _, _, region, account, resource = text.split(":")
    return CertificateArn(region, account, resource.partition("/")[2])


def _numbers(versions: Sequence[CertificateVersion]) -> frozenset[tuple[str, int]]:
    return frozenset((str(version.arn), version.number) for version in versions)


def _certificate(core: Core, arn: CertificateArn) -> SeenCertificate:
    view, versions = core.store.read(lambda tx: (tx.certificates.view(arn), tuple(_versions(tx, arn))))
    assert view is not None, f"{arn} is lost"
    shown = shown_version(core, view)
    status = certificate_status(view, core.clock.now()).value
    return SeenCertificate(view, versions, status, None if shown is None else shown.number)


def _versions(tx: Transaction, arn: CertificateArn) -> Iterator[CertificateVersion]:
    number = 1
    while (version := tx.certificates.version(arn, number)) is not None:
        yield version
        number += 1
