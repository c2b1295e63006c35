"""What the inputs of a Certificate mean, whatever way they are written: the base of Diff and Read."""

from datetime import timedelta

from certwright.core.names import ParsedNames, parse_names
from certwright.model.certificates import KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.keys import KeyAlgorithm
from certwright.model.policy import Policy
from certwright.resources.certificate_types import CertificateArgs, ValidityArgs
from certwright.resources.durations import parse_duration
from certwright.resources.fields import Decoded
from certwright.settings import EMBEDDED_ISSUER

_MOST_DAYS = 36500
UNITS = {"DAYS": 1, "MONTHS": 30, "YEARS": 365}
DECIDE_VERSION = ("domainName", "subjectAlternativeNames", "keyAlgorithm", "issuer", "validity")
ATTRIBUTES = {
    "validationMethod": "validation_method",
    "keyAlgorithm": "key_algorithm",
    "issuer": "issuer",
    "validity": "validity",
    "options": "options",
    "earlyRenewalDuration": "early_renewal_duration",
    "keyRotation": "key_rotation",
    "renewalOutputs": "renewal_outputs",
    "repin": "repin",
}


def meanings(args: CertificateArgs, policy: Policy) -> dict[str, object]:
    """Return the meaning of every property but names and tags; one left out means its default."""
    return {
        "validationMethod": args.validation_method or ValidationMethod.DNS,
        "keyAlgorithm": args.key_algorithm or KeyAlgorithm.RSA_2048,
        "issuer": args.issuer or EMBEDDED_ISSUER,
        "validity": lifetime_of(args.validity) or policy.default_lifetime,
        "options": exports_key(args),
        "earlyRenewalDuration": early_renewal_of(args),
        "keyRotation": args.key_rotation or KeyRotation.ON_RENEWAL,
        "renewalOutputs": args.renewal_outputs or RenewalOutputs.FOLLOW,
        "repin": args.repin or "",
    }


def exports_key(args: CertificateArgs) -> bool:
    """Say whether the private key may be handed out."""
    return args.options is not None and args.options.export == "ENABLED"


def may_export_key(decoded: Decoded[CertificateArgs]) -> bool:
    """Say whether the private key may be handed out, or may turn out to be."""
    return exports_key(decoded.args) or not decoded.is_known("options")


def lifetime_of(validity: ValidityArgs | None) -> timedelta | None:
    """Return the declared lifetime, None when it is left to the authority."""
    if validity is None or validity.type not in UNITS or validity.value is None:
        return None
    days = validity.value * UNITS[validity.type]
    return timedelta(days=days) if 0 < days <= _MOST_DAYS else None


def early_renewal_of(args: CertificateArgs) -> timedelta | None:
    """Return the declared lead of renewals, None when it follows the lifetime."""
    return parse_duration(args.early_renewal_duration) if args.early_renewal_duration else None


def names_of(decoded: Decoded[CertificateArgs]) -> ParsedNames:
    """Parse the names in their order, each with the path it was written at."""
    texts = list(decoded.args.subject_alternative_names)
    places = [f"subjectAlternativeNames[{index}]" for index in range(len(texts) + len(decoded.absent))]
    paths = [place for place in places if place not in decoded.absent][: len(texts)]
    if decoded.args.domain_name:
        texts.insert(0, decoded.args.domain_name)
        paths.insert(0, "domainName")
    return parse_names(texts, paths)


def names_are_known(decoded: Decoded[CertificateArgs]) -> bool:
    """Say whether every name is known."""
    return decoded.is_known("domainName") and decoded.is_known("subjectAlternativeNames")


def version_is_known(decoded: Decoded[CertificateArgs]) -> bool:
    """Say whether everything that decides on a new version is known."""
    return all(decoded.is_known(name) for name in DECIDE_VERSION)
