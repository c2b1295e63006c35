"""Where a ValidationRecord is written: by dynamic updates, or through the API of a hosted DNS provider."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from certwright.errors import Fault, InvalidInput
from certwright.model.hosted_rules import PROVIDERS, TWO_TARGETS, HostedWords, hosted_faults, ttl_fault
from certwright.model.rfc2136_rules import DEFAULT_ALGORITHM, DEFAULT_PORT, Rfc2136Words, rfc2136_faults
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import HostedTarget, Rfc2136Target, ZoneTarget
from certwright.resources.fields import prop

IsKnown = Callable[[str], bool]
_CREDENTIALS = "hosted.credentials"
_UNSAID = Fault(
    "rfc2136",
    "MISSING",
    "it is not said where the zone is written",
    "Set rfc2136 {server, keyName, keySecret} or hosted {provider, credentials} here, or certwright:rfc2136 or "
    "certwright:hosted for all records.",
)


@dataclass(frozen=True, slots=True)
class Rfc2136Args:
    """Where a zone's updates go (RFC 2136) and the TSIG key that signs them (RFC 8945)."""

    server: str | None = prop("IP address or host name of the zone's primary server.", required=True)
    port: int | None = prop("Port, 53 by default.")
    key_name: str | None = prop("Name of the TSIG key.", required=True)
    key_algorithm: str | None = prop(
        "`hmac-sha256` (default), `hmac-sha384` or `hmac-sha512`.", choices="TsigAlgorithm"
    )
    key_secret: SecretBytes | None = prop("Secret of the TSIG key, base64; always kept as a secret.", required=True)


@dataclass(frozen=True, slots=True)
class HostedArgs:
    """Which DNS provider hosts a zone, and the credentials for its API."""

    provider: str | None = prop(
        "`cloudflare`, `route53`, `google`, `azure` or `powerdns`.", required=True, choices="DnsProvider"
    )
    credentials: tuple[tuple[str, SecretBytes], ...] = prop(
        "Credentials for the provider's API by name, always kept as a secret. Cloudflare: apiToken. Route 53: "
        "accessKeyId, secretAccessKey. Google: serviceAccountKey. Azure: tenantId, clientId, clientSecret, "
        "subscriptionId, resourceGroup. PowerDNS: endpoint, apiKey.",
        required=True,
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What one declaration says of its target, and which default stands in for it."""

    rfc2136: Rfc2136Args | None
    hosted: HostedArgs | None
    default: ZoneTarget | None

    def faults(self, is_known: IsKnown, ttl: int | None) -> Iterator[Fault]:
        """Yield every fault; what is not known yet has none."""
        if self.rfc2136 and self.hosted:
            yield TWO_TARGETS
        if self.rfc2136:
            yield from _rfc2136_faults(self.rfc2136, is_known)
        if self.hosted:
            yield from _hosted_faults(self.hosted, is_known)
        is_said = self.rfc2136 or self.hosted or self.default or not is_known("rfc2136") or not is_known("hosted")
        if not is_said:
            yield _UNSAID
        yield from self._ttl_faults(ttl)

    def resolve(self, zone: str) -> ZoneTarget:
        """Return the target for a zone; raise `InvalidInput` when there is none."""
        if self.hosted:
            return HostedTarget(self.hosted.provider or "", zone, self.hosted.credentials)
        if self.rfc2136:
            return _rfc2136_target(self.rfc2136, zone)
        if self.default:
            return replace(self.default, zone=zone)
        raise InvalidInput([_UNSAID])

    def meanings(self) -> dict[str, object]:
        """Return what each property means, to compare."""
        return {"rfc2136": _rfc2136_meaning(self.rfc2136), "hosted": _hosted_meaning(self.hosted)}

    def _ttl_faults(self, ttl: int | None) -> Iterator[Fault]:
        """Judge a TTL by what the provider takes."""
        provider = PROVIDERS.get(self._provider or "")
        if provider and ttl is not None and (fault := ttl_fault(provider, ttl)):
            yield fault

    @property
    def _provider(self) -> str | None:
        if self.hosted:
            return self.hosted.provider
        if self.rfc2136 is None and isinstance(self.default, HostedTarget):
            return self.default.provider
        return None


def _rfc2136_faults(given: Rfc2136Args, is_known: IsKnown) -> Iterator[Fault]:
    words = Rfc2136Words(
        given.server or "",
        given.port if given.port is not None else DEFAULT_PORT,
        given.key_name or "",
        given.key_algorithm or DEFAULT_ALGORITHM,
        given.key_secret or SecretBytes(b""),
    )
    absent = {"server": given.server, "keyName": given.key_name, "keySecret": given.key_secret}
    unsaid = {name for name, value in absent.items() if value is None}
    for fault in rfc2136_faults(words):
        if fault.path not in unsaid and is_known(f"rfc2136.{fault.path}"):
            yield replace(fault, path=f"rfc2136.{fault.path}")


def _hosted_faults(given: HostedArgs, is_known: IsKnown) -> Iterator[Fault]:
    if given.provider is None:
        return
    provider = PROVIDERS.get(given.provider)
    names = [*provider.needed, *provider.optional] if provider else []
    unsaid = [name for name in names if not is_known(f"{_CREDENTIALS}.{name}")]
    if not unsaid and not is_known(_CREDENTIALS):
        unsaid = names
    words = HostedWords(given.provider, dict(given.credentials), unsaid)
    for fault in hosted_faults(words):
        yield replace(fault, path=f"hosted.{fault.path}")


def _rfc2136_target(given: Rfc2136Args, zone: str) -> Rfc2136Target:
    if given.server is None or given.key_name is None or given.key_secret is None:
        raise InvalidInput([_UNSAID])
    return Rfc2136Target(
        server=given.server,
        port=given.port or DEFAULT_PORT,
        zone=zone,
        key_name=given.key_name,
        key_algorithm=given.key_algorithm or DEFAULT_ALGORITHM,
        key_secret=given.key_secret,
    )


def _rfc2136_meaning(given: Rfc2136Args | None) -> object:
    return given and (
        given.server,
        given.port or DEFAULT_PORT,
        given.key_name,
        given.key_algorithm or DEFAULT_ALGORITHM,
        given.key_secret and given.key_secret.reveal(),
    )


def _hosted_meaning(given: HostedArgs | None) -> object:
    return given and (given.provider, tuple((name, value.reveal()) for name, value in given.credentials))
