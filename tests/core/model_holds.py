"""What the use cases of validation records do to the book: holds in the store, records in the zone."""

from certwright.errors import Refused

from tests.core.model_acts import Story
from tests.core.model_book import Book, Hold, Surroundings


def publish(book: Book, hold: Hold) -> Story:
    """Hold first, then add; what is there already is adopted, what is foreign stays and is refused."""
    book.holds.append(hold)
    _tell(book, hold, "HoldValidationRecord")
    yield
    there = book.zone.setdefault(hold.owner, hold.value)
    if there == hold.value:
        return None
    _release(book, hold, "RefuseValidationRecord")
    yield
    return Refused


def withdraw(book: Book, hold: Hold, around: Surroundings) -> Story:
    """Give the hold up; the record goes with the last one, if it is still what was published."""
    if hold.is_gone:
        hold = Hold(hold.account, hold.urn, hold.owner, hold.value, around.now, is_claimed=True)
    others = _release(book, hold, "DeleteValidationRecord")
    yield
    if not others and book.zone.get(hold.owner) == hold.value:
        del book.zone[hold.owner]
    return None


def claim_hold(book: Book, hold: Hold, urn: str) -> Story:
    """Note that the engine knows the hold, and by which URN."""
    if not hold.is_gone and (hold.urn, hold.is_claimed) != (urn, True):
        hold.urn, hold.is_claimed = urn, True
        _tell(book, hold, "ClaimValidationRecord")
        yield
    return None


def needed_by(book: Book, hold: Hold) -> set[str]:
    """Return the live certificates, in every Region, that lose their validation with the record."""
    base = hold.owner.rstrip(".").partition(".")[2]
    named = (entry for entry in book.entries if base in entry.wanted.bases and not entry.is_deleted)
    return {entry.arn for entry in named if entry.region[0] == hold.account}


def _release(book: Book, hold: Hold, action: str) -> list[Hold]:
    """Give up a hold and what lost tries left of it; return the others on the record."""
    for other in book.held():
        other.is_gone = other.is_lost_try_of(hold)
    hold.is_gone = True
    _tell(book, hold, action)
    return [other for other in book.held() if other.owner == hold.owner]


def _tell(book: Book, hold: Hold, action: str) -> None:
    book.events.append((hold.account, action, hold.owner))
