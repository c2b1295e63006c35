"""Which hosted DNS providers can be written to, what each needs, and what such a target must look like."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from certwright.errors import Fault
from certwright.model.printable import printable
from certwright.model.secret import SecretBytes

TWO_TARGETS = Fault("hosted", "TWO_TARGETS", "rfc2136 is set as well", "Set one of hosted and rfc2136.")
_ENDPOINT = re.compile(rb"https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~/-]*)?")
_SERVICE_ACCOUNT = ("client_email", "private_key", "project_id")
_COPY = "Copy it whole, without anything around it."
_FIXES = {
    "serviceAccountKey": f"Pass the downloaded key file's text: JSON with {', '.join(_SERVICE_ACCOUNT)}.",
    "endpoint": "Write http:// or https://, host and port: https://ns1.example.com:8081.",
}


@dataclass(frozen=True, slots=True)
class HostedProvider:
    """A provider: its name in programs and for people, and its credentials, each with what it is."""

    name: str
    title: str
    needed: Mapping[str, str]
    optional: Mapping[str, str]
    lowest_ttl: int = 1
    highest_ttl: int = 604_800
    special_ttls: Collection[int] = ()

    @property
    def needs(self) -> str:
        """Say what the provider needs."""
        needed = ", ".join(f"{name} ({what})" for name, what in self.needed.items())
        optional = ", ".join(f"{name} ({what})" for name, what in self.optional.items())
        return f"{self.title} needs {needed}" + (f"; optional: {optional}" if optional else "")


_PROVIDERS = (
    HostedProvider(
        "cloudflare",
        "Cloudflare",
        {"apiToken": "an API token with Zone:Read and DNS:Edit for the zone"},
        {"zoneId": "the zone's id, for a token that may not list zones"},
        lowest_ttl=60,
        highest_ttl=86_400,
        special_ttls=(1,),  # automatic; a record that is imported may have it
    ),
    HostedProvider(
        "route53",
        "Route 53",
        {"accessKeyId": "an AWS access key", "secretAccessKey": "its secret"},
        {"sessionToken": "for temporary credentials", "zoneId": "the hosted zone's id; needed for a private zone"},
    ),
    HostedProvider(
        "google",
        "Google Cloud DNS",
        {"serviceAccountKey": "a service account's key file as JSON text"},
        {},
    ),
    HostedProvider(
        "azure",
        "Azure DNS",
        {
            "tenantId": "the directory's id",
            "clientId": "an app registration's id",
            "clientSecret": "its secret",
            "subscriptionId": "the subscription's id",
            "resourceGroup": "the group that holds the zone",
        },
        {},
    ),
    HostedProvider(
        "powerdns",
        "PowerDNS",
        {"endpoint": "the API's URL, such as https://ns1.example.com:8081", "apiKey": "its api-key"},
        {"serverId": "`localhost` by default"},
    ),
)
PROVIDERS = {provider.name: provider for provider in _PROVIDERS}


@dataclass(frozen=True, slots=True)
class HostedWords:
    """A provider and its credentials, as somebody wrote them down; nothing is checked yet.

    `unsaid` names credentials that are given but not known yet.
    """

    provider: str
    credentials: Mapping[str, SecretBytes]
    unsaid: Collection[str] = ()


def hosted_faults(words: HostedWords) -> tuple[Fault, ...]:
    """Return every fault, its path the name of the property; no credential is in any text."""
    provider = PROVIDERS.get(words.provider)
    if provider is None:
        message = f"'{printable(words.provider)}' is no provider known here"
        return (Fault("provider", "UNKNOWN_PROVIDER", message, f"Use one of {', '.join(PROVIDERS)}."),)
    return tuple(_credential_faults(provider, words))


def ttl_fault(provider: HostedProvider, ttl: int) -> Fault | None:
    """Judge a TTL in seconds by what the provider takes."""
    if provider.lowest_ttl <= ttl <= provider.highest_ttl or ttl in provider.special_ttls:
        return None
    message = f"{ttl} is outside {provider.lowest_ttl} to {provider.highest_ttl}, which is what {provider.title} takes"
    return Fault("ttl", "BAD_TTL", message, "Use 300.")


def _credential_faults(provider: HostedProvider, words: HostedWords) -> Iterator[Fault]:
    given = {name for name, value in words.credentials.items() if value.reveal()} | set(words.unsaid)
    missing = [name for name in provider.needed if name not in given]
    if missing:
        yield Fault("credentials", "MISSING", f"{', '.join(missing)} is missing", f"{provider.needs}.")
    for name, value in words.credentials.items():
        if name not in {*provider.needed, *provider.optional}:
            message = f"{provider.title} has no credential of this name"
            yield Fault(f"credentials.{printable(name)}", "UNKNOWN_CREDENTIAL", message, f"{provider.needs}.")
        elif name not in missing and (wrong := _wrong(name, value.reveal())):
            yield Fault(
                f"credentials.{name}", "BAD_CREDENTIAL", f"{wrong}; its value is not shown", _FIXES.get(name, _COPY)
            )


def _wrong(name: str, value: bytes) -> str | None:
    if name == "serviceAccountKey":
        return None if _is_service_account(value) else "this is not the key of a service account"
    if name == "endpoint" and not _ENDPOINT.fullmatch(value):
        return "this is no URL"
    if not re.fullmatch(rb"[\x21-\x7e]+", value):
        return "this holds blanks, line ends or letters outside ASCII"
    return None


def _is_service_account(value: bytes) -> bool:
    try:
        known = json.loads(value)
    except ValueError:
        return False
    return isinstance(known, dict) and all(isinstance(known.get(name), str) for name in _SERVICE_ACCOUNT)
