"""What a driver's error means: try again, a conflict, a store that cannot be used, a disk that failed."""

from sqlalchemy import exc

from certwright.errors import CertwrightError, Conflict, StoreUnavailable

_SERIALIZATION_FAILURES = frozenset({"40001", "40P01"})
_MADE_MEANWHILE = frozenset({"23505", "42P07", "42710", "XX000"}) | _SERIALIZATION_FAILURES
_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_IOERR, _SQLITE_FULL = 5, 6, 10, 13
_SQLITE_IOERR_SHMSIZE = 10 | 19 << 8  # no room for the index of the write-ahead log; no data is in it
_failed_disks: dict[str, str] = {}


def is_locked(error: BaseException | None) -> bool:
    """Say whether SQLite found the file locked by another connection."""
    return _sqlite_code(error) in {_SQLITE_BUSY, _SQLITE_LOCKED}


def is_retryable(error: exc.SQLAlchemyError) -> bool:
    """Say whether nothing was stored and the same work may succeed now."""
    if not isinstance(error, exc.DBAPIError):
        return False
    return _sqlstate(error) in _SERIALIZATION_FAILURES or is_locked(error.orig)


def is_made_meanwhile(error: exc.DBAPIError) -> bool:
    """Say whether another process was making the same tables; PostgreSQL finds that out by clashing catalogue rows."""
    return _sqlstate(error) in _MADE_MEANWHILE


def translate(error: exc.SQLAlchemyError, place: str) -> CertwrightError:
    """Return the error of our own; after a failed disk the store stays unusable for this process.

    A page that could not be written may be dropped by the kernel, and the next sync then succeeds without it.
    """
    if not isinstance(error, exc.DBAPIError):
        return StoreUnavailable(f"The store {place} cannot be used: {type(error).__name__}.")
    if isinstance(error, exc.IntegrityError):
        return Conflict(f"The store {place} holds something else there ({_reason(error)}); nothing was written.")
    if _is_full(error.orig):
        return StoreUnavailable(
            f"The disk of the store {place} is full; nothing was stored. Free some space, then run the command again."
        )
    if _sqlite_code(error.orig) == _SQLITE_IOERR:
        _failed_disks[place] = (
            f"The disk of the store {place} failed ({_reason(error)}). This process signs and stores nothing more: "
            "check the disk, then run the command again."
        )
        return StoreUnavailable(_failed_disks[place])
    return StoreUnavailable(f"The store {place} cannot be used: {_reason(error)}.")


def require_sound_disk(place: str) -> None:
    """Raise `StoreUnavailable` when the store's disk failed under this process."""
    if place in _failed_disks:
        raise StoreUnavailable(_failed_disks[place])


def _sqlstate(error: exc.DBAPIError) -> object:
    return getattr(error.orig, "sqlstate", None)


def _sqlite_code(error: BaseException | None) -> int:
    """Return SQLite's primary result code, 0 for other errors."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _is_full(error: BaseException | None) -> bool:
    has_no_index = getattr(error, "sqlite_errorcode", 0) == _SQLITE_IOERR_SHMSIZE
    return has_no_index or _sqlite_code(error) == _SQLITE_FULL


def _reason(error: exc.DBAPIError) -> str:
    """Return the driver's own words, without statement and parameters."""
    return str(error.orig).strip().splitlines()[0] if error.orig and str(error.orig) else type(error).__name__
