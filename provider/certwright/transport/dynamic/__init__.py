"""The resources as `pulumi.dynamic` ones: declared in the program, handled in the SDK's own provider process."""

from certwright.transport.dynamic.functions import get_certificate, get_trust_bundle, get_validation_records
from certwright.transport.dynamic.resources import (
    Certificate,
    CertificateValidation,
    DomainValidationOption,
    RenewalSummary,
    ValidationRecord,
)

__all__ = [
    "Certificate",
    "CertificateValidation",
    "DomainValidationOption",
    "RenewalSummary",
    "ValidationRecord",
    "get_certificate",
    "get_trust_bundle",
    "get_validation_records",
]
