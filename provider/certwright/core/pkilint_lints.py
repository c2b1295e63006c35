"""pkilint's RFC 5280 lints, loaded on first use (0.8 s) and run in-process."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkilint.validation import ValidatorContainer

# Findings of severity warning and above that do not stop a signature: code, what the message must match, reason.
LINTS_OFF = (
    (
        "pkix.invalid_domain_name_syntax",
        r'"\*\.([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+"',
        "RFC 5280 leaves wildcards to other specifications; RFC 9525 section 6.3 defines them as the leftmost label",
    ),
)


def pkilint_findings(der: bytes) -> list[str]:
    """Return pkilint's findings of severity warning and above that are not in `LINTS_OFF`; empty means clean."""
    from pkilint.pkix.certificate import RFC5280Certificate  # noqa: PLC0415 - 0.8 s to load, needed once a shape
    from pkilint.validation import ValidationFindingSeverity  # noqa: PLC0415 - as above

    document = RFC5280Certificate("", der, "to be signed", None)
    try:
        document.decode()
    except ValueError as error:
        return [f"pkilint cannot read the certificate ({type(error).__name__})"]
    return [
        f"{item.finding.code}{f' ({item.message})' if item.message else ''}"
        for result in _validator().validate(document.root)
        for item in result.finding_descriptions
        if item.finding.severity <= ValidationFindingSeverity.WARNING
        and not _is_off(item.finding.code, item.message or "")
    ]


def _is_off(code: str, message: str) -> bool:
    return any(code == off and re.search(part, message) for off, part, _ in LINTS_OFF)


@cache
def _validator() -> "ValidatorContainer":
    from pkilint.pkix import certificate, extension, name  # noqa: PLC0415 - as above

    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
