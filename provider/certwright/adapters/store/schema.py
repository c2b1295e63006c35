"""The schema's version: read at every open, migrated by Alembic only when it is behind."""

import warnings
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from certwright.errors import StoreUnavailable

HEAD = "0001"
KNOWN = ("0001",)
MIGRATIONS = Path(__file__).with_name("migrations")


def require_schema(engine: Engine, place: str, *, create: bool) -> None:
    """Bring an empty or older store to `HEAD`; raise `StoreUnavailable` for one of a newer certwright."""
    found = _revision(engine)
    if found == HEAD:
        return
    if found is not None and found not in KNOWN:
        msg = f"{place} was written by a newer certwright (schema {found}). Upgrade this one; nothing was changed."
        raise StoreUnavailable(msg)
    if found is None and not create:
        msg = f"{place} holds no certwright store. Run `certwright init`, or point certwright:store at the right one."
        raise StoreUnavailable(msg)
    _migrate(engine)


def _revision(engine: Engine) -> str | None:
    with engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def _migrate(engine: Engine) -> None:
    """Run the migrations in one immediate transaction, so that of two processes one migrates and one finds it done."""
    from alembic import command  # noqa: PLC0415 - slow to load and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection, warnings.catch_warnings():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
