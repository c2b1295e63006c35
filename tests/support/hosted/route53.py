"""A local stand-in of Route 53's API of 2013-04-01: hosted zones and record sets in XML, requests signed by SigV4."""

import hashlib
import hmac
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit
from xml.sax.saxutils import escape

from certwright.model.records import ResourceRecord

from tests.support.hosted.interception import Answer, Call
from tests.support.hosted.zone import ApiZone, RecordSet

ACCESS_KEY = "CANARYAKIAEXAMPLE000"
SECRET_KEY = "canary/secret+access/key/of/forty/octets"
SESSION_TOKEN = "canary-session-token"
_SPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
_PAGE = 3


@dataclass
class Route53:
    """The API: a private zone of the same name comes before the public one, and pages are small."""

    zone: ApiZone
    hosts: tuple[str, ...] = ("route53.amazonaws.com",)
    session_token: str = ""

    @property
    def credentials(self) -> dict[str, str]:
        """Return credentials that are right."""
        known = {"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET_KEY}
        return {**known, "sessionToken": self.session_token} if self.session_token else known

    def put_record(self, record: ResourceRecord, ttl: int = 60) -> None:
        """Set one record as somebody else would."""
        self.zone.put_record(record, ttl)

    def answer(self, call: Call) -> Answer:
        """Answer a request."""
        if ACCESS_KEY not in call.headers.get("Authorization", ""):
            message = "The security token included in the request is invalid."
            return _error(403, "InvalidClientTokenId", message)
        if not _is_signed(call) or call.headers.get("X-Amz-Security-Token", "") != self.session_token:
            message = f"The request signature we calculated does not match. The Canonical String was {SECRET_KEY}"
            return _error(403, "SignatureDoesNotMatch", message)
        parts = call.path.removeprefix("/2013-04-01/").rstrip("/").split("/")
        if parts == ["hostedzonesbyname"]:
            return self._zones(call)
        if parts[:2] != ["hostedzone", "ZPUBLIC"]:
            return _error(404, "NoSuchHostedZone", f"No hosted zone found with ID: {parts[1]}")
        if len(parts) == 2:
            return _xml("GetHostedZoneResponse", _hosted_zone("ZPUBLIC", self.zone.name, "false"))
        return self._list(call) if call.method == "GET" else self._change(call)

    def _zones(self, call: Call) -> Answer:
        zones = [("ZOTHER", "another.test", "false"), ("ZPRIVATE", self.zone.name, "true")]
        if "dnsname" in call.query:
            last = _hosted_zone("ZPUBLIC", self.zone.name, "false")
            return _xml(
                "ListHostedZonesByNameResponse",
                f"<HostedZones>{last}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>2</MaxItems>",
            )
        shown = "".join(_hosted_zone(*item) for item in zones)
        more = f"<NextDNSName>{self.zone.name}.</NextDNSName><NextHostedZoneId>ZPUBLIC</NextHostedZoneId>"
        return _xml(
            "ListHostedZonesByNameResponse",
            f"<HostedZones>{shown}</HostedZones><IsTruncated>true</IsTruncated>{more}<MaxItems>2</MaxItems>",
        )

    def _list(self, call: Call) -> Answer:
        start = (call.query.get("name", ""), call.query.get("type", ""))
        rest = [item for item in self.zone.all() if (item.name, item.type) >= start]
        shown, more = rest[:_PAGE], rest[_PAGE:]
        following = "".join(
            f"<NextRecordName>{item.name}</NextRecordName><NextRecordType>{item.type}</NextRecordType>"
            for item in more[:1]
        )
        sets = f"<ResourceRecordSets>{''.join(map(_record_set, shown))}</ResourceRecordSets>"
        body = f"{sets}<IsTruncated>{str(bool(more)).lower()}</IsTruncated>{following}<MaxItems>{_PAGE}</MaxItems>"
        return _xml("ListResourceRecordSetsResponse", body)

    def _change(self, call: Call) -> Answer:
        change = ET.fromstring(call.body).find(f".//{{{_SPACE}}}Change")
        assert change is not None
        action = change.findtext(f"{{{_SPACE}}}Action", "")
        wanted = _read_set(change)
        wrong = self._wrong(action, wanted)
        if wrong:
            shown = f"[name='{wanted.name}', type='{wanted.type}']"
            return _error(400, "InvalidChangeBatch", f"[Tried to {action.lower()} resource record set {shown} {wrong}]")
        if action == "DELETE":
            del self.zone.sets[wanted.name, wanted.type]
        else:
            self.zone.put(wanted)
        info = "<Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt>"
        return _xml("ChangeResourceRecordSetsResponse", f"<ChangeInfo>{info}</ChangeInfo>")

    def _wrong(self, action: str, wanted: RecordSet) -> str:
        held = self.zone.sets.get((wanted.name, wanted.type))
        if action == "DELETE":
            if held is None:
                return "but it was not found"
            return "" if held == wanted else "but the values provided do not match the current values"
        if action == "CREATE" and held is not None:
            return "but it already exists"
        if wanted.type == "CNAME" and len(wanted.values) > 1:
            return "but a CNAME may have one value only"
        is_in_conflict = self.zone.conflicts(wanted.name, wanted.type)
        return "but it conflicts with other records with the same DNS name" if is_in_conflict else ""


def _is_signed(call: Call) -> bool:
    """Say whether a request is signed by the secret (Signature Version 4)."""
    fields = dict(part.strip().split("=", 1) for part in call.headers["Authorization"].split(" ", 1)[1].split(","))
    scope = fields["Credential"].partition("/")[2]
    signed = fields["SignedHeaders"].split(";")
    headers = {name.lower(): value.strip() for name, value in call.headers.items()}
    query = sorted(parse_qsl(urlsplit(call.target).query, keep_blank_values=True))
    canonical = "\n".join(
        (
            call.method,
            call.path,
            "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query),
            *(f"{name}:{headers[name]}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(call.body).hexdigest(),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest))
    key = f"AWS4{SECRET_KEY}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == fields["Signature"]


def _read_set(change: ET.Element) -> RecordSet:
    def text(name: str) -> str:
        return change.findtext(f".//{{{_SPACE}}}{name}", "")

    values = tuple(item.text or "" for item in change.findall(f".//{{{_SPACE}}}Value"))
    return RecordSet(text("Name").lower(), text("Type"), int(text("TTL")), values)


def _record_set(item: RecordSet) -> str:
    values = "".join(f"<ResourceRecord><Value>{escape(value)}</Value></ResourceRecord>" for value in item.values)
    name = item.name.replace("*", "\\052")
    inner = f"<Name>{name}</Name><Type>{item.type}</Type><TTL>{item.ttl}</TTL>"
    return f"<ResourceRecordSet>{inner}<ResourceRecords>{values}</ResourceRecords></ResourceRecordSet>"


def _hosted_zone(zone_id: str, name: str, private: str) -> str:
    config = f"<Config><PrivateZone>{private}</PrivateZone></Config>"
    head = f"<Id>/hostedzone/{zone_id}</Id><Name>{name}.</Name><CallerReference>x</CallerReference>"
    return f"<HostedZone>{head}{config}</HostedZone>"


def _xml(name: str, inner: str) -> Answer:
    return Answer(200, f'<?xml version="1.0"?><{name} xmlns="{_SPACE}">{inner}</{name}>'.encode(), "text/xml")


def _error(status: int, code: str, message: str) -> Answer:
    inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f'<ErrorResponse xmlns="{_SPACE}">{inner}<RequestId>r</RequestId></ErrorResponse>'
    return Answer(status, body.encode(), "text/xml")
