"""The closed sets of words that the SDKs name, each word with its meaning.

A set holds what an input may be, not every member of the model's enumeration: what Check refuses is no choice.
"""

import re
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choices:
    """A named set of words."""

    name: str
    description: str
    words: tuple[tuple[str, str], ...]

    def schema(self) -> Json:
        """Return the type for the schema."""
        return {
            "type": "string",
            "description": self.description,
            "enum": [{"name": _name(word), "value": word, "description": meaning} for word, meaning in self.words],
        }


def _name(word: str) -> str:
    """Return a name that each language's generator turns into one of its own style: `OnRenewal` for `ON_RENEWAL`."""
    return "".join(part.capitalize() for part in re.split("[-_]", word))


CHOICES = (
    Choices(
        "CertificateStatus",
        "How a certificate stands, in ACM's words.",
        (
            ("PENDING_VALIDATION", "Control over a name is not proven yet."),
            ("ISSUED", "Issued and valid."),
            ("EXPIRED", "Past its end."),
            ("VALIDATION_TIMED_OUT", "Control over a name was not proven in time."),
            ("REVOKED", "Revoked."),
            ("FAILED", "Refused; renewalSummary has the reason."),
        ),
    ),
    Choices(
        "DnsProvider",
        "A DNS provider whose API validation records are written through.",
        (
            ("cloudflare", "Cloudflare."),
            ("route53", "Amazon Route 53."),
            ("google", "Google Cloud DNS."),
            ("azure", "Azure DNS."),
            ("powerdns", "PowerDNS, by its own HTTP API."),
        ),
    ),
    Choices(
        "ExportOption",
        "Whether the private key may leave the vault.",
        (
            ("ENABLED", "CertificateValidation hands it out as a secret output."),
            ("DISABLED", "It stays in the vault for good."),
        ),
    ),
    Choices(
        "KeyAlgorithm",
        "Algorithm of a managed key, in ACM's words.",
        (
            ("RSA_2048", "RSA, 2,048 bits."),
            ("RSA_3072", "RSA, 3,072 bits."),
            ("RSA_4096", "RSA, 4,096 bits."),
            ("EC_prime256v1", "ECDSA on P-256."),
            ("EC_secp384r1", "ECDSA on P-384."),
            ("EC_secp521r1", "ECDSA on P-521."),
        ),
    ),
    Choices(
        "KeyRotation",
        "When a new version gets a new key.",
        (
            ("ON_RENEWAL", "Each version has a key of its own."),
            ("NEVER", "The key stays while its algorithm does."),
        ),
    ),
    Choices(
        "RenewalOutputs",
        "What outputs do when a renewal happens elsewhere.",
        (
            ("FOLLOW", "They move to the new version with the next update."),
            ("PIN", "They stay at their version until `repin` changes."),
        ),
    ),
    Choices(
        "TsigAlgorithm",
        "Algorithm of a TSIG key (RFC 8945).",
        (
            ("hmac-sha256", "HMAC with SHA-256."),
            ("hmac-sha384", "HMAC with SHA-384."),
            ("hmac-sha512", "HMAC with SHA-512."),
        ),
    ),
    Choices(
        "ValidationMethod",
        "How control over a name is proven.",
        (("DNS", "By a CNAME record per name."),),
    ),
    Choices(
        "ValidityUnit",
        "Unit of a lifetime.",
        (("DAYS", "Days."), ("MONTHS", "30 days each."), ("YEARS", "365 days each.")),
    ),
)
BY_NAME = {choices.name: choices for choices in CHOICES}
