"""What servers say of CAA, as scripts for the resolver; every builder takes what its test is about."""

from collections.abc import Mapping
from dataclasses import replace

from certwright.core.validation.caa import CaaVerdict, check_caa
from certwright.model.names import DomainName
from certwright.model.policy import CaaPolicy, Policy
from certwright.model.records import AnswerRecord, CaaRecord, RecordType, ServerAnswer, ServerFailure, ServerReply

from tests.fakes import FakeCancellation, ScriptedResolver

ONE, TWO = "ns1.test (192.0.2.1:53)", "ns2.test (192.0.2.2:53)"
ENFORCE = Policy("v.test", ("ca.certwright.test",), CaaPolicy.ENFORCE, (), preflight=True)
WARN = replace(ENFORCE, caa_policy=CaaPolicy.WARN)
UNSET = replace(ENFORCE, caa_policy=CaaPolicy.WARN, caa_identities=())

Script = dict[str, tuple[ServerReply, ...]]


def says(*values: str, server: str = ONE, unparsed: int = 0) -> ServerAnswer:
    """Return an answer with one issue record for each value."""
    return ServerAnswer(
        server, "NOERROR", (), tuple(CaaRecord(critical=False, tag="issue", value=v) for v in values), unparsed
    )


def leads_to(*targets: str, values: tuple[str, ...] = (), server: str = ONE) -> ServerAnswer:
    """Return an answer with a chain of aliases, and what the server knows at its end."""
    chain = tuple(AnswerRecord("alias.test.", RecordType.CNAME, target, 60) for target in targets)
    return replace(says(*values, server=server), records=chain)


def fails(reason: str = "SERVFAIL", server: str = ONE) -> ServerFailure:
    return ServerFailure(server, reason)


def disclaims(server: str = ONE) -> ServerFailure:
    return ServerFailure(server, "REFUSED", is_elsewhere=True)


NOTHING, NOTHING_THERE = says(), says(server=TWO)
OURS, THEIRS = says("ca.certwright.test"), says("letsencrypt.org")


def check(
    script: Mapping[str, tuple[ServerReply, ...]], name: str = "www.example.com", policy: Policy = ENFORCE
) -> tuple[CaaVerdict, list[str]]:
    """Return the verdict and the nodes that were asked, in order; a question beyond the script fails the test."""
    resolver = ScriptedResolver({(node, RecordType.CAA): replies for node, replies in script.items()})
    verdict = check_caa(resolver, DomainName(name), policy, 2.0, FakeCancellation())
    assert {rtype for _, rtype in resolver.asked} <= {RecordType.CAA}
    return verdict, [node for node, _ in resolver.asked]


WWW, APEX, TOP = "www.example.com.", "example.com.", "com."
