"""The contract of ports.resolver.ValidatingResolver, over a resolver's double on loopback, by plain DNS and by TLS."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from certwright.adapters.dns.exchange import TlsTrust
from certwright.adapters.dns.validating import RecursiveValidator, trust_of
from certwright.adapters.system import EventCancellation
from certwright.errors import Cancelled
from certwright.model.records import (
    AnswerRecord,
    CaaRecord,
    RecordType,
    ServerAnswer,
    ServerFailure,
    ValidatedAnswer,
    ValidatedReply,
)

from tests.support.dot import tls_server
from tests.support.nameserver import (
    Act,
    Behaviour,
    Reply,
    RunningServer,
    acts,
    name_server,
    recurses,
    sends,
    truncated,
    with_wrong_id,
)

NAME = "_n.example.test."
HOST = "dns.example.test"
CNAME = AnswerRecord(NAME, RecordType.CNAME, "_v.test.", 60)
RECORD = f"{NAME} 60 CNAME _v.test."
SIGNATURE = f"{NAME} 60 RRSIG CNAME 13 3 60 20300101000000 20200101000000 1 example.test. AAAA"


@contextmanager
def plain(behaviour: Behaviour, _: Path) -> Iterator[tuple[RecursiveValidator, RunningServer]]:
    with name_server(behaviour) as server:
        yield RecursiveValidator(server.address), server


@contextmanager
def over_tls(behaviour: Behaviour, folder: Path) -> Iterator[tuple[RecursiveValidator, RunningServer]]:
    with tls_server(folder, behaviour, HOST) as running:
        context = dns.query.make_ssl_context(verify=str(running.roots), alpns=["dot"])
        yield RecursiveValidator(running.address, TlsTrust(HOST, context)), running.server


WAYS = pytest.mark.parametrize("way", [plain, over_tls], ids=["plain DNS", "TLS"])
Way = Callable[[Behaviour, Path], AbstractContextManager[tuple[RecursiveValidator, RunningServer]]]


def ask(
    resolver: RecursiveValidator, rtype: RecordType = RecordType.CNAME, budget: float = 3.0, name: str = NAME
) -> ValidatedReply:
    return resolver.ask(name, rtype, budget, EventCancellation())


ANSWERS: dict[str, tuple[Behaviour, str, tuple[AnswerRecord, ...], bool]] = {
    "signed record": (recurses(RECORD, SIGNATURE, ad=True), "NOERROR", (CNAME,), True),
    "record without signature": (recurses(RECORD), "NOERROR", (CNAME,), False),
    "signed absence": (recurses(rcode="NXDOMAIN", ad=True), "NXDOMAIN", (), True),
    "absence without signature": (recurses(), "NOERROR", (), False),
}


@WAYS
@pytest.mark.parametrize(("behaviour", "rcode", "records", "is_secure"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_is_told_with_the_verdict_on_its_signatures_for_a(
    way: Way,
    tmp_path: Path,
    behaviour: Behaviour,
    rcode: str,
    records: tuple[AnswerRecord, ...],
    is_secure: bool,  # noqa: FBT001 - a column of the table
) -> None:
    with way(behaviour, tmp_path) as (resolver, server):
        expected = ServerAnswer(str(server.address), rcode, records)
        assert ask(resolver) == ValidatedAnswer(expected, is_secure)


@WAYS
def test_a_question_is_recursive_and_asks_for_signatures(way: Way, tmp_path: Path) -> None:
    with way(recurses(RECORD), tmp_path) as (resolver, server):
        ask(resolver)
    ((_, query),) = server.asked
    assert query.question[0].to_text() == f"{NAME} IN CNAME"
    assert query.flags & dns.flags.RD
    assert not query.flags & dns.flags.CD
    assert query.ednsflags & dns.flags.DO


def bogus(query: dns.message.Message, _: bool) -> Reply:  # noqa: FBT001 - the type of all behaviours
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.SERVFAIL)
    response.use_edns(options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS, "no \x1b[2Jkey")])
    return response.to_wire()


FAILURES: dict[str, tuple[Behaviour, str]] = {
    "bogus signatures": (bogus, r"SERVFAIL (DNSSEC BOGUS: no \x1b[2Jkey)"),
    "SERVFAIL without a word": (recurses(rcode="SERVFAIL"), "SERVFAIL"),
    "a refusal": (recurses(rcode="REFUSED"), "REFUSED"),
    "another rcode": (recurses(rcode="FORMERR"), "FORMERR"),
    "another name's record": (recurses("other.test. 60 CNAME _v.test.", ad=True), "answered for another name"),
}


@WAYS
@pytest.mark.parametrize(("behaviour", "reason"), FAILURES.values(), ids=FAILURES.keys())
def test_no_answer_is(way: Way, tmp_path: Path, behaviour: Behaviour, reason: str) -> None:
    with way(behaviour, tmp_path) as (resolver, server):
        assert ask(resolver) == ServerFailure(str(server.address), reason)


@WAYS
@pytest.mark.parametrize(
    "behaviour",
    [acts(Act.SILENCE), acts(Act.HANG_UP), sends(b"junk"), with_wrong_id(recurses(RECORD, ad=True))],
    ids=["silent", "closes the connection", "sends junk", "answers under another id"],
)
def test_a_resolver_is_of_no_use_in_time_that(way: Way, tmp_path: Path, behaviour: Behaviour) -> None:
    start = time.monotonic()
    with way(behaviour, tmp_path) as (resolver, _):
        assert isinstance(ask(resolver, budget=0.5), ServerFailure)
    assert time.monotonic() - start < 1.5


def test_a_cut_answer_is_asked_for_again_by_tcp(tmp_path: Path) -> None:
    with plain(truncated(recurses(RECORD, ad=True)), tmp_path) as (resolver, server):
        reply = ask(resolver)
    assert isinstance(reply, ValidatedAnswer)
    assert reply.is_secure
    assert [transport for transport, _ in server.asked] == ["UDP", "TCP"]


def test_caa_behind_an_alias_is_told(tmp_path: Path) -> None:
    chain = recurses(f"{NAME} 60 CNAME a.test.", 'a.test. 60 CAA 0 issue "ca.test"', ad=True)
    with plain(chain, tmp_path) as (resolver, _):
        reply = ask(resolver, RecordType.CAA)
    assert isinstance(reply, ValidatedAnswer)
    assert reply.answer.caa == (CaaRecord(critical=False, tag="issue", value="ca.test"),)


@WAYS
def test_cancelling_ends_the_wait(way: Way, tmp_path: Path) -> None:
    cancellation = EventCancellation()
    with way(acts(Act.SILENCE), tmp_path) as (resolver, _):
        threading.Timer(0.2, cancellation.cancel).start()
        start = time.monotonic()
        with pytest.raises(Cancelled):
            resolver.ask(NAME, RecordType.CNAME, 30.0, cancellation)
        assert time.monotonic() - start < 0.7


def test_a_closed_resolver_asks_nothing_more(tmp_path: Path) -> None:
    with plain(recurses(RECORD), tmp_path) as (resolver, server):
        resolver.close()
        with pytest.raises(Cancelled):
            ask(resolver)
        assert server.asked == []


@pytest.mark.parametrize("identity", ["other.example.test", "127.0.0.1"], ids=["another name", "an address"])
def test_a_certificate_for_somebody_else_is_not_believed_by_who_expects(tmp_path: Path, identity: str) -> None:
    with tls_server(tmp_path, recurses(RECORD, ad=True), HOST) as running:
        context = dns.query.make_ssl_context(verify=str(running.roots), alpns=["dot"])
        reply = ask(RecursiveValidator(running.address, TlsTrust(identity, context)))
        assert running.server.asked == []
    assert isinstance(reply, ServerFailure)
    assert "certificate" in reply.reason.lower()


def test_a_certificate_of_an_unknown_ca_is_not_believed(tmp_path: Path) -> None:
    with tls_server(tmp_path, recurses(RECORD, ad=True), HOST) as running:
        reply = ask(RecursiveValidator(running.address, trust_of(HOST)))
        assert running.server.asked == []
    assert isinstance(reply, ServerFailure)
    assert reply.reason.isprintable()


def test_a_server_that_speaks_no_tls_is_not_believed() -> None:
    with name_server(recurses(RECORD, ad=True)) as server:
        assert isinstance(ask(RecursiveValidator(server.address, trust_of(HOST)), budget=1.0), ServerFailure)
