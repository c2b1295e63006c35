"""What the issuance cycle does to the book, told as `model_acts` tells the other use cases."""

from datetime import datetime

from certwright.errors import LeaseLost

from tests.core.model_acts import IF_TOLD_OTHERWISE, PERHAPS, Act, MayLoseLease, Story, nothing, renew
from tests.core.model_book import Book, Entry, Region, Surroundings, Version
from tests.core.model_control import outcome


def advance(book: Book, entry: Entry, number: int, around: Surroundings, during_dns: Act = nothing) -> Story:
    """Move a version by one step; `during_dns` happens while DNS is asked, if it is."""
    version = entry.versions[number - 1]
    if version.state == "SIGNING":
        version.state, version.keeps_key_of, version.serial = "READY", None, None
        version.burnt += 1
        book.tell(entry, "AbandonSignature")
        yield
    elif version.state == "READY" and version.is_fresh(around.now):
        return (yield from _sign(book, entry, version, nothing))
    elif version.is_pending:
        return (yield from _look(book, entry, version, around, during_dns))
    return None


def drive(
    book: Book,
    entry: Entry,
    number: int,
    around: Surroundings,
    during_dns: Act = nothing,
    during_signature: Act = nothing,
) -> Story:
    """Go on until the version ends or waits for DNS."""
    version, error = entry.versions[number - 1], None
    during_dns = _once(during_dns)
    while error is None:
        if version.state == "READY" and version.is_fresh(around.now):
            return (yield from _sign(book, entry, version, during_signature))
        error = yield from advance(book, entry, number, around, during_dns)
        if version.state not in {"READY", "SIGNING"}:
            break
    return error


def _once(act: Act) -> Act:
    acts = [act]
    return lambda: acts.pop()() if acts else nothing()


def _look(book: Book, entry: Entry, version: Version, around: Surroundings, during_dns: Act) -> Story:
    if version.is_late(around.now):
        _end_late(book, entry, version)
        yield
        return None
    before = version.state
    found = outcome(book, entry, version, around)
    error = yield from during_dns()
    if error is LeaseLost and before == found == "VALIDATING":
        return MayLoseLease
    if error is not None or not _stands(entry, version, before):
        return error
    version.state = found
    if found == "READY":
        version.proven, version.waiting = around.now, ""
        book.tell(entry, "ValidateVersion")
    elif found == "FAILED":
        book.tell(entry, "FailVersion")
    elif before != "VALIDATING":
        version.waiting = None
        book.tell(entry, "AwaitValidation")
    else:
        book.tell(entry, PERHAPS if version.waiting is None else IF_TOLD_OTHERWISE)
    yield
    return None


def _end_late(book: Book, entry: Entry, version: Version) -> None:
    version.state = "TIMED_OUT"
    book.tell(entry, "TimeOutVersion")


def _sign(book: Book, entry: Entry, version: Version, during_signature: Act) -> Story:
    """The intent first, then the signature, then the certificate in force: a crash between leaves SIGNING."""
    current = entry.current
    keeps = entry.wanted.keeps_key and current is not None and current.wanted.curve == version.wanted.curve
    version.keeps_key_of = entry.current_number if keeps else None
    version.state = "SIGNING"
    book.tell(entry, "SignCertificate")
    yield
    error = yield from during_signature()
    if error is not None or not _stands(entry, version, "SIGNING"):
        return error
    if entry.current is not None:
        entry.current.state = "RETIRED"
    version.state, entry.current_number = "ISSUED", version.number
    book.tell(entry, "IssueCertificate")
    yield
    return None


def _stands(entry: Entry, version: Version, state: str) -> bool:
    """Say whether no change and no deletion came in between."""
    return not entry.is_deleted and entry.newest is version and version.state == state


def loses_lease(act: Act) -> Act:
    """Let so much time go by, and perhaps another worker do something, that the lease is lost."""

    def story() -> Story:
        yield from act()
        return LeaseLost

    return story


def work_due(book: Book, region: Region, around: Surroundings) -> Story:
    """Renew what is due and drive what is pending, errors of one aside."""
    due = sorted((entry for entry in book.live(region) if entry.is_due(around.now)), key=_end_of_current)
    for entry in due:
        yield from _renew_and_drive(book, entry, around)
    pending = [entry for entry in book.live(region) if entry.newest.is_pending]
    for entry in sorted(pending, key=lambda item: item.newest.requested):
        yield from _renew_and_drive(book, entry, around)
    return None


def _end_of_current(entry: Entry) -> datetime:
    assert entry.current is not None
    assert entry.current.signed is not None
    return entry.current.signed.not_after


def _renew_and_drive(book: Book, entry: Entry, around: Surroundings) -> Story:
    yield from renew(book, entry, around)
    return (yield from drive(book, entry, len(entry.versions), around))
