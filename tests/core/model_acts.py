"""What each use case does to the book, as a story: it stops after each point at which a crash may leave the store.

A story returns the error that the use case raises, if any.
"""

from collections.abc import Callable, Generator
from datetime import datetime

from certwright.core.certificates import Gone
from certwright.errors import LeaseLost

from tests.core.model_book import Book, Entry, Region, Surroundings, Version, Wanted

IF_TOLD_OTHERWISE = "AwaitValidation, if something else is missing than at the last look at the store"
PERHAPS = "AwaitValidation, if something else is missing than a moment ago"
Story = Generator[None, None, type[Exception] | None]
Act = Callable[[], Story]


class MayLoseLease(LeaseLost):
    """Stand for a lease whose loss is noticed only if there is something to write."""


def nothing() -> Story:
    """Do nothing."""
    yield from ()
    return None


def request(book: Book, region: Region, urn: str, wanted: Wanted, around: Surroundings) -> Story:
    """Return the row that no engine named again when it is for the same wish; another wish takes its place."""
    earlier = next((entry for entry in book.live(region) if entry.urn == urn and not entry.is_claimed), None)
    if earlier is not None and earlier.wanted.whole == wanted.whole:
        return None
    if earlier is not None:
        _cancel(book, earlier)
        earlier.is_deleted = True
        book.tell(earlier, "SupersedeCertificate")
    first = Version(1, wanted, "REQUEST", around.now)
    entry = Entry(region, urn, wanted, [first], pinned=1 if wanted.is_pinned else None)
    book.entries.append(entry)
    book.tell(entry, "RequestCertificate")
    _hand_out(book, region[0], wanted, around)
    yield
    return None


def claim(book: Book, entry: Entry) -> Story:
    """Note that the engine knows it; once."""
    if entry.is_deleted:
        return Gone
    if not entry.is_claimed:
        entry.is_claimed = True
        book.tell(entry, "ClaimCertificate")
        yield
    return None


def delete(book: Book, entry: Entry) -> Story:
    """Leave a tombstone; gone already is success."""
    if not entry.is_deleted:
        _cancel(book, entry)
        entry.is_deleted = True
        book.tell(entry, "DeleteCertificate")
        yield
    return None


def change(book: Book, entry: Entry, wanted: Wanted, around: Surroundings) -> Story:
    """Bring it to a wish: a new version for what is issued anew, everything else in place."""
    if entry.is_deleted:
        return Gone
    cause = _cause(entry, wanted, around.now)
    drops = cause == "DROP"
    entry.pinned = _pinned(entry, wanted, cause)
    if wanted.lead != entry.wanted.lead and entry.current is not None:
        entry.current.renewal = None
    entry.wanted, entry.is_claimed = wanted, True
    if drops:
        _cancel(book, entry)
    elif cause:
        _start(book, entry, cause, around)
        _hand_out(book, entry.region[0], wanted, around)
    book.tell(entry, "UpdateCertificate")
    yield
    return None


def renew(book: Book, entry: Entry, around: Surroundings) -> Story:
    """Start what is due or failed; nothing while one is under way."""
    if entry.is_deleted:
        return Gone
    cause = _cause(entry, entry.wanted, around.now)
    if cause not in {"", "DROP"}:
        entry.pinned = _pinned(entry, entry.wanted, cause)
        _start(book, entry, cause, around)
        yield
    return None


def _cause(entry: Entry, wanted: Wanted, now: datetime) -> str:
    """Return why a new version is made, DROP where only the pending one goes, nothing where all is well."""
    newest, current = entry.newest, entry.current
    is_newest = newest.wanted.issued_for == wanted.issued_for
    is_current = current is not None and current.wanted.issued_for == wanted.issued_for
    if not is_newest and not is_current:
        return "CHANGE"
    if not is_newest and newest.is_pending:
        return "DROP"
    if is_newest and newest.is_pending and not newest.is_late(now):
        return ""
    has_failed = is_newest and (newest.state in {"FAILED", "TIMED_OUT"} or newest.is_late(now))
    if has_failed and not newest.is_superseded:
        return "RENEWAL" if newest.cause == "RENEWAL" else "REPLACEMENT"
    if has_failed and not is_current:
        return "CHANGE"
    return "RENEWAL" if entry.is_due(now) or entry.status(now) == "EXPIRED" else ""


def _pinned(entry: Entry, wanted: Wanted, cause: str) -> int | None:
    """Return where outputs stay: a renewal alone moves nobody, unless what they wait for will never come."""
    if not wanted.is_pinned:
        return None
    newest, starts = entry.newest, cause not in {"", "DROP"}
    waits = entry.pinned == newest.number and not newest.is_signed
    moves = wanted.repin != entry.wanted.repin or (waits and (starts or not newest.is_pending))
    if starts and (moves or cause != "RENEWAL"):
        return newest.number + 1
    if entry.pinned is not None and not moves and cause != "DROP":
        return entry.pinned
    awaits = newest.is_pending and cause != "DROP" and (moves or newest.cause != "RENEWAL")
    return newest.number if awaits or entry.current_number is None else entry.current_number


def _start(book: Book, entry: Entry, cause: str, around: Surroundings) -> None:
    if entry.newest.is_late(around.now):
        _end(book, entry, "TIMED_OUT", "TimeOutVersion")
    else:
        _cancel(book, entry)
    entry.versions.append(Version(len(entry.versions) + 1, entry.wanted, cause, around.now))
    book.tell(entry, "StartVersion")


def _cancel(book: Book, entry: Entry) -> None:
    if entry.newest.is_pending:
        entry.newest.is_superseded = True
        _end(book, entry, "FAILED", "CancelVersion")


def _end(book: Book, entry: Entry, state: str, action: str) -> None:
    newest = entry.newest
    newest.burnt += newest.state == "SIGNING"
    newest.state, newest.waiting = state, ""
    book.tell(entry, action)


def _hand_out(book: Book, account: str, wanted: Wanted, around: Surroundings) -> None:
    for base in wanted.bases:
        book.handed.setdefault((account, base), around.domain)
