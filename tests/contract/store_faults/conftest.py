"""A store on SQLite alone, for what only its files can show."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.adapters.store.sql_store import SqlStore

from tests.support.store import open_sealing_store


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_sealing_store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()
