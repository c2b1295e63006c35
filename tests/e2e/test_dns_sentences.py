"""The sentences of docs/DNS-BEHAVIOUR.md as `pulumi up` shows them: which server, and what it said."""

from collections.abc import Callable

import dns.message

from tests.support.nameserver import Act, Reply, name_server, says
from tests.support.programs import certificate, program, validation
from tests.support.stack import Stack

REFUSING, SILENT = "www.refusing.example", "www.silent.example"


def refuses_or_says_nothing(query: dns.message.Message, over_tcp: bool) -> Reply:  # noqa: FBT001 - as all behaviours
    if "silent" in query.question[0].name.to_text():
        return Act.SILENCE
    return says(rcode="REFUSED")(query, over_tcp)


def test_up_says_which_server_refused_and_which_said_nothing(new_stack: Callable[..., Stack]) -> None:
    with name_server(refuses_or_says_nothing) as server:
        stack = new_stack(CERTWRIGHT_RESOLVERS=str(server.address), CERTWRIGHT_PREFLIGHT="false")
        entries = [
            entry
            for resource, name in (("refused", REFUSING), ("silent", SILENT))
            for entry in (certificate([name], resource), validation(resource=resource, timeout="8s"))
        ]
        stack.write(program(*entries))
        said = stack.up().require_failed().messages
        resources = stack.resources()
    for resource, reason in (("refused", "REFUSED"), ("silent", "no answer by UDP, no answer by TCP")):
        (option,) = resources[resource]["outputs"]["domainValidationOptions"]
        record = option["resourceRecordName"]
        assert f"no server could be asked for {record} CNAME ({server.address}: {reason})" in said
        assert resources[resource]["outputs"]["status"] == "PENDING_VALIDATION"
