"""The contract of ports.zone_writer.ZoneWriter: over a real Knot, a real PowerDNS by its API, and the fake.

HostedWriter is run over local stand-ins of Cloudflare's, Route 53's, Google's and Azure's APIs too. They follow what
is published of these APIs; nothing here was recorded from the real ones.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
from certwright.adapters.dns.hosted import HostedWriter
from certwright.adapters.dns.rfc2136 import Rfc2136Writer
from certwright.adapters.dns.workers import NEVER
from certwright.errors import CertwrightError, LookupFailed, Refused
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target
from certwright.ports.zone_writer import ZoneWriter

from tests.fakes import FakePrimary
from tests.support.hosted.places import STAND_INS, ZONE, Apis, powerdns_target, run_apis
from tests.support.knot import KEY_ALGORITHM, KEY_NAME, KEY_SECRET, Knot, free_port, start_knot
from tests.support.powerdns import PowerDns, running_powerdns

WRONG_SECRET = base64.b64encode(b"canary-wrong-secret-of-32-octets").decode()
TTLS = {"cloudflare": (60, 300, 86_400)}
Makes = Callable[[Rfc2136Target], ZoneWriter]
_names = count(1)


@pytest.fixture(scope="module")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    try:
        knot = start_knot(tmp_path_factory.mktemp("knot"), [ZONE])
    except RuntimeError as error:
        if "missing" not in str(error):
            raise
        pytest.skip(str(error))
    yield knot
    knot.stop()


@pytest.fixture(params=["knot", "fake"])
def primary(request: pytest.FixtureRequest) -> tuple[Makes, Rfc2136Target]:
    """Give a way to make writers, and the right target for them."""
    target = Rfc2136Target("127.0.0.1", 1, ZONE, KEY_NAME, KEY_ALGORITHM, SecretBytes(KEY_SECRET.encode()))
    if request.param == "fake":
        return FakePrimary(ZONE, KEY_NAME, KEY_SECRET, KEY_ALGORITHM), target
    server: Knot = request.getfixturevalue("knot")
    return Rfc2136Writer, replace(target, port=server.port)


@pytest.fixture(scope="module")
def powerdns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerDns]:
    with running_powerdns(tmp_path_factory.mktemp("powerdns"), [ZONE]) as server:
        yield server


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    with run_apis(tmp_path_factory.mktemp("apis")) as apis:
        yield apis


@pytest.fixture(params=["knot", "fake", "powerdns", *STAND_INS])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def writer(request: pytest.FixtureRequest, place: str) -> ZoneWriter:
    if place in STAND_INS:
        apis: Apis = request.getfixturevalue("apis")
        apis.reset()
        return apis.writer(place)
    if place == "powerdns":
        helpers = request.getfixturevalue("apis").helpers
        return HostedWriter(powerdns_target(request.getfixturevalue("powerdns")), helpers, NEVER, lambda _: None)
    target = Rfc2136Target("127.0.0.1", 1, ZONE, KEY_NAME, KEY_ALGORITHM, SecretBytes(KEY_SECRET.encode()))
    if place == "fake":
        return FakePrimary(ZONE, KEY_NAME, KEY_SECRET, KEY_ALGORITHM)(target)
    server: Knot = request.getfixturevalue("knot")
    return Rfc2136Writer(replace(target, port=server.port))


def make_record(value: str = "_v.test.", rtype: RecordType = RecordType.CNAME) -> ResourceRecord:
    """Make a record under a name that no other test uses."""
    return ResourceRecord(f"_n{next(_names)}.{ZONE}.", rtype, value)


def test_an_added_record_is_held(writer: ZoneWriter) -> None:
    record = make_record()
    assert writer.add(record, 60) is True
    assert writer.values(record.name, RecordType.CNAME) == ("_v.test.",)


def test_a_name_that_is_not_there_holds_nothing(writer: ZoneWriter) -> None:
    name = make_record().name
    assert writer.values(name, RecordType.CNAME) == ()
    assert writer.ttl(name, RecordType.CNAME) is None


@pytest.mark.parametrize("index", range(3), ids=["the shortest", "the default", "the longest"])
def test_a_record_keeps_its_ttl(writer: ZoneWriter, place: str, index: int) -> None:
    record, ttl = make_record(), TTLS.get(place, (1, 300, 604_800))[index]
    writer.add(record, ttl)
    assert writer.ttl(record.name, RecordType.CNAME) == ttl


@pytest.mark.parametrize(
    "other",
    [("_v.test.", RecordType.CNAME), ("_w.test.", RecordType.CNAME), ('"text"', RecordType.TXT)],
    ids=["the same record", "another value", "another type"],
)
def test_nothing_is_added_to_a_name_that_holds(writer: ZoneWriter, other: tuple[str, RecordType]) -> None:
    value, rtype = other
    held = make_record(value, rtype)
    writer.add(held, 60)
    assert writer.add(ResourceRecord(held.name, RecordType.CNAME, "_v.test."), 300) is False
    assert writer.values(held.name, rtype) == (value,)
    assert writer.ttl(held.name, rtype) == 60


def test_a_record_below_a_name_does_not_hold_the_name(writer: ZoneWriter) -> None:
    record = make_record()
    writer.add(ResourceRecord(f"below.{record.name}", RecordType.CNAME, "_w.test."), 60)
    assert writer.add(record, 60) is True


def test_a_text_keeps_its_capitals(writer: ZoneWriter) -> None:
    record = make_record('"MiXeD"', RecordType.TXT)
    writer.add(record, 60)
    assert writer.values(record.name, RecordType.TXT) == ('"MiXeD"',)


@pytest.mark.parametrize("rtype", [RecordType.TXT, RecordType.A])
def test_a_name_holds_nothing_of_a_type_that_it_was_not_given(writer: ZoneWriter, rtype: RecordType) -> None:
    record = make_record()
    writer.add(record, 60)
    assert writer.values(record.name, rtype) == ()
    assert writer.ttl(record.name, rtype) is None


def test_a_replaced_record_has_the_new_value_and_ttl(writer: ZoneWriter) -> None:
    record = make_record()
    writer.add(record, 60)
    writer.replace(replace(record, value="_w.test."), 300)
    assert writer.values(record.name, RecordType.CNAME) == ("_w.test.",)
    assert writer.ttl(record.name, RecordType.CNAME) == 300


def test_a_replacement_where_nothing_was_adds_the_record(writer: ZoneWriter) -> None:
    record = make_record()
    writer.replace(record, 60)
    assert writer.values(record.name, RecordType.CNAME) == ("_v.test.",)


def test_a_replacement_that_cannot_stand_there_is_refused_and_changes_nothing(writer: ZoneWriter) -> None:
    held = make_record('"text"', RecordType.TXT)
    writer.add(held, 60)
    with pytest.raises(CertwrightError, match=ZONE):
        writer.replace(ResourceRecord(held.name, RecordType.CNAME, "_v.test."), 60)
    assert writer.values(held.name, RecordType.TXT) == ('"text"',)


def test_a_removed_record_is_gone(writer: ZoneWriter) -> None:
    record = make_record()
    writer.add(record, 60)
    writer.remove(record)
    assert writer.values(record.name, RecordType.CNAME) == ()


def test_a_record_may_be_removed_twice(writer: ZoneWriter) -> None:
    record = make_record()
    writer.remove(record)
    writer.remove(record)
    assert writer.values(record.name, RecordType.CNAME) == ()


@pytest.mark.parametrize(
    "other",
    [("_w.test.", RecordType.CNAME), ('"text"', RecordType.TXT)],
    ids=["another value", "another type"],
)
def test_removing_a_record_leaves(writer: ZoneWriter, other: tuple[str, RecordType]) -> None:
    value, rtype = other
    held = make_record(value, rtype)
    writer.add(held, 60)
    writer.remove(ResourceRecord(held.name, RecordType.CNAME, "_v.test."))
    assert writer.values(held.name, rtype) == (value,)


CALLS = [
    pytest.param(lambda writer, record: writer.add(record, 60), id="add"),
    pytest.param(lambda writer, record: writer.replace(record, 60), id="replace"),
    pytest.param(lambda writer, record: writer.remove(record), id="remove"),
    pytest.param(lambda writer, record: writer.values(record.name, record.type), id="values"),
    pytest.param(lambda writer, record: writer.ttl(record.name, record.type), id="ttl"),
]
CHANGES = CALLS[:3]
WRONG_KEYS = [
    pytest.param({"key_secret": SecretBytes(WRONG_SECRET.encode())}, id="a wrong secret"),
    pytest.param({"key_name": "somebody"}, id="a wrong name"),
    pytest.param({"key_algorithm": "hmac-sha512"}, id="a wrong algorithm"),
]
Call = Callable[[ZoneWriter, ResourceRecord], object]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("wrong", WRONG_KEYS)
def test_a_key_is_refused_with(
    primary: tuple[Makes, Rfc2136Target], wrong: dict[str, str | SecretBytes], call: Call
) -> None:
    make, target = primary
    with pytest.raises(Refused) as raised:
        call(make(replace(target, **wrong)), make_record())  # type: ignore[arg-type]
    assert f"127.0.0.1:{target.port}" in str(raised.value)
    assert ZONE in str(raised.value)
    assert not any(secret in str(raised.value) for secret in (KEY_SECRET, WRONG_SECRET, "canary"))


@pytest.mark.parametrize(
    "secret", ["canary no base64", "canary=canary", "canary\u2603"], ids=["blanks", "padding inside", "no ASCII"]
)
def test_a_secret_that_is_no_base64_is_refused_and_not_shown(primary: tuple[Makes, Rfc2136Target], secret: str) -> None:
    make, target = primary
    with pytest.raises(Refused) as raised:
        make(replace(target, key_secret=SecretBytes(secret.encode()))).add(make_record(), 60)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("call", CHANGES)
def test_a_zone_that_the_server_does_not_have_is_refused(primary: tuple[Makes, Rfc2136Target], call: Call) -> None:
    make, target = primary
    writer = make(replace(target, zone="elsewhere.test"))
    with pytest.raises(Refused, match=r"elsewhere\.test"):
        call(writer, ResourceRecord("_n.elsewhere.test.", RecordType.CNAME, "_v.test."))


@pytest.mark.parametrize("call", CALLS[3:])
def test_a_name_outside_the_server_s_zones_is_an_error_and_never_absent(writer: ZoneWriter, call: Call) -> None:
    with pytest.raises(CertwrightError):
        call(writer, ResourceRecord("_n.elsewhere.test.", RecordType.CNAME, "_v.test."))


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_is_not_there_is_a_failed_look_up(primary: tuple[Makes, Rfc2136Target], call: Call) -> None:
    make, target = primary
    if isinstance(make, FakePrimary):
        make.is_reachable = False
    else:
        target = replace(target, port=free_port())
    with pytest.raises(LookupFailed, match=rf"127\.0\.0\.1:{target.port}.*{ZONE}"):
        call(make(target), make_record())


def test_a_target_shows_no_secret() -> None:
    target = Rfc2136Target("127.0.0.1", 53, ZONE, KEY_NAME, KEY_ALGORITHM, SecretBytes(b"canary"))
    assert "canary" not in repr(target)
