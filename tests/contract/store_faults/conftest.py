"""A store on SQLite alone, for what only its files can show."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import SqlStore, open_store


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    yield store
    store.close()
