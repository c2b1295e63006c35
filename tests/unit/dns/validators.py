"""What a validating resolver replies (ports.resolver.ValidatingResolver)."""

from certwright.model.records import (
    AnswerRecord,
    CaaRecord,
    ServerAnswer,
    ServerFailure,
    ValidatedAnswer,
)

PLACE = "127.0.0.1:5353"


def vouches(*records: AnswerRecord, caa: tuple[CaaRecord, ...] = (), unparsed: int = 0) -> ValidatedAnswer:
    """Return an answer whose signatures are good."""
    return ValidatedAnswer(ServerAnswer(PLACE, "NOERROR", records, caa, unparsed), is_secure=True)


def unsigned(*records: AnswerRecord, caa: tuple[CaaRecord, ...] = (), unparsed: int = 0) -> ValidatedAnswer:
    """Return an answer without signatures."""
    return ValidatedAnswer(ServerAnswer(PLACE, "NOERROR", records, caa, unparsed), is_secure=False)


def bogus() -> ServerFailure:
    """Return the failure that bogus signatures are."""
    return ServerFailure(PLACE, "SERVFAIL (DNSSEC BOGUS)")


def silent() -> ServerFailure:
    """Return the failure that no answer is."""
    return ServerFailure(PLACE, "no answer within 8 s")
