"""Every place that HostedWriter can write to in tests: four stand-ins behind one proxy, and a real PowerDNS."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from certwright.adapters.dns.hosted import SECONDS, HostedWriter
from certwright.adapters.dns.hosted_helpers import HostedHelpers
from certwright.adapters.dns.workers import NEVER
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import HostedTarget
from certwright.ports.clock import Cancellation

from tests.support.hosted.azure import Azure
from tests.support.hosted.cloudflare import Cloudflare
from tests.support.hosted.google import Google
from tests.support.hosted.interception import Interception, intercept
from tests.support.hosted.route53 import Route53
from tests.support.hosted.zone import ApiZone
from tests.support.powerdns import API_KEY, PowerDns

ZONE = "example.test"
STAND_INS = ("cloudflare", "route53", "google", "azure")
StandIn = Cloudflare | Route53 | Google | Azure
_CLASSES: Mapping[str, Callable[[ApiZone], StandIn]] = {
    "cloudflare": Cloudflare,
    "route53": Route53,
    "google": Google,
    "azure": Azure,
}


@dataclass(frozen=True)
class Apis:
    """The stand-ins by provider, the proxy before them, and helpers that use it."""

    by_name: Mapping[str, StandIn]
    proxy: Interception
    helpers: HostedHelpers

    def reset(self) -> None:
        """Put zones and proxy back to their beginning."""
        self.proxy.calm()
        for stand_in in self.by_name.values():
            stand_in.zone.sets = filled_zone(stand_in.zone.name).sets

    def writer(
        self,
        provider: str,
        zone: str = ZONE,
        cancellation: Cancellation = NEVER,
        tell: Callable[[str], None] = lambda _: None,
        seconds: float = SECONDS,
        changed: Mapping[str, str] | None = None,
    ) -> HostedWriter:
        """Return a writer; credentials are right unless changed."""
        known = {**self.by_name[provider].credentials, **(changed or {})}
        return HostedWriter(target_of(provider, zone, known), self.helpers, cancellation, tell, seconds)


def target_of(provider: str, zone: str, credentials: Mapping[str, str]) -> HostedTarget:
    """Return a target."""
    secrets = tuple((name, SecretBytes(value.encode())) for name, value in sorted(credentials.items()))
    return HostedTarget(provider, zone, secrets)


def powerdns_target(server: PowerDns, zone: str = ZONE, key: str = API_KEY) -> HostedTarget:
    """Return the target for a PowerDNS."""
    return target_of("powerdns", zone, {"endpoint": server.endpoint, "apiKey": key})


@contextmanager
def run_apis(folder: Path, zone: str = ZONE) -> Iterator[Apis]:
    """Run the stand-ins, each with a zone of the same name that holds a few records."""
    by_name = {name: make(filled_zone(zone)) for name, make in _CLASSES.items()}
    with ExitStack() as opened:
        proxy = opened.enter_context(intercept(folder, *by_name.values()))
        helpers = HostedHelpers(proxy.environ)
        opened.callback(helpers.close)
        yield Apis(by_name, proxy, helpers)


def filled_zone(name: str) -> ApiZone:
    """Return a zone whose records fill more than one small page."""
    zone = ApiZone(name)
    for index in range(5):
        zone.put_record(ResourceRecord(f"host-{index}.{name}.", RecordType.CNAME, "elsewhere.test."))
    return zone
