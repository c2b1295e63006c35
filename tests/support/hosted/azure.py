"""A local stand-in of Azure DNS's API of 2018-05-01 and of the token endpoint before it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from certwright.model.records import ResourceRecord

from tests.support.hosted.interception import Answer, Call, answer_json
from tests.support.hosted.zone import ApiZone, RecordSet

SECRET = "canary~azure~client~secret"
_TOKEN = "canary-azure-access-token." * 4
_GROUP = "/subscriptions/subscription-1/resourceGroups/dns-zones/providers/Microsoft.Network/dnsZones"
_PAGE = 3


@dataclass
class Azure:
    """The API; zones and record sets come in pages."""

    zone: ApiZone
    hosts: tuple[str, ...] = ("login.microsoftonline.com", "management.azure.com")

    @property
    def credentials(self) -> dict[str, str]:
        """Return credentials that are right."""
        return {
            "tenantId": "tenant-1",
            "clientId": "client-1",
            "clientSecret": SECRET,
            "subscriptionId": "subscription-1",
            "resourceGroup": "dns-zones",
        }

    def put_record(self, record: ResourceRecord, ttl: int = 60) -> None:
        """Set one record as somebody else would."""
        self.zone.put_record(record, ttl)

    def answer(self, call: Call) -> Answer:
        """Answer a request."""
        if call.host == "login.microsoftonline.com":
            return self._token(call)
        if call.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return _error(401, "AuthenticationFailed", "Authentication failed.")
        if call.path == _GROUP:
            return self._zones(call)
        path = call.path.removeprefix(f"{_GROUP}/{self.zone.name}/")
        if path == call.path:
            return _error(404, "ResourceNotFound", "The Resource was not found.")
        return self._records(call, *path.split("/"))

    def _token(self, call: Call) -> Answer:
        sent = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        if sent["client_secret"] != SECRET:
            said = f"AADSTS7000215: Invalid client secret provided: {sent['client_secret']}"
            return answer_json(401, {"error": "invalid_client", "error_description": said})
        return answer_json(200, {"access_token": _TOKEN})

    def _zones(self, call: Call) -> Answer:
        if "page" not in call.query:
            link = f"https://management.azure.com{_GROUP}?api-version=2018-05-01&page=2"
            return answer_json(200, {"value": [{"id": f"{_GROUP}/other.test", "name": "other.test"}], "nextLink": link})
        return answer_json(200, {"value": [{"id": f"{_GROUP}/{self.zone.name}", "name": self.zone.name}]})

    def _records(self, call: Call, rtype: str, name: str = "") -> Answer:
        if not name:
            return self._list(call, rtype)
        owner = f"{name}.{self.zone.name}."
        if call.method == "DELETE":
            self.zone.sets.pop((owner, rtype), None)
            return Answer(200, b"")
        if self.zone.conflicts(owner, rtype):
            return _error(400, "BadRequest", "A record set of type CNAME cannot stand beside others of its name.")
        properties = call.json()["properties"]
        values = _values(rtype, properties)
        self.zone.put(RecordSet(owner, rtype, properties["TTL"], values))
        return answer_json(200, {"name": name})

    def _list(self, call: Call, rtype: str) -> Answer:
        found = [self._shown(item) for item in self.zone.all() if rtype in {"recordsets", item.type}]
        start = int(call.query.get("skip", 0))
        page: dict[str, Any] = {"value": found[start : start + _PAGE]}
        if len(found) > start + _PAGE:
            page["nextLink"] = f"https://management.azure.com{call.path}?api-version=x&skip={start + _PAGE}"
        return answer_json(200, page)

    def _shown(self, item: RecordSet) -> dict[str, Any]:
        if item.type == "CNAME":
            content: dict[str, Any] = {"CNAMERecord": {"cname": item.values[0].removesuffix(".")}}
        else:
            content = {"TXTRecords": [{"value": [value.strip('"')]} for value in item.values]}
        relative = item.name.removesuffix(f".{self.zone.name}.")
        kind = f"Microsoft.Network/dnszones/{item.type}"
        return {"name": relative, "type": kind, "properties": {"TTL": item.ttl, **content}}


def _values(rtype: str, properties: dict[str, Any]) -> tuple[str, ...]:
    if rtype == "CNAME":
        return (f"{properties['CNAMERecord']['cname'].rstrip('.')}.",)
    return tuple(f'"{text}"' for entry in properties["TXTRecords"] for text in entry["value"])


def _error(status: int, code: str, message: str) -> Answer:
    return answer_json(status, {"error": {"code": code, "message": message}})
