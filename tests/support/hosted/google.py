"""A local stand-in of Google Cloud DNS's API v1 and of the token endpoint before it."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from certwright.model.records import ResourceRecord
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.pki import rsa_key
from tests.support.hosted.interception import Answer, Call, answer_json
from tests.support.hosted.zone import ApiZone, RecordSet

_TOKEN = "ya29." + "canary-google-access-token" * 5
_PAGE = 3


@dataclass
class Google:
    """The API; zones and record sets come in pages."""

    zone: ApiZone
    hosts: tuple[str, ...] = ("www.googleapis.com", "content.googleapis.com")
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa_key(2048))

    @property
    def credentials(self) -> dict[str, str]:
        """Return credentials that are right."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        known = {"client_email": "dns@p.iam.gserviceaccount.com", "private_key": pem, "project_id": "project-1"}
        return {"serviceAccountKey": json.dumps(known)}

    def put_record(self, record: ResourceRecord, ttl: int = 60) -> None:
        """Set one record as somebody else would."""
        self.zone.put_record(record, ttl)

    def answer(self, call: Call) -> Answer:
        """Answer a request."""
        if call.host == "www.googleapis.com":
            return self._token(call)
        if call.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return _error(401, f"Request had invalid authentication credentials {call.headers['Authorization']}")
        path = call.path.removeprefix("/dns/v1/projects/project-1/managedZones")
        if not path:
            return self._zones(call)
        if path == "/7/changes":
            return self._change(call.json())
        return self._list(call)

    def _token(self, call: Call) -> Answer:
        assertion = parse_qs(call.body.decode())["assertion"][0]
        signed, _, signature = assertion.rpartition(".")
        try:
            self.key.public_key().verify(
                base64.urlsafe_b64decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            said = f"Invalid JWT Signature in {assertion}"
            return answer_json(400, {"error": "invalid_grant", "error_description": said})
        return answer_json(200, {"access_token": _TOKEN, "expires_in": 3599})

    def _zones(self, call: Call) -> Answer:
        if "pageToken" not in call.query:
            others = [{"id": "5", "dnsName": f"{self.zone.name}.", "visibility": "private"}]
            return answer_json(200, {"managedZones": others, "nextPageToken": "more"})
        return answer_json(200, {"managedZones": [{"id": "7", "dnsName": f"{self.zone.name}."}]})

    def _list(self, call: Call) -> Answer:
        wanted = {key: call.query[key] for key in ("name", "type") if key in call.query}
        found = [item for item in map(_shown, self.zone.all()) if wanted.items() <= item.items()]
        start = int(call.query.get("pageToken", 0))
        page: dict[str, Any] = {"rrsets": found[start : start + _PAGE]}
        if len(found) > start + _PAGE:
            page["nextPageToken"] = str(start + _PAGE)
        return answer_json(200, page)

    def _change(self, sent: dict[str, Any]) -> Answer:
        after = ApiZone(self.zone.name, dict(self.zone.sets))
        for item in sent.get("deletions", []):
            wanted = _read(item)
            if after.sets.get((wanted.name, wanted.type)) != wanted:
                return _error(412, f"Precondition not met for 'entity.change.deletions[{wanted.name}]'")
            del after.sets[wanted.name, wanted.type]
        for item in sent.get("additions", []):
            wanted = _read(item)
            if (wanted.name, wanted.type) in after.sets:
                return _error(409, "The resource 'entity.change.additions[0]' already exists")
            if after.conflicts(wanted.name, wanted.type):
                return _error(400, "The resource record set is invalid because a CNAME conflicts with it.")
            after.put(wanted)
        self.zone.sets = after.sets
        return answer_json(200, {"status": "pending", "id": "1"})


def _shown(item: RecordSet) -> dict[str, Any]:
    return {"name": item.name, "type": item.type, "ttl": item.ttl, "rrdatas": list(item.values)}


def _read(item: dict[str, Any]) -> RecordSet:
    return RecordSet(item["name"], item["type"], item["ttl"], tuple(item["rrdatas"]))


def _error(status: int, message: str) -> Answer:
    return answer_json(status, {"error": {"code": status, "message": message, "errors": [{"message": message}]}})
