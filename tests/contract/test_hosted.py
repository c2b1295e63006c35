"""What HostedWriter makes of providers' APIs that refuse, fail, hang, race or lie; the APIs are local stand-ins."""

import base64
import threading
from dataclasses import replace
from urllib.parse import quote

import pytest
from certwright.adapters.dns.hosted import HostedWriter
from certwright.adapters.dns.workers import NEVER
from certwright.errors import CertwrightError, LookupFailed, Refused
from certwright.model.records import RecordType, ResourceRecord

from tests.pki import rsa_key
from tests.support.hosted.google import Google
from tests.support.hosted.interception import Answer, Call, answer_json
from tests.support.hosted.places import STAND_INS, ZONE, Apis, target_of
from tests.support.hosted.zone import ApiZone, RecordSet
from tests.support.knot import free_port

RECORD = ResourceRecord(f"_n.{ZONE}.", RecordType.CNAME, "_v.validations.test.")
HOSTS = {
    "cloudflare": "api.cloudflare.com",
    "route53": "route53.amazonaws.com",
    "google": "content.googleapis.com",
    "azure": "management.azure.com",
}
SECRET_NAMES = {
    "cloudflare": "apiToken",
    "route53": "secretAccessKey",
    "google": "serviceAccountKey",
    "azure": "clientSecret",
}
each = pytest.mark.parametrize("provider", STAND_INS)


def wrong_secret(provider: str) -> str:
    """Return a credential of the right form that the API does not know."""
    if provider == "google":
        return Google(ApiZone(ZONE), key=rsa_key(2048, 3)).credentials["serviceAccountKey"]
    return "canary-wrong-secret-0123456789"


@each
def test_wrong_credentials_are_refused_and_nowhere_shown(apis: Apis, provider: str) -> None:
    secret = wrong_secret(provider)
    with pytest.raises(Refused, match=ZONE) as raised:
        apis.writer(provider, changed={SECRET_NAMES[provider]: secret}).add(RECORD, 300)
    for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), "canary", "PRIVATE KEY"):
        assert form not in str(raised.value)


@each
def test_what_an_api_repeats_of_the_credentials_is_cut_out(apis: Apis, provider: str) -> None:
    secret = next(iter(apis.by_name[provider].credentials.values()))
    said = f"Your credentials {secret} do not work"
    xml = f"<ErrorResponse><Error><Code>No</Code><Message>{said}</Message></Error></ErrorResponse>"
    answer = answer_json(403, {"errors": [{"message": said}]})
    apis.proxy.answers[HOSTS[provider]] = Answer(403, xml.encode(), "text/xml") if provider == "route53" else answer
    with pytest.raises(Refused, match="HTTP 403") as raised:
        apis.writer(provider).add(RECORD, 300)
    assert "do not work" in str(raised.value) or provider == "google"
    assert secret not in str(raised.value)
    assert "canary" not in str(raised.value).lower()


@each
def test_a_zone_that_the_account_does_not_have_is_refused(apis: Apis, provider: str) -> None:
    record = replace(RECORD, name="_n.elsewhere.test.")
    with pytest.raises(Refused, match=r"elsewhere\.test"):
        apis.writer(provider, zone="elsewhere.test").values(record.name, record.type)


@pytest.mark.parametrize(
    "name", ["_n.elsewhere.test.", f"_n.other{ZONE}.", "_n.", f"{ZONE}.elsewhere.test."], ids=lambda name: name
)
def test_a_name_outside_the_zone_is_refused_before_anything_is_sent(apis: Apis, name: str) -> None:
    writer = apis.writer("cloudflare")
    with pytest.raises(Refused, match="is not in"):
        writer.values(name, RecordType.CNAME)
    assert apis.proxy.calls == []


