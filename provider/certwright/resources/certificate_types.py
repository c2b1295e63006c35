"""Arguments and state of the Certificate resource; schema.json derives from these."""

from dataclasses import dataclass

from certwright.model.certificates import KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.keys import KeyAlgorithm
from certwright.resources.fields import prop
from certwright.resources.values import Unknown


@dataclass(frozen=True, slots=True)
class ValidityArgs:
    """How long a certificate is valid."""

    type: str | None = prop(
        "Unit of `value`: `DAYS`, `MONTHS` (of 30 days) or `YEARS` (of 365 days).",
        required=True,
        choices="ValidityUnit",
    )
    value: int | None = prop("How many; at most 825 days in all.", required=True)


@dataclass(frozen=True, slots=True)
class CertificateOptionsArgs:
    """Options of a certificate."""

    export: str | None = prop(
        "`ENABLED` lets CertificateValidation hand out the private key as a secret output; `DISABLED` (default) keeps "
        "it in the vault for good.",
        choices="ExportOption",
    )
    certificate_transparency_logging_preference: str | None = prop(
        "Taken as `aws.acm.Certificate` takes it, without effect: certificates of the built-in authority are in no "
        "certificate transparency log. `ENABLED` warns, `DISABLED` says what is so."
    )


@dataclass(frozen=True, slots=True)
class CertificateArgs:
    """Inputs of a Certificate, named as in `aws.acm.Certificate`."""

    domain_name: str | None = prop(
        "Fully qualified domain name, for example `www.example.com` or `*.example.com`. `example.com` does not cover "
        "`www.example.com`: list both. Internationalised names as A-labels (`xn--…`).",
        required=True,
    )
    subject_alternative_names: tuple[str, ...] = prop(
        "Further names, up to 100 in all. Their order means nothing: a change of order is no change."
    )
    validation_method: ValidationMethod | None = prop("How control over the names is proven: `DNS`.", default="DNS")
    key_algorithm: KeyAlgorithm | None = prop("Algorithm of the managed key.", default="RSA_2048")
    issuer: str | None = prop(
        "Who issues: `embedded`, the built-in authority. Its certificates are trusted only where getTrustBundle is "
        "installed, not by browsers."
    )
    validity: ValidityArgs | None = prop("Lifetime; default 395 days.")
    options: CertificateOptionsArgs | None = prop("Options.")
    early_renewal_duration: str | None = prop(
        "Renew this long before the end, as `P30D` or `720h`; default 60 days, or a third of the life if less."
    )
    key_rotation: KeyRotation | None = prop(
        "`ON_RENEWAL` (default) makes a new key for each version, `NEVER` keeps the key while the algorithm stays.",
        default="ON_RENEWAL",
    )
    renewal_outputs: RenewalOutputs | None = prop(
        "`FOLLOW` (default): a renewal made elsewhere shows in the next preview as an update of the outputs. `PIN`: "
        "the outputs stay at their version until `repin` changes.",
        default="FOLLOW",
    )
    repin: str | None = prop("Any text; under `PIN`, a change of it moves the outputs to the newest version.")
    tags: tuple[tuple[str, str], ...] = prop("Tags.")


@dataclass(frozen=True, slots=True)
class DomainValidationOption:
    """The record that proves control over one name."""

    domain_name: str = prop("The name; a wildcard is validated as its base name.", required=True)
    resource_record_name: str = prop("Owner name of the record, absolute with trailing dot.", required=True)
    resource_record_type: str = prop("Type of the record: `CNAME`.", required=True)
    resource_record_value: str = prop("Value of the record, absolute with trailing dot.", required=True)


@dataclass(frozen=True, slots=True)
class RenewalSummaryState:
    """How the newest renewal or change stands."""

    renewal_status: str = prop("`PENDING_VALIDATION`, `SUCCESS` or `FAILED`.", required=True)
    renewal_status_reason: str = prop("Why, in a sentence.", required=True)
    updated_at: str = prop("When, RFC 3339 in UTC.", required=True)


@dataclass(frozen=True, slots=True)
class CertificateState(CertificateArgs):
    """Outputs of a Certificate."""

    arn: str | Unknown | None = prop("ARN; it stays the same over renewals and changes of names.", required=True)
    status: str | Unknown | None = prop(
        "`PENDING_VALIDATION`, `ISSUED`, `EXPIRED`, `VALIDATION_TIMED_OUT`, `REVOKED` or `FAILED`.", required=True
    )
    type: str | Unknown | None = prop("`AMAZON_ISSUED`, ACM's word for a validated certificate.", required=True)
    domain_validation_options: tuple[DomainValidationOption, ...] | Unknown | None = prop(
        "Records to publish, known already in preview: one per name in the order given, apex and wildcard once.",
        required=True,
    )
    not_before: str | Unknown | None = prop("Start of validity, RFC 3339 in UTC; absent until issued.")
    not_after: str | Unknown | None = prop("End of validity, RFC 3339 in UTC; absent until issued.")
    serial: str | Unknown | None = prop("Serial number, hex; absent until issued.")
    renewal_eligibility: str | Unknown | None = prop("`ELIGIBLE` or `INELIGIBLE` for managed renewal.", required=True)
    renewal_summary: RenewalSummaryState | Unknown | None = prop("How the newest renewal or change stands.")
    validation_emails: tuple[str, ...] | Unknown | None = prop(
        "Addresses that approval mails went to; empty with DNS validation.", required=True
    )
    in_use_by: tuple[str, ...] | Unknown | None = prop("What the certificate is deployed to.", required=True)
    tags_all: tuple[tuple[str, str], ...] | Unknown | None = prop(
        "All tags, those of certwright:defaultTags among them; `tags` win.", required=True, copies="tags"
    )
    certificate_pem: str | Unknown | None = prop(
        "The certificate, PEM; only when it was issued at once. Otherwise take CertificateValidation's."
    )
    chain_pem: str | Unknown | None = prop("Its issuers, nearest first, without the root, PEM.")
