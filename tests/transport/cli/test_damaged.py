"""status and renew with one damaged row: the others are shown and renewed all the same (S15)."""

from pathlib import Path

from tests.support.aging import age
from tests.transport.cli.conftest import Run
from tests.transport.declared import issued
from tests.transport.dns_server import Zones
from tests.transport.engine import Engine
from tests.transport.homes import execute

_DAMAGE = "UPDATE certificates SET spec = 'x' WHERE urn LIKE '%::damaged'"
_DUE = "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3"


def two(up: Engine, zones: Zones, home: Path) -> tuple[str, str]:
    """Return the ARNs of a damaged certificate and of another one."""
    damaged, _ = issued(up, zones, "damaged", domainName="damaged.example.com")
    other, _ = issued(up, zones, "other", domainName="other.example.com")
    assert execute(home, _DAMAGE) == 1
    return damaged.id, other.id


def test_status_shows_the_others_names_the_damaged_one_and_ends_with_5(
    run: Run, up: Engine, zones: Zones, home: Path
) -> None:
    damaged, other = two(up, zones, home)
    done = run("status")
    assert other in done.stdout
    assert f"UNREADABLE {damaged}" in done.stderr
    assert done.exit_code == 5


def test_renew_renews_the_others_and_says_which_one_is_damaged(run: Run, up: Engine, zones: Zones, home: Path) -> None:
    damaged, other = two(up, zones, home)
    age(home, _DUE)
    done = run("renew", "--due")
    assert f"ok      {other}: renewed as version 2" in done.stdout
    assert f"waiting {damaged}" in done.stdout
    assert done.exit_code == 3
