"""Rows of the tables of DNS behaviour: what name servers do, what comes of it, and the sentence that the user reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from certwright.model.certificates import VersionState

from tests.faults.dns_zone import PLAIN_SOA, zones
from tests.support.nameserver import Behaviour

Words = Mapping[str, str]
"""What stands for `{name}`, `{zone}`, `{record}`, `{value}`, `{ns1}` … in a row."""
Server = Callable[[Words], Behaviour]
IDENTITY = "ca.certwright.test"
RECORD = "{record} CNAME {value}"


class Outcome(Enum):
    """What comes of an attempt."""

    ISSUED = "issued"
    WAITS = "waits"
    REFUSED = "refused"

    @property
    def state(self) -> VersionState:
        """Return the state of the version afterwards."""
        states = (VersionState.ISSUED, VersionState.VALIDATING, VersionState.FAILED)
        return dict(zip(Outcome, states, strict=True))[self]


@dataclass(frozen=True)
class Row:
    """One row; `sentence` is in the words of this table, and is read whole or, with `…`, in parts.

    `prefixes` are the names of the certificate, below the row's zone. `asked` are the nodes whose CAA must have been
    asked, and no others, where the row says so. `patience` lets an attempt be repeated for so many seconds. `system` is
    the recursive server that the zone's servers are found by; without one they are configured. What is not `is_told`
    is left out of the documentation.
    """

    id: str
    behaviour: str
    servers: tuple[Server, ...]
    outcome: Outcome
    sentence: str
    prefixes: tuple[str, ...] = ("www.",)
    asked: tuple[str, ...] = ()
    patience: float = 0.0
    with_tcp: bool = True
    is_running: bool = True
    system: Server | None = None
    is_told: bool = True

    @property
    def family(self) -> str:
        """Return the first part of the id, such as D1."""
        return self.id.split()[0]

    def read_as(self, words: Words) -> list[str]:
        """Return the parts of the sentence in a row's own words."""
        return [part.strip() for part in self.sentence.format(**words).split("…") if part.strip()]


def serves(*records: str, soa: str = PLAIN_SOA, chases: bool = True, **others: Sequence[str]) -> Server:
    """Serve a zone of these records, and zones of other words such as `top`."""

    def server(words: Words) -> Behaviour:
        filled = {words["zone"]: [item.format(**words) for item in records]}
        filled |= {words[apex]: [item.format(**words) for item in lines] for apex, lines in others.items()}
        return zones(filled, soa, chases=chases)

    return server


def always(behaviour: Behaviour) -> Server:
    """Behave so whatever the row's words are."""
    return lambda _: behaviour


GOOD = serves(RECORD)


def through(change: Callable[[Behaviour], Behaviour], server: Server = GOOD) -> Server:
    """Serve what another server serves, changed on its way."""
    return lambda words: change(server(words))


def for_question(question: str, rtype: str, change: Callable[[Behaviour], Behaviour], server: Server = GOOD) -> Server:
    """Change the answers to one question; `beside` stands for the random labels beside the record."""

    def chosen(words: Words) -> Behaviour:
        usual = server(words)
        other = change(usual)
        return lambda query, over_tcp: (
            other if _is_meant(words, question, rtype, query.question[0].to_text()) else usual
        )(query, over_tcp)

    return chosen


def _is_meant(words: Words, question: str, rtype: str, asked: str) -> bool:
    name, _, asked_type = asked.lower().split(" ")
    if rtype != asked_type.upper():
        return False
    if question == "beside":
        _, _, parent = words["record"].partition(".")
        return name != words["record"] and name.startswith("_") and name.partition(".")[2] == parent
    return name == question.format(**words)


def unread(reason: str) -> str:
    """Return the sentence of a record that no server could be asked for."""
    return f"no server could be asked for {{record}} CNAME ({{ns1}}: {reason}). Check the zone's servers."


def missing(said: str = "NXDOMAIN") -> str:
    """Return the sentence of a record that is not there."""
    return f"{{ns1}}: {{record}} CNAME is missing ({said}). Set {{record}} CNAME {{value}}"


def wrong(target: str) -> str:
    """Return the sentence of a record with another target."""
    return f"{{ns1}}: {{record}} is a CNAME to {target}, expected {{value}}. Set {{record}} CNAME {{value}}"


SEEN = "{record} CNAME {value} seen at {ns1}"