@each
def test_an_api_that_asks_to_come_back_later_is_asked_again(apis: Apis, provider: str) -> None:
    said = "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
    busy = Answer(400, said.encode(), "text/xml") if provider == "route53" else Answer(429, b"{}")
    apis.proxy.answers[HOSTS[provider]] = busy
    threading.Timer(1.5, apis.proxy.answers.clear).start()
    assert apis.writer(provider).add(RECORD, 300) is True
    assert apis.by_name[provider].zone.values(RECORD.name) == [RECORD.value]


def test_an_api_that_stays_busy_is_a_failed_look_up(apis: Apis) -> None:
    apis.proxy.answers[HOSTS["cloudflare"]] = Answer(429, b"{}")
    with pytest.raises(LookupFailed, match="HTTP 429"):
        apis.writer("cloudflare").values(RECORD.name, RECORD.type)


@each
@pytest.mark.parametrize("status", [500, 503])
def test_an_api_in_trouble_is_a_failed_look_up_and_never_no_record(apis: Apis, provider: str, status: int) -> None:
    apis.proxy.answers[HOSTS[provider]] = Answer(status, b"<html>try later</html>", "text/html")
    with pytest.raises(LookupFailed, match=f"{status}|not understood"):
        apis.writer(provider).values(RECORD.name, RECORD.type)


@each
@pytest.mark.parametrize("body", [b"", b"{}", b"<html></html>", b'{"result": null}', b"[]"], ids=repr)
def test_an_answer_that_makes_no_sense_is_an_error_and_never_no_record(apis: Apis, provider: str, body: bytes) -> None:
    apis.proxy.answers[HOSTS[provider]] = Answer(200, body)
    with pytest.raises(CertwrightError, match=ZONE):
        apis.writer(provider).values(RECORD.name, RECORD.type)


@each
def test_an_api_that_cannot_be_reached_is_a_failed_look_up(apis: Apis, provider: str) -> None:
    apis.proxy.gone.add(HOSTS[provider])
    with pytest.raises(LookupFailed, match="cannot be reached"):
        apis.writer(provider).values(RECORD.name, RECORD.type)


def test_a_powerdns_that_is_not_there_is_a_failed_look_up(apis: Apis) -> None:
    credentials = {"endpoint": f"http://127.0.0.1:{free_port()}", "apiKey": "canary-key"}
    writer = HostedWriter(target_of("powerdns", ZONE, credentials), apis.helpers, NEVER, lambda _: None)
    with pytest.raises(LookupFailed, match=r"PowerDNS.*cannot be reached") as raised:
        writer.add(RECORD, 300)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("provider", ["cloudflare", "route53", "google"])
def test_a_record_that_appears_after_the_look_is_not_overwritten(apis: Apis, provider: str) -> None:
    stand_in = apis.by_name[provider]
    foreign = replace(RECORD, value="_foreign.test.")
    real = stand_in.answer
    seen: list[Call] = []

    def race(call: Call) -> Answer:
        """Let somebody else be quicker than the first change."""
        if _is_change(call) and not seen:
            seen.append(call)
            stand_in.put_record(foreign)
        return real(call)

    stand_in.answer = race  # type: ignore[method-assign]
    try:
        assert apis.writer(provider).add(RECORD, 300) is False
    finally:
        stand_in.answer = real  # type: ignore[method-assign]
    assert stand_in.zone.values(RECORD.name) == [foreign.value]


def _is_change(call: Call) -> bool:
    return call.method != "GET" and "/token" not in call.path


@pytest.mark.parametrize("provider", ["cloudflare", "route53"])
def test_an_api_that_reports_success_but_does_nothing_is_not_believed(apis: Apis, provider: str) -> None:
    stand_in = apis.by_name[provider]
    real = stand_in.answer

    def lie(call: Call) -> Answer:
        before = dict(stand_in.zone.sets)
        answer = real(call)
        stand_in.zone.sets = before
        return answer

    stand_in.answer = lie  # type: ignore[method-assign]
    try:
        with pytest.raises(Refused, match="holds nothing afterwards"):
            apis.writer(provider).add(RECORD, 300)
    finally:
        stand_in.answer = real  # type: ignore[method-assign]


