"""Certificates as dynamic resources of a Python program, without a plugin of their own."""

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
