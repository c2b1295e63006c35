"""The schema's version: read at every open, migrated by Alembic only when it is behind."""

import random
import threading
import time
import warnings
from pathlib import Path

from sqlalchemy import Connection, Engine, exc, inspect, text

from certwright.adapters.store.engines import transaction
from certwright.adapters.store.troubles import is_made_meanwhile
from certwright.errors import StoreMissing, StoreUnavailable

HEAD = "0003"
KNOWN = ("0001", "0002", "0003")
MIGRATIONS = Path(__file__).with_name("migrations")
_ATTEMPTS = 5
_alembic = threading.Lock()  # its environment is one per process


def require_schema(engine: Engine, place: str, *, create: bool) -> None:
    """Bring an empty or older store to `HEAD`; raise `StoreUnavailable` for one of a newer certwright.

    Of several processes that find the store empty one makes it; the others clash with it, look again and find it made.
    """
    attempts = 0
    while _is_behind(engine, place, create=create):
        attempts += 1
        try:
            _migrate(engine)
        except exc.DBAPIError as error:
            if not is_made_meanwhile(error) or attempts == _ATTEMPTS:
                raise
            time.sleep(random.uniform(0.01, 0.2))  # noqa: S311 - jitter


def _is_behind(engine: Engine, place: str, *, create: bool) -> bool:
    found = _revision(engine)
    if found is not None and found not in KNOWN:
        msg = f"{place} was written by a newer certwright (schema {found}). Upgrade this one; nothing was changed."
        raise StoreUnavailable(msg)
    if found is None and not create:
        msg = f"{place} holds no certwright store. Run `certwright init`, or point certwright:store at the right one."
        raise StoreMissing(msg)
    return found != HEAD


def _revision(engine: Engine) -> str | None:
    with transaction(engine, reads_only=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def _migrate(engine: Engine) -> None:
    """Run the migrations in one immediate transaction, so that of two processes one migrates and one finds it done."""
    with transaction(engine, reads_only=False) as connection:
        migrate(connection, "head")


def migrate(connection: Connection, revision: str) -> None:
    """Bring the schema up to a revision, in the transaction of the connection."""
    from alembic import command  # noqa: PLC0415 - slow to load and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _alembic, warnings.catch_warnings():
        command.upgrade(config, revision)
