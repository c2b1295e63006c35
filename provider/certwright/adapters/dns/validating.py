"""Questions to a recursive server that validates DNSSEC (ports.resolver.ValidatingResolver)."""

import dns.message
import dns.query

from certwright.adapters.dns.answers import read_validated
from certwright.adapters.dns.authoritative import NameServer, domain_of
from certwright.adapters.dns.exchange import Question, TlsTrust, Unanswered, ask_over_tls, ask_plainly
from certwright.adapters.dns.workers import Allowance, FairWorkers, await_all
from certwright.model.records import RecordType, ServerFailure, ValidatedReply
from certwright.ports.clock import Cancellation

_QUESTIONS, _QUESTIONS_FOR_EACH = 64, 16


class RecursiveValidator:
    """Ask by UDP and TCP (for loopback alone) or, with `over_tls`, by TLS to a server that proves who it is."""

    def __init__(self, server: NameServer, over_tls: TlsTrust | None = None) -> None:
        self._server = server
        self._over_tls = over_tls
        self._questions = FairWorkers("dns-validating", _QUESTIONS, _QUESTIONS_FOR_EACH)

    def ask(self, name: str, rtype: RecordType, budget: float, cancellation: Cancellation) -> ValidatedReply:
        """Return the server's reply to a question with DO=1."""
        allowed = Allowance(budget)
        asked = self._questions.submit(domain_of(name), lambda: self._reply(name, rtype, allowed.asking_until))
        reply = await_all([asked], allowed.deadline, cancellation)[0]
        return reply if reply is not None else ServerFailure(str(self._server), f"no answer within {budget:g} s")

    def close(self) -> None:
        """Stop asking; questions under way end by their deadline and keep no process alive."""
        self._questions.close()

    def _reply(self, name: str, rtype: RecordType, deadline: float) -> ValidatedReply:
        question = Question(name, rtype, is_recursive=True, with_dnssec=True)
        try:
            response = self._exchange(question, deadline)
        except Unanswered as error:
            return ServerFailure(str(self._server), str(error))
        return read_validated(str(self._server), response, name, rtype)

    def _exchange(self, question: Question, deadline: float) -> dns.message.Message:
        if self._over_tls is None:
            return ask_plainly(self._server.endpoint, question, deadline)
        return ask_over_tls(self._server.endpoint, self._over_tls, question, deadline)


def trust_of(identity: str) -> TlsTrust:
    """Return the trust in whoever shows a certificate for `identity` by the machine's root certificates."""
    return TlsTrust(identity, dns.query.make_ssl_context(alpns=["dot"]))
