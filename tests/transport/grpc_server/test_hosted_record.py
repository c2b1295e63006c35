"""ValidationRecord in a hosted zone, through the provider's own protocol; Cloudflare's API is a local stand-in."""

import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from certwright.adapters.dns import hosted
from pulumi.runtime.proto import provider_pb2

from tests.support.hosted.cloudflare import TOKEN
from tests.support.hosted.interception import Answer
from tests.support.hosted.places import Apis, run_apis
from tests.support.hosted.zone import ApiZone
from tests.transport import wire
from tests.transport.engine import RECORD, Engine, changed, engine, refused
from tests.transport.homes import dump, rows
from tests.transport.wire import UNKNOWN, Json, plain, secret, struct

NAME, VALUE = "_x.www.example.com.", "_y.validations.internal."
ID = "example.com/_x.www.example.com/CNAME"
HOST = "api.cloudflare.com"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    with run_apis(tmp_path_factory.mktemp("apis"), "example.com") as apis:
        yield apis


@pytest.fixture
def apis(running: Apis) -> Apis:
    running.reset()
    return running


@pytest.fixture
def zone(apis: Apis) -> ApiZone:
    return apis.by_name["cloudflare"].zone


@pytest.fixture
def up(apis: Apis, environ: dict[str, str]) -> Iterator[Engine]:
    """Configure a provider whose way to the providers' APIs leads to the stand-ins."""
    with engine({**environ, **apis.proxy.environ}) as running:
        running.configure()
        yield running


def target(**credentials: object) -> Json:
    return {"provider": "cloudflare", "credentials": {"apiToken": secret(TOKEN), **credentials}}


def record(**values: object) -> Json:
    declared = {"zone": "example.com", "name": NAME, "type": "CNAME", "value": VALUE}
    return {**declared, "hosted": target(), **values}


def test_create_publishes_the_record(up: Engine, zone: ApiZone) -> None:
    made = up.create(RECORD, record(ttl=120))
    assert (made.id, made.outputs["fqdn"], zone.values(NAME)) == (ID, NAME.removesuffix("."), [VALUE])
    assert zone.sets[NAME, "CNAME"].ttl == 120


def test_the_target_is_a_secret_output_whether_or_not_it_was_given_as_one(up: Engine) -> None:
    made = up.create(RECORD, record(hosted={"provider": "cloudflare", "credentials": {"apiToken": TOKEN}}))
    assert wire.is_secret(made.wire, "hosted")
    assert made.outputs["hosted"]["credentials"] == {"apiToken": TOKEN}


def test_check_keeps_the_target_secret(up: Engine) -> None:
    inputs = up.check(RECORD, record(hosted={"provider": "cloudflare", "credentials": {"apiToken": TOKEN}})).inputs
    assert wire.is_secret(inputs, "hosted")


def test_an_identical_record_is_adopted(up: Engine, zone: ApiZone, apis: Apis) -> None:
    up.create(RECORD, record(), name="first")
    apis.proxy.calls.clear()
    up.create(RECORD, record(), name="second")
    assert [line for line in up.log.lines("INFO") if "is adopted" in line]
    assert {call.method for call in apis.proxy.calls} == {"GET"}
    assert zone.values(NAME) == [VALUE]


def test_a_record_of_somebody_else_is_refused_with_both_values(up: Engine, zone: ApiZone) -> None:
    up.create(RECORD, record(value="_foreign.test."), name="other")
    with refused() as found:
        up.create(RECORD, record())
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert VALUE in found[0].sentence
    assert "_foreign.test." in found[0].sentence
    assert zone.values(NAME) == ["_foreign.test."]


def test_the_configurations_target_serves_records_without_one(up: Engine, zone: ApiZone) -> None:
    up.configure(hosted=target())
    up.create(RECORD, {name: value for name, value in record().items() if name != "hosted"})
    assert zone.values(NAME) == [VALUE]


def test_preview_sends_and_stores_nothing(up: Engine, apis: Apis, home: Path) -> None:
    before = dump(home)
    found = up.preview(RECORD, record())
    assert (found["fqdn"], apis.proxy.calls, dump(home) == before) == (NAME.removesuffix("."), [], True)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"provider": "cloudflare", "credentials": {"apiToken": UNKNOWN}}, id="a token"),
        pytest.param({"provider": "cloudflare", "credentials": UNKNOWN}, id="all credentials"),
        pytest.param({"provider": UNKNOWN, "credentials": {"apiToken": "x"}}, id="a provider"),
        pytest.param(UNKNOWN, id="the target"),
    ],
)
def test_what_is_not_known_yet_is_no_fault_and_previews(up: Engine, values: object) -> None:
    assert up.faults(RECORD, record(hosted=values)) == {}
    assert up.preview(RECORD, record(hosted=values))["fqdn"] == NAME.removesuffix(".")


