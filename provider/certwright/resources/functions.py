"""Functions: look a certificate up, compute records without a resource, fetch the trust bundle."""

from dataclasses import dataclass
from datetime import datetime

from certwright.core.authority import authority_pem, fingerprint, trust_bundle
from certwright.core.certificates import certificates_of, view_certificate
from certwright.core.names import parse_names
from certwright.core.records import union_of_records, validation_records
from certwright.core.renewal import eligibility
from certwright.core.status import certificate_status
from certwright.errors import Fault, InvalidInput, NotFound
from certwright.model.arns import parse_certificate_arn
from certwright.model.certificates import CertificateStatus, CertificateType, CertificateView
from certwright.model.keys import KeyAlgorithm
from certwright.resources.certificate_state import chain_pem, instant, leaf_pem, options_of, serial_text
from certwright.resources.certificate_types import DomainValidationOption
from certwright.resources.fields import decode, encode, prop
from certwright.resources.session import Session
from certwright.resources.values import Properties


@dataclass(frozen=True, slots=True)
class GetCertificateArgs:
    """Arguments of getCertificate: the ARN, or a search by name, tags or both."""

    arn: str | None = prop("ARN of the certificate; then nothing else is needed.")
    domain: str | None = prop("First name (domainName) of the certificate.")
    statuses: tuple[CertificateStatus, ...] = prop("Statuses to look for; default `ISSUED`.")
    key_types: tuple[KeyAlgorithm, ...] = prop("Key algorithms to look for, such as `RSA_2048`; default any.")
    types: tuple[CertificateType, ...] = prop("Types to look for, such as `AMAZON_ISSUED`; default any.")
    tags: tuple[tuple[str, str], ...] = prop("Tags that the certificate has, with these values.")
    most_recent: bool | None = prop("Take the newest where several fit; otherwise several are an error.")


@dataclass(frozen=True, slots=True)
class GetCertificateResult:
    """What getCertificate returns."""

    arn: str = prop("ARN.", required=True)
    id: str = prop("ARN.", required=True)
    domain: str = prop("First name.", required=True)
    subject_alternative_names: tuple[str, ...] = prop("All names, in the order of the request.", required=True)
    status: str = prop("ACM status.", required=True)
    key_algorithm: str = prop("Key algorithm.", required=True)
    domain_validation_options: tuple[DomainValidationOption, ...] = prop("Validation records.", required=True)
    renewal_eligibility: str = prop("`ELIGIBLE` or `INELIGIBLE`.", required=True)
    serial: str | None = prop("Serial number, hex.")
    not_before: str | None = prop("Start of validity, RFC 3339.")
    not_after: str | None = prop("End of validity, RFC 3339.")
    certificate_pem: str | None = prop("The certificate, PEM.")
    chain_pem: str | None = prop("Its issuers without the root, PEM.")
    fullchain_pem: str | None = prop("Certificate and issuers in one, as most servers want it, PEM.")
    certificate: str | None = prop("The same as certificatePem, as `aws.acm.getCertificate` names it.")
    certificate_chain: str | None = prop("The same as chainPem, as `aws.acm.getCertificate` names it.")
    tags: tuple[tuple[str, str], ...] = prop("Tags.")


@dataclass(frozen=True, slots=True)
class GetValidationRecordsArgs:
    """Arguments of getValidationRecords."""

    domain_names: tuple[str, ...] = prop("Names as in a Certificate, wildcards included.", required=True)


@dataclass(frozen=True, slots=True)
class ValidationRecordSpec:
    """One record to publish."""

    name: str = prop("Owner name, absolute with trailing dot.", required=True)
    type: str = prop("`CNAME`.", required=True)
    value: str = prop("Value, absolute with trailing dot.", required=True)


@dataclass(frozen=True, slots=True)
class GetValidationRecordsResult:
    """What getValidationRecords returns."""

    records: tuple[ValidationRecordSpec, ...] = prop("Every record that the names need, each once.", required=True)


@dataclass(frozen=True, slots=True)
class GetTrustBundleArgs:
    """Arguments of getTrustBundle: none."""


@dataclass(frozen=True, slots=True)
class GetTrustBundleResult:
    """What getTrustBundle returns."""

    pem: str = prop("Every root of the account's built-in authority that is valid, PEM.", required=True)
    fingerprints: tuple[str, ...] = prop("Their SHA-256 fingerprints.", required=True)


