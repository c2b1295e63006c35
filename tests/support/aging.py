"""Age what a closed home holds: rows are changed and sealed again, as if certwright had written them then."""

from pathlib import Path

from certwright.adapters.home import open_home
from certwright.settings import resolve_settings

from tests.support.store import change


def age(home: Path, statement: str, *values: object) -> None:
    """Run a statement and seal what it changed; the master key is the home's own."""
    change(home, statement, *values)
    environ = {"HOME": str(home.parent), "CERTWRIGHT_HOME": str(home)}
    opened = open_home(resolve_settings({}, environ), environ, None, create=False)
    opened.store.write(lambda tx: tx.integrity.seal_everything())
    opened.store.close()


def make_due(home: Path) -> None:
    """Let the renewal instant of every issued version be long ago."""
    age(home, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 1 WHERE state = 'ISSUED'")


def expire(home: Path, number: int) -> None:
    """Let the validity of the versions of that number be over."""
    age(home, "UPDATE certificate_versions SET not_after = 1000000 WHERE number = ?", number)
