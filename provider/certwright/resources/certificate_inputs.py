"""Check's rules for a Certificate, and the wish that its arguments express."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from certwright.core.certificates import CertificateWish
from certwright.core.names import ParsedNames, is_permitted, too_many_names
from certwright.errors import Fault, InvalidInput
from certwright.model.certificates import CertificateSpec, KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.keys import KeyAlgorithm
from certwright.model.policy import Policy
from certwright.resources.certificate_meaning import UNITS, early_renewal_of, exports_key, lifetime_of, names_of
from certwright.resources.certificate_types import CertificateArgs, CertificateOptionsArgs
from certwright.resources.fields import Decoded
from certwright.resources.session import Session
from certwright.settings import EMBEDDED_ISSUER

_FORMAT = 1
_LOGGING = "certificateTransparencyLoggingPreference"


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """What Check found: the parsed names and everything wrong."""

    names: ParsedNames
    faults: tuple[Fault, ...]
    warnings: tuple[str, ...]


def check_certificate(decoded: Decoded[CertificateArgs], policy: Policy) -> CheckedCertificate:
    """Check all rules that need neither store nor network; rules on unknown inputs are skipped."""
    names = names_of(decoded)
    faults = [*decoded.faults, *names.faults, *_name_set_faults(names, policy)]
    faults.extend(_property_faults(decoded.args, policy))
    return CheckedCertificate(names, tuple(faults), (*names.warnings, *_option_warnings(decoded.args.options)))


def wish_of(session: Session, decoded: Decoded[CertificateArgs]) -> CertificateWish:
    """Return the wish of inputs that passed Check once; what decides on a version must be known."""
    return _wish(decoded.args, names_of(decoded), session.core.policy, session.default_tags)


def valid_wish(session: Session, decoded: Decoded[CertificateArgs]) -> CertificateWish:
    """Return the wish of inputs to apply; raise `InvalidInput` with every fault that Check would find."""
    checked = check_certificate(decoded, session.core.policy)
    if checked.faults:
        raise InvalidInput(checked.faults)
    return wish_of(session, decoded)


def _wish(
    args: CertificateArgs, names: ParsedNames, policy: Policy, defaults: tuple[tuple[str, str], ...]
) -> CertificateWish:
    spec = CertificateSpec(
        names=names.names,
        key_algorithm=args.key_algorithm or KeyAlgorithm.RSA_2048,
        issuer=args.issuer or EMBEDDED_ISSUER,
        lifetime=lifetime_of(args.validity) or policy.default_lifetime,
    )
    wish = CertificateWish(
        spec=spec,
        validation_method=args.validation_method or ValidationMethod.DNS,
        early_renewal=early_renewal_of(args),
        key_rotation=args.key_rotation or KeyRotation.ON_RENEWAL,
        renewal_outputs=args.renewal_outputs or RenewalOutputs.FOLLOW,
        export_enabled=exports_key(args),
        repin=args.repin or "",
        tags=args.tags,
        default_tags=defaults,
        digest="",
    )
    return _with_digest(wish)


def _name_set_faults(names: ParsedNames, policy: Policy) -> Iterator[Fault]:
    too_many = too_many_names(names.names, "subjectAlternativeNames")
    if too_many is not None:
        yield too_many
    allowed = ", ".join(policy.permitted_domains)
    for name, path in zip(names.names, names.paths, strict=True):
        if policy.permitted_domains and not is_permitted(name, policy.permitted_domains):
            message = f"{name} is outside certwright:permittedDomains ({allowed})"
            yield Fault(path, "DOMAIN_NOT_ALLOWED", message, "Add its domain there: the name constraints follow.")


def _property_faults(args: CertificateArgs, policy: Policy) -> Iterator[Fault]:
    if args.validation_method is ValidationMethod.EMAIL:
        yield Fault("validationMethod", "UNSUPPORTED", "EMAIL validation is not available", "Use DNS.")
    if args.issuer not in {None, EMBEDDED_ISSUER}:
        message = f"{args.issuer!r} is no issuer known here"
        yield Fault("issuer", "UNKNOWN_ISSUER", message, "Leave it out, or write `embedded`.")
    yield from _option_faults(args.options)
    yield from _validity_faults(args, policy)
    yield from _early_renewal_faults(args, policy)


def _option_faults(options: CertificateOptionsArgs | None) -> Iterator[Fault]:
    if options is None:
        return
    switches = {"export": options.export, _LOGGING: options.certificate_transparency_logging_preference}
    for name, value in switches.items():
        if value not in {None, "ENABLED", "DISABLED"}:
            message = f"{value!r} is not allowed here"
            yield Fault(f"options.{name}", "NOT_IN_SET", message, "Use ENABLED or DISABLED.")


def _option_warnings(options: CertificateOptionsArgs | None) -> Iterator[str]:
    if options is not None and options.certificate_transparency_logging_preference == "ENABLED":
        yield (
            f"options.{_LOGGING} is ENABLED, but certificates of the built-in authority are in no certificate "
            "transparency log. Write DISABLED, or leave it out."
        )


def _validity_faults(args: CertificateArgs, policy: Policy) -> Iterator[Fault]:
    if args.validity is None or args.validity.type is None or args.validity.value is None:
        return
    if args.validity.type not in UNITS:
        yield Fault("validity.type", "NOT_IN_SET", f"{args.validity.type!r} is no unit", "Use DAYS, MONTHS or YEARS.")
        return
    longest, days = policy.longest_lifetime.days, args.validity.value * UNITS[args.validity.type]
    if not 1 <= days <= longest:
        fix = f"Choose at most {longest} days."
        yield Fault("validity.value", "BAD_VALIDITY", f"{days} days is outside 1 to {longest}", fix)


def _early_renewal_faults(args: CertificateArgs, policy: Policy) -> Iterator[Fault]:
    path, fix = "earlyRenewalDuration", "Write P30D or 720h, less than the lifetime."
    try:
        early = early_renewal_of(args)
    except ValueError as error:
        yield Fault(path, "BAD_DURATION", str(error), fix)
        return
    lifetime = _lifetime_within(args, policy)
    if early is not None and lifetime is not None and early >= lifetime:
        message = f"{args.early_renewal_duration} is not less than the lifetime of {lifetime.days} days"
        yield Fault(path, "BAD_DURATION", message, fix)


def _lifetime_within(args: CertificateArgs, policy: Policy) -> timedelta | None:
    """Return the lifetime when it is right, so that one mistake is one fault."""
    lifetime = (lifetime_of(args.validity) if args.validity else None) or policy.default_lifetime
    return lifetime if timedelta(days=1) <= lifetime <= policy.longest_lifetime else None


def _with_digest(wish: CertificateWish) -> CertificateWish:
    early = wish.early_renewal
    canonical = [
        _FORMAT,
        wish.spec.digest,
        wish.validation_method.value,
        None if early is None else int(early.total_seconds()),
        wish.key_rotation.value,
        wish.renewal_outputs.value,
        wish.export_enabled,
        wish.repin,
        wish.tags,
        wish.default_tags,
    ]
    return replace(wish, digest=hashlib.sha256(json.dumps(canonical).encode()).hexdigest())
