"""Every resource and function of the provider, by token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from certwright.resources import certificate, certificate_validation, validation_record
from certwright.resources.certificate_types import CertificateArgs, CertificateState
from certwright.resources.certificate_validation import CertificateValidationArgs, CertificateValidationState
from certwright.resources.functions import (
    GetCertificateArgs,
    GetCertificateResult,
    GetTrustBundleArgs,
    GetTrustBundleResult,
    GetValidationRecordsArgs,
    GetValidationRecordsResult,
    get_certificate,
    get_trust_bundle,
    get_validation_records,
)
from certwright.resources.session import CheckResult, Created, DiffResult, ReadResult, Session
from certwright.resources.validation_record import ValidationRecordArgs, ValidationRecordState
from certwright.resources.values import Properties

PACKAGE = "certwright"


class Handlers(Protocol):
    """What a resource module offers; `seconds` is the custom timeout, 0 when none is given."""

    def check(self, session: Session, news: Properties) -> CheckResult:
        """Return inputs with defaults and all faults."""
        ...

    def diff(
        self, session: Session, resource_id: str, state: Properties, old_inputs: Properties, news: Properties
    ) -> DiffResult:
        """Return what would change."""
        ...

    def create(self, session: Session, inputs: Properties, seconds: float, *, preview: bool) -> Created:
        """Make the resource, or say what would be known of it."""
        ...

    def read(self, session: Session, resource_id: str, state: Properties, inputs: Properties) -> ReadResult:
        """Return the resource as it is."""
        ...

    def update(
        self,
        session: Session,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        seconds: float,
        *,
        preview: bool,
    ) -> Properties:
        """Bring the resource to its inputs, or say what would be known of it."""
        ...

    def delete(self, session: Session, resource_id: str, state: Properties) -> None:
        """Delete the resource."""
        ...


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource: token, types, handlers and the words for its schema."""

    name: str
    args: type
    state: type
    handlers: Handlers
    description: str

    @property
    def token(self) -> str:
        """Return the resource's token."""
        return f"{PACKAGE}:index:{self.name}"


@dataclass(frozen=True, slots=True)
class FunctionType:
    """One function: token, types, the function and the words for its schema."""

    name: str
    args: type
    result: type
    call: Callable[[Session, Properties], Properties]
    description: str

    @property
    def token(self) -> str:
        """Return the function's token."""
        return f"{PACKAGE}:index:{self.name}"


RESOURCES = (
    ResourceType(
        "Certificate",
        CertificateArgs,
        CertificateState,
        certificate,
        "A certificate for names whose control is proven by one CNAME each. Creating it returns at once with the ARN "
        "and the records; CertificateValidation waits for the issue. Renewals and changes of names keep the ARN.",
    ),
    ResourceType(
        "CertificateValidation",
        CertificateValidationArgs,
        CertificateValidationState,
        certificate_validation,
        "Waits until the version of a Certificate that matches its present inputs is issued, 75 minutes by default "
        "(customTimeouts), and hands out certificate and chain.",
    ),
    ResourceType(
        "ValidationRecord",
        ValidationRecordArgs,
        ValidationRecordState,
        validation_record,
        "Publishes a validation record in a zone: by dynamic update (RFC 2136 with TSIG), or through the API of "
        "Cloudflare, Route 53, Google Cloud DNS, Azure DNS or PowerDNS. With any other DNS provider, hand "
        "domainValidationOptions to its record resource instead.",
    ),
)
FUNCTIONS = (
    FunctionType(
        "getCertificate",
        GetCertificateArgs,
        GetCertificateResult,
        get_certificate,
        "Look a certificate up by ARN, or by name, status and key type.",
    ),
    FunctionType(
        "getTrustBundle",
        GetTrustBundleArgs,
        GetTrustBundleResult,
        get_trust_bundle,
        "The roots of the account's built-in authority, to install wherever its certificates shall be trusted.",
    ),
    FunctionType(
        "getValidationRecords",
        GetValidationRecordsArgs,
        GetValidationRecordsResult,
        get_validation_records,
        "The validation records that names need, as plain values for a loop; no certificate has to exist.",
    ),
)
RESOURCE_BY_TOKEN = {resource.token: resource for resource in RESOURCES}
FUNCTION_BY_TOKEN = {function.token: function for function in FUNCTIONS}
