"""What DNS shows of a certificate's names, told from the state of zones and servers."""

from enum import Enum

from tests.core.model_book import OURS, Book, Entry, Surroundings, Version
from tests.core.model_zone import Condition


class Shown(Enum):
    """What DNS shows of one question."""

    YES = "all that answer say so"
    NO = "all that answer say the contrary"
    UNSURE = "nobody answers, or they do not agree"


def outcome(book: Book, entry: Entry, version: Version, around: Surroundings) -> str:
    """Return the state that a look at DNS leads to."""
    account = entry.region[0]
    proven = all(_is_proven(book, account, base, around) for base in version.wanted.bases)
    looks_at_caa = proven or version.state == "REQUESTED"
    caa = {_caa(base, around) for base in version.wanted.bases} if looks_at_caa else set()
    if Shown.NO in caa:
        return "FAILED"
    return "READY" if proven and caa == {Shown.YES} else "VALIDATING"


def _answering(around: Surroundings) -> set[Condition]:
    return {condition for condition in around.conditions if condition.answers}


def _is_proven(book: Book, account: str, base: str, around: Surroundings) -> bool:
    """Every server that answers has our record, and none has a wildcard that would make one up."""
    owner, value = book.record(account, base, around.domain)
    return _answering(around) == {Condition.FINE} and book.zone.get(owner) == value


def _caa(base: str, around: Surroundings) -> Shown:
    """Climb to the first record set; servers that do not agree on one leave it open."""
    labels = base.split(".")
    nodes = [".".join(labels[start:]) + "." for start in range(len(labels))]
    found = next((around.caa[node] for node in nodes if node in around.caa), None)
    answering = _answering(around)
    if not answering:
        return Shown.UNSURE
    if found is None or answering == {Condition.STALE}:
        return Shown.YES
    if Condition.STALE in answering:
        return Shown.UNSURE
    return Shown.YES if found == OURS or not around.enforces_caa else Shown.NO