def get_certificate(session: Session, args: Properties) -> Properties:
    """Return one certificate; raise `NotFound` when none fits and `InvalidInput` when several do."""
    decoded = decode(GetCertificateArgs, args)
    if decoded.faults:
        raise InvalidInput(decoded.faults)
    return encode(_result(session, _find(session, decoded.args)))


def get_validation_records(session: Session, args: Properties) -> Properties:
    """Return the union of the names' records; nothing is stored and no certificate is needed."""
    decoded = decode(GetValidationRecordsArgs, args)
    texts = decoded.args.domain_names
    parsed = parse_names(texts, [f"domainNames[{index}]" for index in range(len(texts))])
    faults = (*decoded.faults, *parsed.faults)
    if faults:
        raise InvalidInput(faults)
    records = union_of_records(session.core, session.caller, parsed.names)
    return encode(
        GetValidationRecordsResult(
            records=tuple(
                ValidationRecordSpec(name=item.name, type=item.type.value, value=item.value) for item in records
            )
        )
    )


def get_trust_bundle(session: Session, args: Properties) -> Properties:
    """Return the account's roots; they were made with the home, and nothing is made here."""
    decoded = decode(GetTrustBundleArgs, args)
    if decoded.faults:
        raise InvalidInput(decoded.faults)
    roots = trust_bundle(session.core, session.caller)
    return encode(
        GetTrustBundleResult(
            pem="".join(authority_pem(root) for root in roots), fingerprints=tuple(fingerprint(root) for root in roots)
        )
    )


def _find(session: Session, args: GetCertificateArgs) -> CertificateView:
    if args.arn is not None:
        return view_certificate(session.core, session.caller, parse_certificate_arn(args.arn, "arn"))
    if args.domain is None and not args.tags:
        fix = "Set one of them."
        raise InvalidInput([Fault("arn", "MISSING", "neither arn nor domain nor tags are given", fix)])
    now = session.core.clock.now()
    found = [view for view in certificates_of(session.core, session.caller) if _fits(view, args, now)]
    return _the_one(found, args)


def _fits(view: CertificateView, args: GetCertificateArgs, now: datetime) -> bool:
    certificate = view.certificate
    return (
        (args.domain is None or certificate.spec.names[0].text == args.domain.lower().removesuffix("."))
        and certificate_status(view, now) in (args.statuses or (CertificateStatus.ISSUED,))
        and (not args.key_types or certificate.spec.key_algorithm in args.key_types)
        and (not args.types or certificate.type in args.types)
        and set(args.tags) <= set(certificate.all_tags)
    )


def _the_one(found: list[CertificateView], args: GetCertificateArgs) -> CertificateView:
    if not found:
        states = ", ".join(status.value for status in args.statuses) or "ISSUED"
        # The names of tags alone: a program may keep their values secret.
        wanted = args.domain or f"these values of the tags {', '.join(key for key, _ in args.tags)}"
        msg = f"No certificate for {wanted} with status {states} in this account and Region."
        raise NotFound(msg)
    if len(found) > 1 and not args.most_recent:
        arns = ", ".join(str(view.certificate.arn) for view in found)
        fix = "Set mostRecent, or name the ARN."
        path = "tags" if args.domain is None else "domain"
        raise InvalidInput([Fault(path, "AMBIGUOUS", f"{len(found)} certificates fit: {arns}", fix)])
    return max(found, key=lambda view: view.newest.issued_at or view.newest.requested_at)


def _result(session: Session, view: CertificateView) -> GetCertificateResult:
    now = session.core.clock.now()
    spec, current = view.certificate.spec, view.current
    leaf = leaf_pem(current) if current else None
    chain = chain_pem(session.core, current) if current else None
    return GetCertificateResult(
        arn=str(view.certificate.arn),
        id=str(view.certificate.arn),
        domain=spec.names[0].text,
        subject_alternative_names=tuple(name.text for name in spec.names),
        status=certificate_status(view, now).value,
        key_algorithm=spec.key_algorithm.value,
        domain_validation_options=options_of(validation_records(session.core, session.caller, spec.names)),
        renewal_eligibility=eligibility(view, now).value,
        serial=serial_text(current) if current else None,
        not_before=instant(current.not_before) if current else None,
        not_after=instant(current.not_after) if current else None,
        certificate_pem=leaf,
        chain_pem=chain,
        fullchain_pem=f"{leaf}{chain}" if leaf and chain else None,
        certificate=leaf,
        certificate_chain=chain,
        tags=view.certificate.all_tags,
    )
