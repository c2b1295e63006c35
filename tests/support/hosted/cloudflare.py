"""A local stand-in of Cloudflare's API v4: zones and DNS records, with its pages, limits and error codes."""

from dataclasses import dataclass, field
from itertools import count

from certwright.model.records import ResourceRecord

from tests.support.hosted.interception import Answer, Call, answer_json
from tests.support.hosted.zone import ApiZone, RecordSet

TOKEN = "canary-cloudflare-token"
_OTHERS = 120


@dataclass
class Cloudflare:
    """The API; the zone is on the second page of the account's zones."""

    zone: ApiZone
    hosts: tuple[str, ...] = ("api.cloudflare.com",)
    ids: dict[str, tuple[str, str]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def credentials(self) -> dict[str, str]:
        """Return credentials that are right."""
        return {"apiToken": TOKEN}

    def put_record(self, record: ResourceRecord, ttl: int = 60) -> None:
        """Set one record as somebody else would."""
        self.zone.put_record(record, ttl)

    def answer(self, call: Call) -> Answer:
        """Answer a request."""
        if call.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _error(403, 10000, "Authentication error")
        parts = call.path.removeprefix("/client/v4/").split("/")
        if parts == ["zones"]:
            return self._zones(call)
        if parts[:2] != ["zones", "zone-of-ours"]:
            return _error(404, 7003, "Could not route to this zone, perhaps your object identifier is invalid?")
        if len(parts) == 2:
            return answer_json(200, {"success": True, "result": {"id": "zone-of-ours", "name": self.zone.name}})
        return self._records(call, *parts[3:])

    def _zones(self, call: Call) -> Answer:
        zones: list[dict[str, object]] = [{"id": f"zone-{index}", "name": f"{index}.test"} for index in range(_OTHERS)]
        return _page([*zones, {"id": "zone-of-ours", "name": self.zone.name}], call)

    def _records(self, call: Call, record_id: str = "") -> Answer:
        if call.method == "GET":
            wanted = {key: call.query[key] for key in ("type", "name", "content") if key in call.query}
            return _page([item for item in self._all() if wanted.items() <= item.items()], call)
        if call.method == "POST":
            return self._write(call)
        known = {str(item["id"]): item for item in self._all()}.get(record_id)
        if known is None:
            return _error(404, 81044, "Record does not exist.")
        if call.method == "PUT":
            return self._write(call, record_id)
        del self.zone.sets[f"{known['name']}.", str(known["type"])]
        return answer_json(200, {"success": True, "result": {"id": record_id}})

    def _write(self, call: Call, record_id: str = "") -> Answer:
        sent = call.json()
        name, rtype, ttl = f"{sent['name'].lower()}.", sent["type"], sent.get("ttl", 1)
        if ttl != 1 and not 60 <= ttl <= 86_400:
            return _error(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        if (not record_id and (name, rtype) in self.zone.sets) or self.zone.conflicts(name, rtype):
            return _error(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")
        value = f"{sent['content'].rstrip('.')}." if rtype == "CNAME" else f'"{sent["content"]}"'
        self.zone.put(RecordSet(name, rtype, ttl, (value,)))
        return answer_json(200, {"success": True, "result": {"id": self._id(name, rtype)}})

    def _all(self) -> list[dict[str, object]]:
        return [
            {
                "id": self._id(item.name, item.type),
                "name": item.name.removesuffix("."),
                "type": item.type,
                "content": value.removesuffix("."),
                "ttl": item.ttl,
                "proxied": False,
            }
            for item in self.zone.all()
            for value in item.values
        ]

    def _id(self, name: str, rtype: str) -> str:
        for known, key in self.ids.items():
            if key == (name, rtype):
                return known
        made = f"record-{next(self._numbers)}"
        self.ids[made] = (name, rtype)
        return made


def _page(items: list[dict[str, object]], call: Call) -> Answer:
    page, size = int(call.query.get("page", 1)), min(int(call.query.get("per_page", 20)), 100)
    shown = items[(page - 1) * size : page * size]
    info = {"page": page, "per_page": size, "total_pages": max(1, -(-len(items) // size)), "count": len(shown)}
    return answer_json(200, {"success": True, "errors": [], "result": shown, "result_info": info})


def _error(status: int, code: int, message: str) -> Answer:
    return answer_json(status, {"success": False, "errors": [{"code": code, "message": message}], "result": None})
