"""Fill into the book what only the store can know, and judge it: keys, serials, validities, chosen instants."""

from collections.abc import Iterator
from datetime import timedelta

from certwright.model.certificates import CertificateVersion
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.core.model_book import Book, Entry, Signed, Version
from tests.core.model_seen import Seen

_LONGEST_LEAD = timedelta(days=60)


def learn(book: Book, seen: Seen) -> Iterator[str]:
    """Yield what is wrong with what is new."""
    for entry in book.entries:
        for mine, there in zip(entry.versions, seen.certificates[entry.arn].versions, strict=True):
            yield from (f"{entry.arn}#{mine.number} {fault}" for fault in _learn(book, entry, mine, there))


def signed_of(there: CertificateVersion) -> Signed:
    """Return what stays of a signed version."""
    assert there.serial is not None
    assert there.key is not None
    assert there.certificate is not None
    assert there.not_before is not None
    assert there.not_after is not None
    return Signed(there.serial, there.key.public_key, there.certificate, there.not_before, there.not_after)


def _learn(book: Book, entry: Entry, mine: Version, there: CertificateVersion) -> Iterator[str]:
    mine.waiting = there.waiting_for
    if there.serial is not None and there.serial != mine.serial:
        mine.serial = there.serial
        yield from _new_serial(book, str(there.authority_id), there.serial)
    if mine.is_signed and mine.signed is None:
        mine.signed = signed_of(there)
        yield from _new_certificate(mine, mine.signed)
        yield from _new_key(book, entry, mine, mine.signed.key)
    if mine.signed is not None and mine.renewal is None:
        yield from _new_renewal(entry, mine, mine.signed, there)


def _new_serial(book: Book, issuer: str, serial: int) -> Iterator[str]:
    if (issuer, serial) in book.serials:
        yield f"has the serial {serial}, which its issuer gave out before"
    book.serials.add((issuer, serial))


def _new_certificate(mine: Version, signed: Signed) -> Iterator[str]:
    leaf = x509.load_der_x509_certificate(signed.certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    if sorted(names) != sorted(mine.wanted.names):
        yield f"is for {names}, should be for {mine.wanted.names}"
    if leaf.serial_number != signed.serial:
        yield "has another serial than the stored one"
    if leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != signed.key:
        yield "is for another key than the stored one"
    if not signed.not_before < signed.not_after < signed.not_before + timedelta(days=mine.wanted.days):
        yield f"lives from {signed.not_before} to {signed.not_after}"


def _new_key(book: Book, entry: Entry, mine: Version, key: bytes) -> Iterator[str]:
    kept = None if mine.keeps_key_of is None else entry.versions[mine.keeps_key_of - 1].signed
    if kept is not None and kept.key != key:
        yield f"has not the key of version {mine.keeps_key_of}"
    if kept is None and key in book.keys:
        yield "has a key that was used before"
    book.keys.add(key)


def _new_renewal(entry: Entry, mine: Version, signed: Signed, there: CertificateVersion) -> Iterator[str]:
    """The window opens `lead` before the end, 60 days or a third of the life by default, and is a tenth as long."""
    assert there.renewal is not None
    mine.renewal = there.renewal.chosen
    life = signed.not_after - signed.not_before
    lead = min(_LONGEST_LEAD, life / 3) if entry.wanted.lead is None else timedelta(days=entry.wanted.lead)
    opens = max(signed.not_before, signed.not_after - lead)
    if not opens <= mine.renewal <= opens + (signed.not_after - opens) / 10:
        yield f"is renewed at {mine.renewal}, not in the window that opens at {opens}"
