"""The inputs of a Certificate as the store has them, for refresh and import."""

from typing import TypeVar

from certwright.core.names import canonical
from certwright.model.certificates import Certificate, KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.keys import KeyAlgorithm
from certwright.model.policy import Policy
from certwright.resources.certificate_meaning import ATTRIBUTES, meanings
from certwright.resources.certificate_types import CertificateArgs, CertificateOptionsArgs, ValidityArgs
from certwright.resources.durations import write_duration
from certwright.resources.fields import decode, encode, properties_of
from certwright.resources.session import Session
from certwright.resources.values import Properties, Value
from certwright.settings import EMBEDDED_ISSUER

T = TypeVar("T")
_NAMES = ("domainName", "subjectAlternativeNames")


def inputs_now(session: Session, certificate: Certificate, inputs: Properties) -> Properties:
    """Return the inputs as written, except those that mean something else than what the store holds."""
    policy = session.core.policy
    live = _fewest(certificate, policy)
    if not inputs:
        return live
    written, stored = decode(CertificateArgs, only_inputs(inputs)).args, decode(CertificateArgs, live).args
    before, after = meanings(written, policy), meanings(stored, policy)
    changed = {path for path in ATTRIBUTES if before[path] != after[path]}
    if _name_set(written) != _name_set(stored):
        changed.update(_NAMES)
    if written.tags != stored.tags:
        changed.add("tags")
    return _replace(inputs, live, changed)


def only_inputs(values: Properties) -> Properties:
    """Return the declared inputs among outputs."""
    names = {item.name for item in properties_of(CertificateArgs)}
    return {name: value for name, value in values.items() if name in names}


def _replace(inputs: Properties, live: Properties, changed: set[str]) -> Properties:
    kept: dict[str, Value] = {name: value for name, value in inputs.items() if name not in changed}
    return {**kept, **{name: live[name] for name in changed if name in live}}


def _name_set(args: CertificateArgs) -> tuple[str, frozenset[str]]:
    first = canonical(args.domain_name or "").text
    return first, frozenset({first, *(canonical(text).text for text in args.subject_alternative_names)})


def _fewest(certificate: Certificate, policy: Policy) -> Properties:
    """Return the fewest inputs that mean what the store holds, names in the order of the request."""
    spec = certificate.spec
    args = CertificateArgs(
        domain_name=spec.names[0].text,
        subject_alternative_names=tuple(name.text for name in spec.names[1:]),
        validation_method=_unless(certificate.validation_method, ValidationMethod.DNS),
        key_algorithm=_unless(spec.key_algorithm, KeyAlgorithm.RSA_2048),
        issuer=_unless(spec.issuer, EMBEDDED_ISSUER),
        validity=ValidityArgs(type="DAYS", value=spec.lifetime.days)
        if spec.lifetime != policy.default_lifetime
        else None,
        options=CertificateOptionsArgs(export="ENABLED") if certificate.export_enabled else None,
        early_renewal_duration=write_duration(certificate.early_renewal) if certificate.early_renewal else None,
        key_rotation=_unless(certificate.key_rotation, KeyRotation.ON_RENEWAL),
        renewal_outputs=_unless(certificate.renewal_outputs, RenewalOutputs.FOLLOW),
        repin=certificate.repin or None,
        tags=certificate.tags,
    )
    return {name: value for name, value in encode(args).items() if value not in ([], {})}


def _unless(value: T, default: T) -> T | None:
    return None if value == default else value
