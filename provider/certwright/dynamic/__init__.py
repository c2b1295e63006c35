"""Certificates as dynamic resources of a Python program, without a plugin of their own."""

from certwright.transport.dynamic import (
    Certificate,
    CertificateValidation,
    DomainValidationOption,
    RenewalSummary,
    ValidationRecord,
    get_certificate,
    get_trust_bundle,
    get_validation_records,
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
