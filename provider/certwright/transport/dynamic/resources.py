"""The resources for a program: arguments and attributes named as in the generated SDK."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import Input, Output, ResourceOptions

from certwright.transport.dynamic.declared import Declared

Texts = Input[Sequence[Input[str]]]
Map = Input[Mapping[str, Any]]


@pulumi.output_type
class DomainValidationOption:
    """The record that proves control over one name."""

    domain_name: str = pulumi.property("domainName")
    resource_record_name: str = pulumi.property("resourceRecordName")
    resource_record_type: str = pulumi.property("resourceRecordType")
    resource_record_value: str = pulumi.property("resourceRecordValue")


@pulumi.output_type
class RenewalSummary:
    """How the newest renewal or change stands."""

    renewal_status: str = pulumi.property("renewalStatus")
    renewal_status_reason: str = pulumi.property("renewalStatusReason")
    updated_at: str = pulumi.property("updatedAt")


class Certificate(Declared, module="certwright", name="Certificate"):
    """A certificate for names whose control is proven by one CNAME each; its records are known in preview."""

    domain_name: Output[str] = pulumi.property("domainName")
    subject_alternative_names: Output[Sequence[str] | None] = pulumi.property("subjectAlternativeNames")
    validation_method: Output[str | None] = pulumi.property("validationMethod")
    key_algorithm: Output[str | None] = pulumi.property("keyAlgorithm")
    issuer: Output[str | None] = pulumi.property("issuer")
    validity: Output[Mapping[str, Any] | None] = pulumi.property("validity")
    options: Output[Mapping[str, Any] | None] = pulumi.property("options")
    early_renewal_duration: Output[str | None] = pulumi.property("earlyRenewalDuration")
    key_rotation: Output[str | None] = pulumi.property("keyRotation")
    renewal_outputs: Output[str | None] = pulumi.property("renewalOutputs")
    repin: Output[str | None] = pulumi.property("repin")
    tags: Output[Mapping[str, str] | None] = pulumi.property("tags")
    arn: Output[str] = pulumi.property("arn")
    status: Output[str] = pulumi.property("status")
    type: Output[str] = pulumi.property("type")
    domain_validation_options: Output[Sequence[DomainValidationOption]] = pulumi.property("domainValidationOptions")
    not_before: Output[str | None] = pulumi.property("notBefore")
    not_after: Output[str | None] = pulumi.property("notAfter")
    serial: Output[str | None] = pulumi.property("serial")
    renewal_eligibility: Output[str] = pulumi.property("renewalEligibility")
    renewal_summary: Output[RenewalSummary | None] = pulumi.property("renewalSummary")
    validation_emails: Output[Sequence[str]] = pulumi.property("validationEmails")
    in_use_by: Output[Sequence[str]] = pulumi.property("inUseBy")
    tags_all: Output[Mapping[str, str]] = pulumi.property("tagsAll")
    certificate_pem: Output[str | None] = pulumi.property("certificatePem")
    chain_pem: Output[str | None] = pulumi.property("chainPem")

    def __init__(  # noqa: PLR0913 - one argument a property, as in the generated SDK
        self,
        resource_name: str,
        opts: ResourceOptions | None = None,
        *,
        domain_name: Input[str] | None = None,
        subject_alternative_names: Texts | None = None,
        validation_method: Input[str] | None = None,
        key_algorithm: Input[str] | None = None,
        issuer: Input[str] | None = None,
        validity: Map | None = None,
        options: Map | None = None,
        early_renewal_duration: Input[str] | None = None,
        key_rotation: Input[str] | None = None,
        renewal_outputs: Input[str] | None = None,
        repin: Input[str] | None = None,
        tags: Input[Mapping[str, Input[str]]] | None = None,
    ) -> None:
        given = {
            "domain_name": domain_name,
            "subject_alternative_names": subject_alternative_names,
            "validation_method": validation_method,
            "key_algorithm": key_algorithm,
            "issuer": issuer,
            "validity": validity,
            "options": options,
            "early_renewal_duration": early_renewal_duration,
            "key_rotation": key_rotation,
            "renewal_outputs": renewal_outputs,
            "repin": repin,
            "tags": tags,
        }
        super().__init__("Certificate", resource_name, given, opts)
        # An update in preview knows no output but the id, which is the ARN and stays.
        self.__dict__["arn"] = self.id


class CertificateValidation(Declared, module="certwright", name="CertificateValidation"):
    """Waits up to a minute until a Certificate is issued, and hands out certificate and chain."""

    certificate_arn: Output[str] = pulumi.property("certificateArn")
    validation_record_fqdns: Output[Sequence[str] | None] = pulumi.property("validationRecordFqdns")
    status: Output[str] = pulumi.property("status")
    serial: Output[str | None] = pulumi.property("serial")
    not_after: Output[str | None] = pulumi.property("notAfter")
    certificate_pem: Output[str | None] = pulumi.property("certificatePem")
    chain_pem: Output[str | None] = pulumi.property("chainPem")
    private_key_pem: Output[str | None] = pulumi.property("privateKeyPem")

    def __init__(
        self,
        resource_name: str,
        opts: ResourceOptions | None = None,
        *,
        certificate_arn: Input[str] | None = None,
        validation_record_fqdns: Texts | None = None,
    ) -> None:
        given = {"certificate_arn": certificate_arn, "validation_record_fqdns": validation_record_fqdns}
        super().__init__("CertificateValidation", resource_name, given, opts)


class ValidationRecord(Declared, module="certwright", name="ValidationRecord"):
    """Publishes a validation record in a zone by dynamic update (RFC 2136), or through a DNS provider's API."""

    zone: Output[str] = pulumi.property("zone")
    name: Output[str] = pulumi.property("name")
    type: Output[str] = pulumi.property("type")
    value: Output[str] = pulumi.property("value")
    ttl: Output[int | None] = pulumi.property("ttl")
    rfc2136: Output[Mapping[str, Any] | None] = pulumi.property("rfc2136")
    hosted: Output[Mapping[str, Any] | None] = pulumi.property("hosted")
    fqdn: Output[str] = pulumi.property("fqdn")

    def __init__(  # noqa: PLR0913 - one argument a property, as in the generated SDK
        self,
        resource_name: str,
        opts: ResourceOptions | None = None,
        *,
        zone: Input[str] | None = None,
        name: Input[str] | None = None,
        type: Input[str] | None = None,  # noqa: A002 - named as in the generated SDK
        value: Input[str] | None = None,
        ttl: Input[int] | None = None,
        rfc2136: Map | None = None,
        hosted: Map | None = None,
    ) -> None:
        given = {
            "zone": zone,
            "name": name,
            "type": type,
            "value": value,
            "ttl": ttl,
            "rfc2136": rfc2136,
            "hosted": hosted,
        }
        super().__init__("ValidationRecord", resource_name, given, opts)
