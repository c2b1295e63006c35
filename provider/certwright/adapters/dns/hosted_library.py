"""Providers of dns-lexicon, opened for a zone: runs in the helper process alone, where nothing else is going on.

Its `Client` finds a zone by fetching a list of public suffixes or by asking DNS; the zone is known here, so that the
provider is made directly.
"""

import base64
from collections.abc import Mapping

import boto3
from lexicon._private.discovery import load_provider_module
from lexicon.config import ConfigResolver, DictConfigSource
from lexicon.interfaces import Provider

from certwright.adapters.dns.hosted_messages import Request

_OPTIONS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "cloudflare": ("cloudflare", {"apiToken": "auth_token", "zoneId": "zone_id"}),
    "route53": ("route53", {"zoneId": "zone_id"}),
    "google": ("googleclouddns", {"serviceAccountKey": "auth_service_account_info"}),
    "azure": (
        "azure",
        {
            "tenantId": "auth_tenant_id",
            "clientId": "auth_client_id",
            "clientSecret": "auth_client_secret",
            "subscriptionId": "auth_subscription_id",
            "resourceGroup": "resource_group",
        },
    ),
    "powerdns": ("powerdns", {"endpoint": "pdns_server", "apiKey": "auth_token", "serverId": "pdns_server_id"}),
}
# A private zone of the same name would be taken for the public one otherwise.
_FIXED = {"route53": {"private_zone": "false"}}


def open_zone(request: Request) -> Provider:
    """Return the library's provider for the zone; this asks the API whether zone and credentials are right."""
    name, options = _OPTIONS[request.provider]
    given = {options[key]: _text(key, value) for key, value in request.credentials.items() if key in options}
    config = ConfigResolver().with_dict(  # type: ignore[no-untyped-call]
        {
            "provider_name": name,
            "domain": request.zone,
            "ttl": request.ttl or None,
            name: {**_FIXED.get(request.provider, {}), **given},
        }
    )
    if request.provider == "route53":
        _open_aws_session(request.credentials)
    provider = _class_of(name)(config)
    provider.authenticate()
    return provider


def use_ttl(provider: Provider, ttl: int | None) -> None:
    """Let what the provider does next use a TTL; Route 53 deletes a record only by its own."""
    provider.config.add_config_source(DictConfigSource({"ttl": ttl}), 0)


def _text(credential: str, value: str) -> str:
    if credential == "serviceAccountKey":
        return "base64::" + base64.b64encode(value.encode()).decode()
    return value


def _open_aws_session(credentials: Mapping[str, str]) -> None:
    """Make the session that the library's client takes its credentials from: it knows no session token itself."""
    boto3.setup_default_session(
        aws_access_key_id=credentials["accessKeyId"],
        aws_secret_access_key=credentials["secretAccessKey"],
        aws_session_token=credentials.get("sessionToken"),
        region_name="us-east-1",
    )


def _class_of(name: str) -> type[Provider]:
    found: type[Provider] = load_provider_module(name).Provider
    return _with_foreign_targets(found) if name == "powerdns" else found


def _with_foreign_targets(found: type[Provider]) -> type[Provider]:
    """Let a CNAME point out of the zone: the library puts the zone's name behind any target that lies elsewhere."""

    class _PowerDns(found):  # type: ignore[valid-type, misc]
        def _clean_content(self, rtype: str, content: str) -> str:
            return content.rstrip(".") + "." if rtype == "CNAME" else str(super()._clean_content(rtype, content))

        def _unclean_content(self, rtype: str, content: str) -> str:
            return content if rtype == "CNAME" else str(super()._unclean_content(rtype, content))

    return _PowerDns
