"""What comes of every behaviour of name servers, through the real use case: outcome, sentence, time (D1-D5, D7)."""

import logging
from collections.abc import Iterator

import pytest

from tests.faults.dns_rows import Outcome, Row
from tests.faults.dns_stage import Stage
from tests.faults.dns_tables import ROWS

LONGEST = 20.0
_LOG = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Play the rows of all tests that were chosen here, since most of their time is waiting."""
    chosen = {item.name for item in request.session.items}
    made = Stage(tmp_path_factory.mktemp("rows"), [row for row in ROWS if f"test_name_servers[{row.id}]" in chosen])
    yield made
    made.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_name_servers(stage: Stage, row: Row) -> None:
    played = stage.played(row)
    _LOG.info("%s: %s after %.1f s", row.id, played.state.value, played.seconds)
    assert played.state is row.outcome.state, played.said
    for part in row.read_as(played.words):
        assert part in played.said
    assert played.seconds < (row.patience or LONGEST)
    if row.outcome is Outcome.ISSUED:
        assert {f"{name}." for name in played.bases} <= played.nodes("CAA")
    if row.asked:
        assert played.nodes("CAA") == {node.format(**played.words) for node in row.asked}