@each
@pytest.mark.parametrize(
    ("held", "record", "said"),
    [
        pytest.param(RecordSet(RECORD.name, "TXT", 60, ('"a"',)), RECORD, "the name holds TXT", id="another type"),
        pytest.param(
            RecordSet(RECORD.name, "TXT", 60, ('"a"', '"b"')),
            replace(RECORD, type=RecordType.TXT, value='"c"'),
            "the name holds 2 values",
            id="several values",
        ),
    ],
)
def test_a_replacement_is_refused_before_anything_is_changed_where_the_name_holds(
    apis: Apis, provider: str, held: RecordSet, record: ResourceRecord, said: str
) -> None:
    apis.by_name[provider].zone.put(held)
    with pytest.raises(Refused, match=said):
        apis.writer(provider).replace(record, 300)
    assert not [call for call in apis.proxy.calls if _is_change(call)]


def test_route_53_deletes_a_record_whatever_its_ttl(apis: Apis) -> None:
    apis.by_name["route53"].put_record(RECORD, ttl=17)
    apis.writer("route53").remove(RECORD)
    assert apis.by_name["route53"].zone.values(RECORD.name) == []


def test_route_53_takes_temporary_credentials(apis: Apis) -> None:
    route53 = apis.by_name["route53"]
    route53.session_token = "canary-session-token"  # type: ignore[union-attr]
    try:
        assert apis.writer("route53").add(RECORD, 300) is True
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            apis.writer("route53", changed={"sessionToken": "another"}).values(RECORD.name, RECORD.type)
    finally:
        route53.session_token = ""  # type: ignore[union-attr]


def test_route_53_is_asked_for_the_public_zone_of_a_name(apis: Apis) -> None:
    apis.writer("route53").values(RECORD.name, RECORD.type)
    listed = [call.path for call in apis.proxy.calls if "rrset" in call.path]
    assert listed
    assert all("ZPUBLIC" in path for path in listed)


@pytest.mark.parametrize(("provider", "zone_id"), [("cloudflare", "zone-of-ours"), ("route53", "ZPUBLIC")])
def test_a_zone_given_by_its_id_is_not_looked_up(apis: Apis, provider: str, zone_id: str) -> None:
    assert apis.writer(provider, changed={"zoneId": zone_id}).add(RECORD, 300) is True
    assert not [call for call in apis.proxy.calls if call.path.endswith(("/zones", "/hostedzonesbyname"))]


@each
def test_nothing_is_asked_but_the_provider_s_own_api(apis: Apis, provider: str) -> None:
    apis.writer(provider).add(RECORD, 300)
    assert {call.host for call in apis.proxy.calls} <= set(apis.by_name[provider].hosts)
    assert apis.proxy.unknown == []


def test_capitals_and_a_missing_trailing_dot_mean_the_same_record(apis: Apis) -> None:
    cloudflare = apis.by_name["cloudflare"]
    cloudflare.put_record(replace(RECORD, value="_V.Validations.TEST."))
    assert apis.writer("cloudflare").values(RECORD.name, RECORD.type) == (RECORD.value,)


@pytest.mark.parametrize(
    ("provider", "credentials"),
    [("nowhere", {}), ("cloudflare", {}), ("cloudflare", {"apiToken": "canary with blanks"})],
    ids=["a provider that nobody knows", "no credentials", "a token with blanks"],
)
def test_a_target_is_refused_before_anything_is_sent(apis: Apis, provider: str, credentials: dict[str, str]) -> None:
    with pytest.raises(Refused) as raised:
        HostedWriter(target_of(provider, ZONE, credentials), apis.helpers, NEVER, lambda _: None)
    assert "canary" not in str(raised.value)
    assert apis.proxy.calls == []


def test_a_target_shows_no_credential() -> None:
    assert "canary" not in repr(target_of("cloudflare", ZONE, {"apiToken": "canary"}))
