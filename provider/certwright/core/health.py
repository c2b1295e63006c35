"""What `certwright doctor` looks at in a store: every check yields findings, none changes anything."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from certwright.core.audit import GENESIS, verify_chain
from certwright.core.authority import (
    certificate_of,
    chain_of,
    issuing_cas,
    require_own_authority_key,
    roots_of,
    trust_bundle,
)
from certwright.core.context import Core
from certwright.core.keyring import account_secret
from certwright.core.listing import list_certificates
from certwright.core.renewal import renewal_due
from certwright.core.revocation_logs import lost_sentence
from certwright.core.root_sealing import outlook_while_sealed
from certwright.core.signature import has_own_key
from certwright.errors import CertwrightError
from certwright.model.audit import AuditEvent
from certwright.model.certificates import CertificateVersion
from certwright.model.scope import Caller

_PAGE = 1000
_RESTORE = "Restore the store from a backup"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and what to do."""

    subject: str
    message: str


Check = Callable[[Core, Caller], Iterator[Finding]]


def examine(core: Core, caller: Caller) -> tuple[Finding, ...]:
    """Run every check; one that cannot run is a finding itself."""
    return tuple(finding for check in CHECKS for finding in _run(check, core, caller))


def _run(check: Check, core: Core, caller: Caller) -> list[Finding]:
    try:
        return list(check(core, caller))
    except CertwrightError as error:
        return [Finding(_name(check), str(error))]
    except (ValueError, TypeError, InvalidSignature) as error:
        return [Finding(_name(check), f"a stored certificate does not parse or verify ({type(error).__name__})")]


def _name(check: Check) -> str:
    return getattr(check, "__name__", "").strip("_").replace("_", " ")


def _rows(core: Core, caller: Caller) -> Iterator[Finding]:  # noqa: ARG001 - the whole store, whoever asks
    for damage in core.store.read(lambda tx: tuple(tx.integrity.damages())):
        yield Finding(f"{damage.table} {damage.row}".rstrip(), f"{damage.what}. {_RESTORE}")


def _audit_log(core: Core, caller: Caller) -> Iterator[Finding]:
    last_hash, sequence = GENESIS, 0
    while page := _events(core, caller, sequence):
        last_hash = verify_chain(page, last_hash, sequence)
        sequence = page[-1].sequence
    yield from ()


def _events(core: Core, caller: Caller, after: int) -> Sequence[AuditEvent]:
    return core.store.read(lambda tx: tx.audit.events(caller.account, after, _PAGE))


def _account_secret(core: Core, caller: Caller) -> Iterator[Finding]:
    account_secret(core, caller.account)
    yield from ()


def _authorities(core: Core, caller: Caller) -> Iterator[Finding]:
    for authority in (*trust_bundle(core, caller), *issuing_cas(core, caller)):
        issuer = chain_of(core, caller.account, authority.issuer_id)[0]
        certificate_of(authority).verify_directly_issued_by(certificate_of(issuer))
        require_own_authority_key(core, authority)
    yield from ()


def _sealed_root(core: Core, caller: Caller) -> Iterator[Finding]:
    outlook = outlook_while_sealed(core, caller, roots_of(core, caller))
    if outlook is not None:
        yield Finding("sealed root", outlook.sentence)


def _certificates(core: Core, caller: Caller) -> Iterator[Finding]:
    now, listing = core.clock.now(), list_certificates(core, caller)
    yield from (Finding(str(item.arn), item.sentence) for item in listing.unreadable)
    for view in listing.views:
        if view.current is not None:
            yield from _version(core, view.current)
        due = renewal_due(view, now)
        if due is not None:
            yield Finding(str(view.certificate.arn), f"{due}. Run: certwright renew --due")


def _version(core: Core, version: CertificateVersion) -> Iterator[Finding]:
    if version.certificate is None or version.key is None or version.authority_id is None:
        yield Finding(str(version.arn), f"version {version.number} is issued but has no certificate or key")
        return
    certificate = x509.load_der_x509_certificate(version.certificate)
    if not has_own_key(version) or certificate.tbs_certificate_bytes != version.tbs:
        yield Finding(
            str(version.arn), f"version {version.number}: certificate, key and signed bytes do not belong together"
        )
    if certificate.serial_number != version.serial:
        yield Finding(str(version.arn), f"version {version.number}: the serial is not the certificate's")
    issuer = chain_of(core, version.arn.account, version.authority_id)[0]
    certificate.verify_directly_issued_by(certificate_of(issuer))
    core.signer.require_pair(version.key)


def _revocations(core: Core, caller: Caller) -> Iterator[Finding]:  # noqa: ARG001 - the log is the whole home's
    lost = lost_sentence(core)
    if lost is not None:
        yield Finding("revocations", lost)


CHECKS: tuple[Check, ...] = (
    _rows,
    _audit_log,
    _account_secret,
    _authorities,
    _sealed_root,
    _certificates,
    _revocations,
)
