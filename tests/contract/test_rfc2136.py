"""What Rfc2136Writer makes of a primary that misbehaves, and of targets that only it can be given."""

from dataclasses import replace

import dns.flags
import dns.message
import dns.rcode
import pytest
from certwright.adapters.dns.rfc2136 import Rfc2136Writer
from certwright.errors import CertwrightError, LookupFailed
from certwright.model.records import RecordType, ResourceRecord
from certwright.model.secret import SecretBytes
from certwright.model.zone_records import Rfc2136Target

from tests.support.nameserver import Act, Behaviour, acts, name_server, sends

RECORD = ResourceRecord("_n.example.test.", RecordType.CNAME, "_v.test.")
SECRET = SecretBytes(b"Y2VydHdyaWdodC10ZXN0LXRzaWctc2VjcmV0LTAxMjM=")


def target_at(port: int, server: str = "127.0.0.1") -> Rfc2136Target:
    return Rfc2136Target(server, port, "example.test", "updater", "hmac-sha256", SECRET)


def unsigned(rcode: str) -> Behaviour:
    """Answer without a signature, as anybody on the way could."""

    def reply(query: dns.message.Message, _: bool) -> bytes:  # noqa: FBT001 - the type of all behaviours
        response = dns.message.Message(query.id)
        response.flags = dns.flags.QR | dns.flags.AA | query.opcode() << 11
        response.question = list(query.question)
        response.set_rcode(dns.rcode.from_text(rcode))
        return response.to_wire()

    return reply


@pytest.mark.parametrize(
    "behaviour",
    [acts(Act.HANG_UP), sends(b"junk"), sends(bytes(200))],
    ids=["closes the connection", "sends junk", "sends zeros"],
)
def test_a_primary_is_of_no_use_that(behaviour: Behaviour) -> None:
    with name_server(behaviour) as server:
        writer = Rfc2136Writer(target_at(server.port))
        with pytest.raises(LookupFailed, match=rf"127\.0\.0\.1:{server.port}"):
            writer.add(RECORD, 60)
        with pytest.raises(LookupFailed, match=rf"127\.0\.0\.1:{server.port}"):
            writer.values(RECORD.name, RECORD.type)


def test_success_without_a_signature_is_not_believed() -> None:
    with name_server(unsigned("NOERROR")) as server:
        writer = Rfc2136Writer(target_at(server.port))
        with pytest.raises(CertwrightError):
            writer.add(RECORD, 60)


def test_absence_without_a_signature_is_not_believed() -> None:
    with name_server(unsigned("NXDOMAIN")) as server:
        writer = Rfc2136Writer(target_at(server.port))
        with pytest.raises(CertwrightError):
            writer.values(RECORD.name, RECORD.type)


@pytest.mark.parametrize("rcode", ["REFUSED", "NOTAUTH", "SERVFAIL", "NOTIMP", "FORMERR"])
def test_an_unsigned_refusal_is_an_error_that_names_server_and_zone(rcode: str) -> None:
    with name_server(unsigned(rcode)) as server:
        with pytest.raises(CertwrightError) as raised:
            Rfc2136Writer(target_at(server.port)).add(RECORD, 60)
        assert f"127.0.0.1:{server.port}" in str(raised.value)
        assert "example.test" in str(raised.value)


def test_a_server_may_be_given_by_its_host_name() -> None:
    with name_server(unsigned("REFUSED")) as server:
        with pytest.raises(CertwrightError) as raised:
            Rfc2136Writer(target_at(server.port, "localhost")).add(RECORD, 60)
        assert len(server.asked) == 1
        assert f"localhost:{server.port}" in str(raised.value)


def test_a_host_name_without_address_is_a_failed_look_up() -> None:
    with pytest.raises(LookupFailed, match=r"nowhere\.invalid:53"):
        Rfc2136Writer(target_at(53, "nowhere.invalid")).add(RECORD, 60)


def test_an_algorithm_that_nobody_knows_is_an_error_for_people() -> None:
    with name_server(unsigned("NOERROR")) as server, pytest.raises(CertwrightError, match="hmac-canary"):
        Rfc2136Writer(replace(target_at(server.port), key_algorithm="hmac-canary")).add(RECORD, 60)
