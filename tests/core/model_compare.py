"""Hold what a store shows against the book."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from certwright.model.certificates import CertificateVersion

from tests.core.model_acts import IF_TOLD_OTHERWISE, PERHAPS
from tests.core.model_book import Book, Entry, Version
from tests.core.model_learn import signed_of
from tests.core.model_seen import Seen, SeenCertificate


def differences(book: Book, seen: Seen, now: datetime) -> list[str]:
    """Return in what the store differs from the book; the book learns ARNs and ids of what is new."""
    _name_the_new(book, seen)
    found = [f"{arn} is not in the book" for arn in seen.certificates.keys() - {entry.arn for entry in book.entries}]
    for entry in book.entries:
        there = seen.certificates.get(entry.arn)
        found += [f"not there: {entry}"] if there is None else _certificate(entry, there, now)
    return [*found, *_lists(book, seen), *_log(book, seen), *_serials(book, seen), *_zone(book, seen)]


def _name_the_new(book: Book, seen: Seen) -> None:
    known = {entry.arn for entry in book.entries}
    for entry in book.entries:
        new = [arn for arn in seen.listed[entry.region] if arn not in known]
        entry.arn = entry.arn or next(iter(new), "")
    ids = {hold.id for hold in book.holds}
    for hold in book.held():
        found = [item.id for item in seen.holds if (item.record.name, item.urn) == (hold.owner, hold.urn)]
        hold.id = hold.id or next((item for item in found if item not in ids), "")


def _certificate(entry: Entry, there: SeenCertificate, now: datetime) -> list[str]:
    certificate = there.view.certificate
    pairs = {
        "urn": (certificate.urn, entry.urn),
        "claimed": (certificate.claimed, entry.is_claimed),
        "deleted": (certificate.deleted_at is not None, entry.is_deleted),
        "names": ([name.text for name in certificate.spec.names], list(entry.wanted.names)),
        "tags": (certificate.tags, (("tag", entry.wanted.tag),)),
        "current": (certificate.current_version, entry.current_number),
        "current, as joined": (there.view.current and there.view.current.number, entry.current_number),
        "newest": (certificate.newest_version, len(entry.versions)),
        "newest, as joined": (there.view.newest.number, len(entry.versions)),
        "pinned": (certificate.pinned_version, entry.pinned),
        "status": (there.status, entry.status(now)),
        "shown": (there.shown, entry.shown(now)),
        "states": ([version.state.value for version in there.versions], [version.state for version in entry.versions]),
    }
    found = [
        f"{entry.arn} {what}: is {is_}, should be {should}" for what, (is_, should) in pairs.items() if is_ != should
    ]
    both = zip(entry.versions, there.versions, strict=False)
    return found + [
        f"{version.arn}#{version.number}: {item}" for mine, version in both for item in _version(mine, version)
    ]


def _version(mine: Version, there: CertificateVersion) -> Iterator[str]:
    if (there.cause.value, there.requested_at) != (mine.cause, mine.requested):
        yield f"made by {there.cause.value} at {there.requested_at}, should be {mine.cause} at {mine.requested}"
    if [name.text for name in there.spec.names] != list(mine.wanted.names):
        yield f"has the names {there.spec.names}"
    if mine.proven is not None and mine.state != "FAILED" and there.validated_at != mine.proven:
        yield f"was proven at {there.validated_at}, should be {mine.proven}"
    if mine.signed is not None and signed_of(there) != mine.signed:
        yield "serial, key or certificate are not those of its issue"
    if mine.renewal is not None and (there.renewal is None or there.renewal.chosen != mine.renewal):
        yield f"is renewed at {there.renewal}, was to be at {mine.renewal}"


def _lists(book: Book, seen: Seen) -> Iterator[str]:
    for region in seen.listed:
        live = list(book.live(region))
        listed = sorted(entry.arn for entry in live)
        pending = {(entry.arn, len(entry.versions)) for entry in live if entry.newest.is_pending}
        for what, is_, should in (
            ("listed", sorted(seen.listed[region]), listed),
            ("pending", seen.pending[region], pending),
        ):
            if is_ != should:
                yield f"{what} in {region}: {is_}, should be {should}"
        unclaimed = Counter(entry.urn for entry in live if not entry.is_claimed)
        yield from (f"{urn} has {count} unclaimed rows" for urn, count in unclaimed.items() if count > 1)


def due_differences(book: Book, seen: Seen, now: datetime) -> Iterator[str]:
    """Yield in what the due ones differ; once the book has learned the instants that were chosen."""
    for region, is_ in seen.due.items():
        should = {(entry.arn, entry.current_number) for entry in book.live(region) if entry.is_due(now)}
        if is_ != should:
            yield f"due in {region}: {is_}, should be {should}"


def _log(book: Book, seen: Seen) -> Iterator[str]:
    told = list(_expected_events(book, seen))
    should = Counter(event for event in told if event[1] != PERHAPS)
    perhaps = Counter((account, "AwaitValidation", arn) for account, action, arn in told if action == PERHAPS)
    is_ = Counter((event.account, event.action, event.subject) for event in seen.events)
    yield from (f"not in the audit log: {event}" for event in should - is_)
    yield from (f"in the audit log without an act: {event}" for event in is_ - should - perhaps)


def _expected_events(book: Book, seen: Seen) -> Iterator[tuple[str, str, str]]:
    for account, action, subject in book.events:
        if isinstance(subject, str):
            yield account, action, subject
            continue
        entry = book.entries[subject]
        there = seen.certificates.get(entry.arn)
        if action != IF_TOLD_OTHERWISE:
            yield account, action, entry.arn
        elif there is not None and there.view.newest.waiting_for != entry.newest.waiting:
            yield account, "AwaitValidation", entry.arn


def _serials(book: Book, seen: Seen) -> Iterator[str]:
    should: Counter[tuple[str, str]] = Counter()
    for entry in book.entries:
        for version in entry.versions:
            subject = f"{entry.arn}#{version.number}"
            should[subject, "ISSUED"] += version.is_signed
            should[subject, "MAY_EXIST"] += version.burnt
            should[subject, "RESERVED"] += version.state == "SIGNING"
    if +should != seen.serials:
        yield f"serials: {dict(seen.serials - should)} too many, {dict(should - seen.serials)} missing"


def _zone(book: Book, seen: Seen) -> Iterator[str]:
    if seen.zone != book.zone:
        yield f"the zone has {seen.zone}, should have {book.zone}"
    should = {(hold.account, hold.id, hold.urn, hold.owner, hold.value, hold.is_claimed) for hold in book.held()}
    is_ = {(item.account, item.id, item.urn, item.record.name, item.record.value, item.claimed) for item in seen.holds}
    if is_ != should:
        yield f"holds: {is_ - should} too many, {should - is_} missing"
