"""A dynamic ValidationRecord in a hosted zone; Cloudflare's API is a local stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from certwright.transport.dynamic.opening import Homes

from tests.support.hosted.cloudflare import TOKEN
from tests.support.hosted.places import Apis, run_apis
from tests.transport.dynamic.sdk import RECORD, Sdk, told
from tests.transport.wire import Json

NAME, VALUE = "_x.www.example.com.", "_y.validations.internal."
DECLARED: Json = {
    "zone": "example.com",
    "name": NAME,
    "type": "CNAME",
    "value": VALUE,
    "hosted": {"provider": "cloudflare", "credentials": {"apiToken": TOKEN}},
}


@pytest.fixture
def apis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Apis]:
    with run_apis(tmp_path / "apis", "example.com") as apis:
        for name, value in apis.proxy.environ.items():
            monkeypatch.setenv(name, value)
        yield apis


@pytest.fixture
def sdk(apis: Apis, homes: Homes) -> Sdk:
    """Return a provider process whose way to the providers' APIs leads to the stand-ins."""
    del apis, homes
    return Sdk({})


def test_create_publishes_and_delete_removes_the_record(sdk: Sdk, apis: Apis) -> None:
    zone = apis.by_name["cloudflare"].zone
    made = sdk.create(RECORD, DECLARED)
    assert zone.values(NAME) == [VALUE]
    sdk.delete(made)
    assert zone.values(NAME) == []


def test_another_order_of_words_is_no_change_and_another_token_is_one(sdk: Sdk) -> None:
    made = sdk.create(RECORD, DECLARED)
    assert not sdk.diff(made, dict(reversed(DECLARED.items()))).changes
    other = {"provider": "cloudflare", "credentials": {"apiToken": "another"}}
    assert sdk.diff(made, {**DECLARED, "hosted": other}).changes


def test_a_wrong_token_is_told_without_it(sdk: Sdk) -> None:
    hosted = {"provider": "cloudflare", "credentials": {"apiToken": "canary-wrong"}}
    with told() as lines:
        sdk.create(RECORD, {**DECLARED, "hosted": hosted})
    assert "HTTP 403" in lines[-1]
    assert "canary" not in "".join(lines)
