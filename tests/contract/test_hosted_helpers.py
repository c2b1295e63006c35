"""Helper processes for hosted DNS: bounded in time, ended at a wish, and without anything of what they were given."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from certwright.adapters.dns.hosted import HostedWriter
from certwright.adapters.dns.hosted_helpers import HostedHelpers
from certwright.adapters.dns.workers import NEVER
from certwright.errors import Cancelled, CertwrightError, LookupFailed
from certwright.model.records import RecordType, ResourceRecord

from tests.fakes import FakeCancellation
from tests.support.hosted.cloudflare import TOKEN
from tests.support.hosted.places import ZONE, Apis, target_of

RECORD = ResourceRecord(f"_n.{ZONE}.", RecordType.CNAME, "_v.validations.test.")
HOST = "api.cloudflare.com"


def test_a_silent_api_is_given_up_in_time_and_its_helper_ended(apis: Apis) -> None:
    apis.proxy.silent.add(HOST)
    begun = time.monotonic()
    with pytest.raises(LookupFailed, match="no answer within 2 s"):
        apis.writer("cloudflare", seconds=2.0).add(RECORD, 300)
    assert time.monotonic() - begun < 5
    apis.reset()
    assert apis.writer("cloudflare").add(RECORD, 300) is True


def test_a_wait_for_a_silent_api_ends_with_the_wish_to_stop(apis: Apis) -> None:
    apis.proxy.silent.add(HOST)
    wish = FakeCancellation()
    threading.Timer(1.0, wish.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled, match="may still be done"):
        apis.writer("cloudflare", cancellation=wish).add(RECORD, 300)
    assert time.monotonic() - begun < 4


def test_a_wait_of_more_than_two_seconds_is_told_with_place_and_name(apis: Apis) -> None:
    apis.proxy.silent.add(HOST)
    told: list[str] = []
    with pytest.raises(LookupFailed):
        apis.writer("cloudflare", seconds=3.5, tell=told.append).values(RECORD.name, RECORD.type)
    assert told
    assert all(f"Cloudflare (zone {ZONE})" in line and RECORD.name in line for line in told)


def test_a_quick_answer_is_not_told(apis: Apis) -> None:
    told: list[str] = []
    apis.writer("cloudflare").values(RECORD.name, RECORD.type)
    apis.writer("cloudflare", tell=told.append).values(RECORD.name, RECORD.type)
    assert told == []


def test_more_calls_than_helpers_take_turns(apis: Apis) -> None:
    helpers = HostedHelpers(apis.proxy.environ, at_once=1)
    target = target_of("cloudflare", ZONE, apis.by_name["cloudflare"].credentials)
    writer = HostedWriter(target, helpers, NEVER, lambda _: None)
    records = [replace(RECORD, name=f"_n{index}.{ZONE}.") for index in range(4)]
    threads = [threading.Thread(target=writer.add, args=(record, 300)) for record in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.values(record.name, record.type) for record in records] == [(RECORD.value,)] * 4
    assert len(helpers._idle) == 1
    helpers.close()


def _helper_files(helpers: HostedHelpers, name: str) -> list[bytes]:
    return [Path(f"/proc/{helper._process.pid}/{name}").read_bytes() for helper in helpers._idle]


def test_no_credential_is_in_a_helper_s_arguments_or_environment(apis: Apis) -> None:
    apis.writer("cloudflare").add(RECORD, 300)
    shown = [*_helper_files(apis.helpers, "cmdline"), *_helper_files(apis.helpers, "environ")]
    assert shown
    assert not any(TOKEN.encode() in text for text in shown)


def test_a_helper_sees_nothing_of_the_environment_but_proxies_and_trust(apis: Apis) -> None:
    own = {"AWS_SECRET_ACCESS_KEY": "canary", "LEXICON_CLOUDFLARE_AUTH_TOKEN": "canary", "PULUMI_CONFIG": "canary"}
    helpers = HostedHelpers({**apis.proxy.environ, **own, "https_proxy": apis.proxy.environ["HTTPS_PROXY"]})
    HostedWriter(
        target_of("cloudflare", ZONE, apis.by_name["cloudflare"].credentials), helpers, NEVER, lambda _: None
    ).values(RECORD.name, RECORD.type)
    (environ,) = _helper_files(helpers, "environ")
    helpers.close()
    names = {part.partition(b"=")[0].decode() for part in environ.split(b"\0") if part}
    assert "https_proxy" in names
    assert b"canary" not in environ


def test_a_closed_pool_leaves_no_process(apis: Apis) -> None:
    helpers = HostedHelpers(apis.proxy.environ)
    target = target_of("cloudflare", ZONE, apis.by_name["cloudflare"].credentials)
    HostedWriter(target, helpers, NEVER, lambda _: None).values(RECORD.name, RECORD.type)
    (helper,) = helpers._idle
    helpers.close()
    assert helper._process.returncode is not None


def test_a_plugin_that_is_killed_leaves_no_helper(apis: Apis) -> None:
    environ = {**apis.proxy.environ, "PATH": "/usr/bin"}
    program = (
        "import os, time; from certwright.adapters.dns.hosted_helpers import HostedHelpers; "
        "helper = HostedHelpers(os.environ)._take(); print(helper._process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environ, text=True) as plugin:
        assert plugin.stdout is not None
        helper = Path(f"/proc/{int(plugin.stdout.readline())}")
        assert helper.exists()
        plugin.kill()
    deadline = time.monotonic() + 10
    while helper.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not helper.exists()


def test_a_helper_that_dies_is_a_failed_look_up_and_the_next_call_has_another(apis: Apis) -> None:
    apis.proxy.silent.add(HOST)
    writer = apis.writer("cloudflare")
    outcome: list[Exception] = []

    def ask(call: Callable[[], object]) -> None:
        try:
            call()
        except CertwrightError as error:
            outcome.append(error)

    helpers = HostedHelpers(apis.proxy.environ)
    writer._helpers = helpers
    taken = helpers._take()
    helpers._idle.append(taken)
    thread = threading.Thread(target=ask, args=(lambda: writer.add(RECORD, 300),))
    thread.start()
    time.sleep(1.5)
    taken._process.kill()
    thread.join(10)
    assert [type(error) for error in outcome] == [LookupFailed]
    assert "helper process ended" in str(outcome[0])
    apis.reset()
    assert writer.add(RECORD, 300) is True
    helpers.close()
