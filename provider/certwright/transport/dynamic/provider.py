"""The provider of each kind of resource. A stack's state names these classes by module and name: both stay."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from certwright.core.records import validation_records
from certwright.errors import CertwrightError
from certwright.model.certificates import tags_in_force
from certwright.resources.certificate_meaning import names_are_known, names_of
from certwright.resources.certificate_state import options_of
from certwright.resources.certificate_types import CertificateArgs
from certwright.resources.fields import Decoded, decode, encode
from certwright.resources.session import Session
from certwright.resources.values import UNKNOWN, Properties, Value
from certwright.transport.dynamic.handling import Handling
from certwright.transport.dynamic.waiting import Turns

_TURNS = Turns()


class CertificateProvider(Handling):
    """Serve Certificates."""

    kind = "Certificate"

    def _shown(self, session: Session, inputs: Properties) -> Properties:
        """Return the records, and the tags with the default ones."""
        decoded = decode(CertificateArgs, inputs)
        tags: dict[str, Value] = dict(tags_in_force(session.default_tags, decoded.args.tags))
        shown: Value = tags if decoded.is_known("tags") else UNKNOWN
        return {"domainValidationOptions": _records(session, decoded), "tagsAll": shown}

    def _note(self, session: Session, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Note what `up` will do to the certificate, without a look at DNS; what `up` will refuse is a warning."""
        policy = replace(session.core.policy, preflight=False)
        offline = replace(session, core=replace(session.core, policy=policy))
        try:
            self._resource.handlers.update(offline, resource_id, state, inputs, 0.0, preview=True)
        except CertwrightError as error:
            session.log.warning(str(error))


def _records(session: Session, decoded: Decoded[CertificateArgs]) -> Value:
    if not names_are_known(decoded):
        return UNKNOWN
    validations = validation_records(session.core, session.caller, names_of(decoded).names)
    return [encode(option) for option in options_of(validations)]


class CertificateValidationProvider(Handling):
    """Serve CertificateValidations."""

    kind = "CertificateValidation"

    @contextmanager
    def _turn(self) -> Iterator[float]:
        with _TURNS.take() as seconds:
            yield seconds


class ValidationRecordProvider(Handling):
    """Serve ValidationRecords."""

    kind = "ValidationRecord"

    def _shown(self, session: Session, inputs: Properties) -> Properties:
        """Return the name; a preview of a record asks nobody."""
        outputs = self._resource.handlers.create(session, inputs, 0.0, preview=True).outputs
        return {"fqdn": outputs["fqdn"]}


PROVIDERS = {
    provider.kind: provider
    for provider in (CertificateProvider, CertificateValidationProvider, ValidationRecordProvider)
}