@pytest.mark.parametrize(
    ("values", "path", "said"),
    [
        pytest.param(
            {"hosted": {"provider": "cloudfare", "credentials": {}}},
            "hosted.provider",
            "Use one of cloudflare, route53, google, azure, powerdns.",
            id="a provider misspelt",
        ),
        pytest.param(
            {"hosted": {"provider": "route53", "credentials": {"accessKeyId": "A"}}},
            "hosted.credentials",
            "secretAccessKey is missing [MISSING]. Route 53 needs accessKeyId",
            id="a credential missing",
        ),
        pytest.param({"hosted": target(authToken="x")}, "hosted.credentials.authToken", "apiToken", id="another name"),
        pytest.param({"ttl": 30}, "ttl", "60 to 86400", id="a TTL that Cloudflare does not take"),
        pytest.param(
            {"rfc2136": {"server": "192.0.2.1", "keyName": "k", "keySecret": "c2VjcmV0"}},
            "hosted",
            "Set one of hosted and rfc2136",
            id="two targets",
        ),
    ],
)
def test_a_fault_has_its_path_and_says_what_to_write(up: Engine, values: Json, path: str, said: str) -> None:
    found = up.faults(RECORD, record(**values))
    assert list(found) == [path]
    assert said in found[path]


def test_a_record_without_any_target_is_told_of_both_ways(up: Engine) -> None:
    found = up.faults(RECORD, {name: value for name, value in record().items() if name != "hosted"})
    assert "certwright:hosted" in next(iter(found.values()))


def test_a_missing_library_is_told_in_preview(up: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hosted._LIBRARIES, "no_such_module", "no-such-package")
    with refused() as found:
        up.preview(RECORD, record())
    assert "pip install 'certwright[dns]'" in found[0].sentence


def test_an_update_changes_value_and_life(up: Engine, zone: ApiZone) -> None:
    made = up.create(RECORD, record())
    up.update(RECORD, made, record(value="_z.internal.", ttl=60))
    assert (zone.values(NAME), zone.sets[NAME, "CNAME"].ttl) == (["_z.internal."], 60)


def test_another_token_is_an_update_and_the_same_one_is_none(up: Engine) -> None:
    made = up.create(RECORD, record())
    assert changed(up.diff(RECORD, made, record())) == {}
    assert changed(up.diff(RECORD, made, record(hosted=target(apiToken="other")))) == {"hosted": "UPDATE"}


def test_a_refresh_changes_nothing(up: Engine) -> None:
    made = up.create(RECORD, record())
    found = up.read(RECORD, made.id, made.outputs, made.inputs)
    assert (found.id, plain(found.properties), plain(found.inputs)) == (ID, made.outputs, plain(struct(made.inputs)))
    assert wire.is_secret(found.inputs, "hosted")


def test_a_record_that_left_the_zone_is_gone(up: Engine, zone: ApiZone) -> None:
    made = up.create(RECORD, record())
    del zone.sets[NAME, "CNAME"]
    assert up.read(RECORD, made.id, made.outputs, made.inputs).id == ""


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_an_api_that_answers_with_an_error_never_makes_a_record_gone(up: Engine, apis: Apis, status: int) -> None:
    made = up.create(RECORD, record())
    apis.proxy.answers[HOST] = Answer(status, b"{}")
    with refused() as found:
        up.read(RECORD, made.id, made.outputs, made.inputs)
    assert f"HTTP {status}" in found[0].sentence


def test_an_import_takes_the_configurations_target(up: Engine) -> None:
    up.configure(hosted=target())
    up.create(RECORD, record())
    found = up.read(RECORD, ID, {}, {})
    assert plain(found.inputs) == {"zone": "example.com", "name": "_x.www.example.com", "type": "CNAME", "value": VALUE}


def test_deleting_keeps_a_record_that_another_resource_holds(up: Engine, zone: ApiZone, home: Path) -> None:
    first = up.create(RECORD, record(), name="first")
    second = up.create(RECORD, record(), name="second")
    up.delete(RECORD, first, name="first")
    assert zone.values(NAME) == [VALUE]
    up.delete(RECORD, second, name="second")
    assert (zone.values(NAME), rows(home, "zone_record_holds")) == ([], [])


def test_a_silent_api_is_told_in_the_status_line_and_left_at_cancel(up: Engine, apis: Apis) -> None:
    apis.proxy.silent.add(HOST)
    urn = "urn:pulumi:dev::project::certwright:index:ValidationRecord::web"
    call = up.stub.Create.future(provider_pb2.CreateRequest(urn=urn, properties=struct(record())))
    while not up.log.statuses():
        assert not call.done()
        time.sleep(0.05)
    up.provider.Cancel(None, None)  # type: ignore[arg-type]
    assert call.exception(timeout=5) is not None
    assert "Waiting for Cloudflare (zone example.com): _x.www.example.com." in up.log.statuses()[0]


def test_a_wrong_token_is_refused_and_nowhere_shown(up: Engine, home: Path) -> None:
    wrong = "canary-wrong-token"
    with refused() as found:
        up.create(RECORD, record(hosted=target(apiToken=secret(wrong))))
    assert "HTTP 403" in found[0].sentence
    assert "Authentication error" in found[0].sentence
    shown = [found[0].sentence, *(item.message for item in up.log.requests)]
    shown += [file.read_bytes().decode("latin-1") for file in home.rglob("*") if file.is_file()]
    assert not [text for text in shown if wrong in text]
