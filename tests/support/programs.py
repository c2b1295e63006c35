"""YAML programs for the engine, made from a few words."""

import json
from collections.abc import Sequence
from typing import Any

QUICK = "EC_prime256v1"


def certificate(
    names: Sequence[str], resource: str = "cert", *, provider: str = "", timeout: str = "", **properties: Any
) -> str:
    """Return a Certificate resource for YAML, with a quick key unless `keyAlgorithm` says otherwise."""
    stated = {
        "domainName": names[0],
        "subjectAlternativeNames": list(names[1:]),
        "keyAlgorithm": QUICK,
        **properties,
    }
    return entry(resource, "Certificate", stated, provider=provider, timeout=timeout)


def records(count: int, zone: str, resource: str = "cert") -> str:
    """Return ValidationRecords for the first `count` domain validation options of a Certificate."""
    return "".join(
        entry(
            f"{resource}-record-{index}",
            "ValidationRecord",
            {
                "zone": zone,
                "name": f"${{{resource}.domainValidationOptions[{index}].resourceRecordName}}",
                "type": f"${{{resource}.domainValidationOptions[{index}].resourceRecordType}}",
                "value": f"${{{resource}.domainValidationOptions[{index}].resourceRecordValue}}",
            },
        )
        for index in range(count)
    )


def validation(after: Sequence[str] = (), resource: str = "cert", timeout: str = "20s") -> str:
    """Return a CertificateValidation that waits for a Certificate, after the named records are there."""
    stated: dict[str, object] = {"certificateArn": f"${{{resource}.arn}}"}
    if after:
        stated["validationRecordFqdns"] = [f"${{{name}.fqdn}}" for name in after]
    return entry(f"{resource}-issued", "CertificateValidation", stated, timeout=timeout)


def entry(name: str, kind: str, properties: dict[str, object], *, provider: str = "", timeout: str = "") -> str:
    """Return one resource for YAML; `timeout` holds for create and update."""
    options: dict[str, object] = {"provider": f"${{{provider}}}"} if provider else {}
    if timeout:
        options["customTimeouts"] = {"create": timeout, "update": timeout}
    body = {"type": f"certwright:{kind}", "properties": properties, **({"options": options} if options else {})}
    return f"  {name}: {json.dumps(body)}\n"


def program(*resources: str, outputs: dict[str, str] | None = None) -> str:
    """Return a program of these resources and outputs."""
    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in (outputs or {}).items())
    return f"resources:\n{''.join(resources)}" + (f"outputs:\n{lines}" if lines else "")


def issued(names: Sequence[str], zone: str, count: int, *, timeout: str = "20s", **properties: Any) -> str:
    """Return a program that publishes the first `count` records of a certificate and waits for its issue."""
    fqdns = [f"cert-record-{index}" for index in range(count)]
    return program(
        certificate(names, **properties),
        records(count, zone),
        validation(fqdns, timeout=timeout),
        outputs={
            "arn": "${cert.arn}",
            "options": "${cert.domainValidationOptions}",
            "pem": "${cert-issued.certificatePem}",
            "chain": "${cert-issued.chainPem}",
            "serial": "${cert-issued.serial}",
        },
    )
