"""Check's rules for a Certificate, and the wish that its arguments express."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta

from certwright.core.certificates import CertificateWish
from certwright.core.names import ParsedNames, is_permitted, parse_names
from certwright.errors import Fault
from certwright.model.certificates import CertificateSpec, KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.keys import KeyAlgorithm
from certwright.model.policy import Policy
from certwright.resources.certificate_types import CertificateArgs
from certwright.resources.durations import parse_duration
from certwright.resources.fields import Decoded
from certwright.settings import EMBEDDED_ISSUER

_UNITS = {"DAYS": 1, "MONTHS": 30, "YEARS": 365}
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """What Check found: the parsed names and everything wrong."""

    names: ParsedNames
    faults: tuple[Fault, ...]


def check_certificate(decoded: Decoded[CertificateArgs], policy: Policy) -> CheckedCertificate:
    """Check all rules that need neither store nor network; rules on unknown inputs are skipped."""
    args = decoded.args
    names = parsed_names(args)
    faults = [*decoded.faults, *names.faults]
    faults.extend(_permitted_faults(names, policy))
    faults.extend(fault for fault in (_method(args), _issuer(args), _early(args), _validity(args, policy)) if fault)
    if args.options is not None and args.options.export not in {None, "ENABLED", "DISABLED"}:
        message = f"{args.options.export!r} is not allowed here"
        faults.append(Fault("options.export", "NOT_IN_SET", message, "Use ENABLED or DISABLED."))
    return CheckedCertificate(names, tuple(faults))


def wish_of(
    args: CertificateArgs, names: ParsedNames, policy: Policy, defaults: tuple[tuple[str, str], ...]
) -> CertificateWish:
    """Return the wish of arguments that passed Check."""
    spec = CertificateSpec(
        names=names.names,
        key_algorithm=args.key_algorithm or KeyAlgorithm.RSA_2048,
        issuer=args.issuer or EMBEDDED_ISSUER,
        lifetime=_lifetime(args) or policy.default_lifetime,
    )
    wish = CertificateWish(
        spec=spec,
        validation_method=args.validation_method or ValidationMethod.DNS,
        early_renewal=parse_duration(args.early_renewal_duration) if args.early_renewal_duration else None,
        key_rotation=args.key_rotation or KeyRotation.ON_RENEWAL,
        renewal_outputs=args.renewal_outputs or RenewalOutputs.FOLLOW,
        export_enabled=args.options is not None and args.options.export == "ENABLED",
        tags=tuple(sorted({**dict(defaults), **dict(args.tags)}.items())),
        digest="",
    )
    return _with_digest(wish, args.repin or "")


def parsed_names(args: CertificateArgs) -> ParsedNames:
    """Parse the names of arguments in their order."""
    texts = ([args.domain_name] if args.domain_name else []) + list(args.subject_alternative_names)
    first = ["domainName"] if args.domain_name else []
    paths = first + [f"subjectAlternativeNames[{index}]" for index in range(len(args.subject_alternative_names))]
    return parse_names(texts, paths)


def names_are_known(decoded: Decoded[CertificateArgs]) -> bool:
    """Say whether every name is known."""
    return decoded.is_known("domainName") and decoded.is_known("subjectAlternativeNames")


def _permitted_faults(names: ParsedNames, policy: Policy) -> list[Fault]:
    if not policy.permitted_domains:
        return []
    allowed = ", ".join(policy.permitted_domains)
    return [
        Fault(
            "domainName" if index == 0 else "subjectAlternativeNames",
            "DOMAIN_NOT_ALLOWED",
            f"{name} is outside certwright:permittedDomains ({allowed})",
            "Add its domain there: the authority's name constraints follow.",
        )
        for index, name in enumerate(names.names)
        if not is_permitted(name, policy.permitted_domains)
    ]


def _method(args: CertificateArgs) -> Fault | None:
    if args.validation_method is not ValidationMethod.EMAIL:
        return None
    return Fault("validationMethod", "UNSUPPORTED", "EMAIL validation is not available", "Use DNS.")


def _issuer(args: CertificateArgs) -> Fault | None:
    if args.issuer in {None, EMBEDDED_ISSUER}:
        return None
    return Fault("issuer", "UNKNOWN_ISSUER", f"{args.issuer!r} is no issuer known here", "Leave it out, or `embedded`.")


def _early(args: CertificateArgs) -> Fault | None:
    if args.early_renewal_duration is None:
        return None
    try:
        parse_duration(args.early_renewal_duration)
    except ValueError as error:
        return Fault("earlyRenewalDuration", "BAD_DURATION", str(error), "Write P30D or 720h.")
    return None


def _validity(args: CertificateArgs, policy: Policy) -> Fault | None:
    if args.validity is None or args.validity.type is None or args.validity.value is None:
        return None
    if args.validity.type not in _UNITS:
        return Fault("validity.type", "NOT_IN_SET", f"{args.validity.type!r} is no unit", "Use DAYS, MONTHS or YEARS.")
    longest = policy.longest_lifetime.days
    days = args.validity.value * _UNITS[args.validity.type]
    if not 1 <= days <= longest:
        return Fault("validity.value", "BAD_VALIDITY", f"{days} days is outside 1 to {longest}", "Choose less.")
    return None


def _lifetime(args: CertificateArgs) -> timedelta | None:
    if args.validity is None or args.validity.type is None or args.validity.value is None:
        return None
    return timedelta(days=args.validity.value * _UNITS[args.validity.type])


def _with_digest(wish: CertificateWish, repin: str) -> CertificateWish:
    early = wish.early_renewal
    canonical = [
        _FORMAT,
        wish.spec.digest,
        wish.validation_method.value,
        None if early is None else int(early.total_seconds()),
        wish.key_rotation.value,
        wish.renewal_outputs.value,
        wish.export_enabled,
        wish.tags,
        repin,
    ]
    digest = hashlib.sha256(json.dumps(canonical).encode()).hexdigest()
    return replace(wish, digest=digest)
