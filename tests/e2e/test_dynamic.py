"""Dynamic resources on the real engine: the same certificates as the plugin's, within what `pulumi.dynamic` can do."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import target
from tests.e2e.test_import_and_homes import stable
from tests.faults.hunt import Hunt
from tests.faults.injection import dynamic_engine_killed
from tests.support.aging import make_due
from tests.support.artefacts import files_of, rows_of
from tests.support.home_secrets import secrets_of
from tests.support.knot import KEY_NAME, KEY_SECRET, Knot
from tests.support.stack import REPOSITORY, VENV, Stack, make_stack
from tests.support.store import dump, query

_ZONE = "example.com"
_ISSUED = """
import pulumi
from certwright import dynamic as certwright

names = {names}
certificate = certwright.Certificate(
    "cert", domain_name=names[0], subject_alternative_names=names[1:], key_algorithm="EC_prime256v1", **{more}
)
records = [
    certwright.ValidationRecord(
        f"record-{{index}}", zone="example.com", name=record.name, type=record.type, value=record.value, **{target}
    )
    for index, record in enumerate(certwright.get_validation_records(domain_names=names).records)
]
issued = certwright.CertificateValidation(
    "issued", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn for record in records]
)
pulumi.export("arn", certificate.arn)
pulumi.export("options", certificate.domain_validation_options)
pulumi.export("first", certificate.domain_validation_options[0].resource_record_name)
pulumi.export("serial", issued.serial)
pulumi.export("status", issued.status)
"""


def issued(names: Sequence[str], rfc2136: dict[str, Any] | None = None, **more: Any) -> str:
    """Return a program that publishes the records of a certificate and waits for its issue."""
    return _ISSUED.format(names=list(names), more=more, target={"rfc2136": rfc2136} if rfc2136 else {})


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    """Return a stack with a home, which dynamic resources do not make."""
    made = new_stack()
    init(made)
    return made


def init(stack: Stack) -> None:
    done = subprocess.run(
        [str(VENV / "bin" / "certwright"), "init"],
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def preview_outputs(stack: Stack) -> dict[str, Any]:
    """Return what a preview knows of each resource."""
    return stack.preview().require_ok().planned_outputs()


def test_preview_shows_the_records_up_issues_and_a_second_run_changes_nothing(stack: Stack, knot: Knot) -> None:
    stack.write_python(issued(["one.example.com", "*.one.example.com", "two.example.com"]))
    shown = preview_outputs(stack)["cert"]["domainValidationOptions"]
    assert [item["domainName"] for item in shown] == ["one.example.com", "two.example.com"]
    assert query(stack.home, "SELECT count(*) FROM certificates") == [(0,)]
    stack.up().require_ok()
    outputs = stack.outputs()
    assert (outputs["options"], outputs["status"]) == (shown, "ISSUED")
    assert outputs["first"] == shown[0]["resourceRecordName"]
    for item in shown:
        assert knot.query(item["resourceRecordName"], "CNAME") == [item["resourceRecordValue"]]
    assert stack.preview().require_ok().changed() == {}
    assert stack.up().require_ok().changed() == {}
    assert stack.outputs() == outputs
    stack.refresh().require_ok()
    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()
    assert not any(knot.query(item["resourceRecordName"], "CNAME") for item in shown)


def test_the_example_runs_and_its_second_run_changes_nothing(tmp_path: Path, knot: Knot) -> None:
    folder = tmp_path / "quickstart-dynamic"
    shutil.copytree(REPOSITORY / "examples" / "quickstart-dynamic", folder)
    stack = make_stack(folder, tmp_path / "home")
    init(stack)
    stack.configure("domain", "example.net")
    stack.configure("certwright:resolvers", json.dumps([knot.address]))
    stack.configure("certwright:rfc2136", target(knot), "--secret")
    assert "acm-validations.certwright.internal." in stack.preview().require_ok().text
    stack.up().require_ok()
    outputs = stack.outputs()
    assert outputs["certificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert KEY_SECRET not in stack.pulumi("stack", "export").stdout
    assert stack.up().require_ok().changed() == {}
    stack.destroy().require_ok()


def test_the_store_the_log_and_the_engine_know_a_resource_by_one_urn(stack: Stack) -> None:
    stack.write_python(
        issued(["urn.example.com"])
        + """
site = pulumi.ComponentResource("my:index:Site", "site")
certwright.Certificate("child", domain_name="child.example.com", opts=pulumi.ResourceOptions(parent=site))
certwright.CertificateValidation("wait", certificate_arn=certificate.arn, opts=pulumi.ResourceOptions(parent=site))
"""
    )
    stack.up().require_ok()
    ours = [item for item in stack.resources().values() if "dynamic/certwright" in item["type"]]
    assert len(ours) == 5
    assert [item["outputs"]["__owner"] for item in ours] == [item["urn"] for item in ours]


def test_an_added_name_keeps_the_arn_and_is_shown_with_its_record_and_its_reason(stack: Stack) -> None:
    stack.write_python(issued(["more.example.com"]))
    stack.up().require_ok()
    before = stack.outputs()
    stack.write_python(issued(["more.example.com", "b.more.example.com"]))
    run = stack.preview().require_ok()
    assert run.changed() == {"cert": "update", "record-1": "create", "issued": "update"}
    assert "names added: b.more.example.com" in run.messages
    shown = run.planned_outputs()
    assert len(shown["cert"]["domainValidationOptions"]) == 2
    assert shown["issued"]["certificateArn"] == before["arn"]
    stack.up().require_ok()
    after = stack.outputs()
    assert (after["arn"], after["serial"] == before["serial"]) == (before["arn"], False)
    assert stack.preview().require_ok().changed() == {}


def test_a_due_renewal_is_shown_and_made_by_up(stack: Stack) -> None:
    stack.write_python(issued(["due.example.com"]))
    stack.up().require_ok()
    before = stack.outputs()
    make_due(stack.home)
    run = stack.preview().require_ok()
    assert run.changed() == {"cert": "update", "issued": "update"}
    assert "renewal due: valid until" in run.messages
    stack.up().require_ok()
    after = stack.outputs()
    assert (after["arn"], after["serial"] == before["serial"]) == (before["arn"], False)
    assert query(stack.home, "SELECT number, state FROM certificate_versions ORDER BY number") == [
        (1, "RETIRED"),
        (2, "ISSUED"),
    ]
    assert stack.preview().require_ok().changed() == {}


_UNPUBLISHED = """
from certwright import dynamic as certwright

certificate = certwright.Certificate("cert", domain_name="late.example.org", key_algorithm="EC_prime256v1")
certwright.CertificateValidation("issued", certificate_arn=certificate.arn)
"""


def test_a_missing_record_ends_the_wait_after_a_minute_and_the_next_up_goes_on(stack: Stack, knot: Knot) -> None:
    stack.write_python(_UNPUBLISHED)
    began = time.monotonic()
    failed = stack.up().require_failed()
    assert 55 < time.monotonic() - began < 110
    (option,) = stack.resources()["cert"]["outputs"]["domainValidationOptions"]
    name, value = option["resourceRecordName"], option["resourceRecordValue"]
    told = next(text for text in failed.messages.split("\n\n") if "Not issued after" in text)
    assert f"{name} CNAME is missing" in told
    assert f"Set {name} CNAME {value}" in told
    last = told.rstrip().splitlines()[-1]
    assert last.endswith("Run `pulumi up` again: it goes on with the same version.")
    assert "issued" not in stack.resources()
    knot.add("example.org", name, "CNAME", value)
    assert stack.up().require_ok().changed() == {"issued": "create"}
    assert query(stack.home, "SELECT number, state FROM certificate_versions") == [(1, "ISSUED")]
    assert stack.preview().require_ok().changed() == {}


_FAULTY = """
from certwright import dynamic as certwright

certwright.Certificate(
    "cert", domain_name="co.uk", validity={"type": "DAYS", "value": 900}, options={"export": "PERHAPS"}
)
"""


def test_every_fault_is_told_at_once_without_a_traceback(stack: Stack) -> None:
    stack.write_python(_FAULTY)
    text = stack.preview().require_failed().messages
    for part in ("domainName", "public suffix", "validity.value", "options.export"):
        assert part in text, (part, text)
    assert "Traceback" not in text
    assert query(stack.home, "SELECT count(*) FROM certificates") == [(0,)]


def test_faults_of_the_configuration_are_told_at_once_without_a_traceback(stack: Stack) -> None:
    stack.write_python(_UNPUBLISHED)
    stack.configure("certwright:account", "12")
    stack.configure("certwright:masterKye", "hunter2", "--secret")
    text = stack.preview().require_failed().messages
    for part in ("account", "12 digits", "masterKye: there is no such configuration key"):
        assert part in text, (part, text)
    assert "Traceback" not in text
    assert "hunter2" not in text


# One after the other, so that the engine is not killed while it writes down what another resource did.
_IN_TURN = """
from certwright import dynamic as certwright

certificate = certwright.Certificate("cert", domain_name="lost.example.com", key_algorithm="EC_prime256v1")
option = certificate.domain_validation_options[0]
record = certwright.ValidationRecord(
    "record",
    zone="example.com",
    name=option.resource_record_name,
    type=option.resource_record_type,
    value=option.resource_record_value,
)
certwright.CertificateValidation("issued", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn])
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_certificate_whose_create_was_lost_with_the_engine_is_made_once(
    stack: Stack, tmp_path: Path, moment: str
) -> None:
    stack.write_python(_IN_TURN)
    struck = stack.up(env=dynamic_engine_killed(tmp_path / "bin", "Create", 1, moment))
    assert struck.code < 0
    made = query(stack.home, "SELECT id FROM certificates")
    stack.pulumi("cancel", "--yes")
    stack.up().require_ok()
    found = query(stack.home, "SELECT id, deleted_at FROM certificates")
    assert len(found) == 1
    assert [(row[0],) for row in found] == (made or [(row[0],) for row in found])
    assert query(stack.home, "SELECT count(*) FROM certificate_versions") == [(1,)]
    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()


def test_no_secret_is_in_state_previews_logs_events_or_rows(stack: Stack, knot: Knot) -> None:
    rfc2136 = {"server": "127.0.0.1", "port": knot.port, "key_name": KEY_NAME, "key_secret": KEY_SECRET}
    talkative = {"PULUMI_DEBUG_COMMANDS": "1", "PULUMI_OPTIMIZED_CHECKPOINT_PATCH": "false"}
    hunt = Hunt()
    for names in (["secret.example.com"], ["secret.example.com", "b.secret.example.com"]):
        stack.write_python(issued(names, rfc2136, options={"export": "ENABLED"}))
        preview = stack.preview("--diff", env=talkative).require_ok()
        logged = stack.preview("--logtostderr", "-v=9", env=talkative).require_ok()
        applied = stack.up(env=talkative).require_ok()
        refreshed = stack.refresh("--diff", env=talkative).require_ok()
        hunt.learn(secrets_of(f"sqlite:///{stack.home}/store.db", f"file:{stack.home}/master.key", {}))
        for run in (preview, applied, refreshed):
            hunt.look({run.text[:20]: run.text.encode(), "events": json.dumps(run.events).encode()})
        hunt.look_at_debug({"all that the engine logs": logged.text.encode()})
    hunt.look({"state": stack.pulumi("stack", "export").stdout.encode(), "rows": rows_of(stack.home)})
    hunt.look(files_of(stack.folder, stack.home, without={"master.key", "__main__.py"}))
    assert hunt.found == []
    state = stack.resources()
    assert "PRIVATE KEY" in json.dumps(state["issued"]["outputs"]["privateKeyPem"])
    assert stack.preview().require_ok().changed() == {}


def test_a_refresh_that_finds_another_ttl_keeps_the_key_of_updates_secret(stack: Stack, knot: Knot) -> None:
    rfc2136 = {"server": "127.0.0.1", "port": knot.port, "key_name": KEY_NAME, "key_secret": KEY_SECRET}
    stack.write_python(issued(["ttl.example.com"], rfc2136))
    stack.up().require_ok()
    record = stack.resources()["record-0"]["outputs"]
    knot.delete(_ZONE, record["name"], "CNAME")
    knot.add(_ZONE, record["name"], "CNAME", record["value"], ttl=77)
    stack.refresh().require_ok()
    assert stack.resources()["record-0"]["inputs"]["ttl"] == 77
    assert KEY_SECRET not in stack.pulumi("stack", "export").stdout
    assert stack.preview().require_ok().changed() == {"record-0": "update"}


_TAGGED = """
import pulumi
from certwright import dynamic as certwright

tags = {"team": pulumi.Output.secret("hunter-2-of-the-web-team")}
certwright.Certificate("cert", domain_name="tags.example.com", key_algorithm="EC_prime256v1", tags=tags)
"""


def test_secret_tags_stay_secret_in_all_outputs(stack: Stack) -> None:
    stack.write_python(_TAGGED)
    runs = [stack.preview("--diff").require_ok(), stack.up().require_ok(), stack.refresh("--diff").require_ok()]
    assert not [run for run in runs if "hunter-2" in run.text + json.dumps(run.events)]
    assert "hunter-2" in stack.export()
    assert "hunter-2" not in stack.pulumi("stack", "export").stdout


def test_a_missing_home_is_refused_and_not_made(new_stack: Callable[..., Stack]) -> None:
    stack = new_stack()
    stack.write_python(_UNPUBLISHED)
    text = stack.up().require_failed().messages
    assert "certwright init" in text
    assert "Traceback" not in text
    assert not stack.home.exists()


@pytest.fixture
def settled(stack: Stack) -> Stack:
    """Return a stack with an issued certificate."""
    stack.write_python(issued(["home.example.com"]))
    stack.up().require_ok()
    return stack


def test_an_emptied_store_is_refused_and_drops_nothing(settled: Stack) -> None:
    before = stable(settled)
    for file in settled.home.glob("store.db*"):
        file.unlink()
    for run in (settled.refresh(), settled.preview(), settled.up(), settled.destroy()):
        assert "certwright" in run.require_failed().text
    assert stable(settled) == before
    assert not (settled.home / "store.db").exists()


def test_another_home_is_refused_and_changes_nothing(
    settled: Stack, new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    other = new_stack("other", home=tmp_path / "second-home")
    init(other)
    rows, before = dump(other.home), stable(settled)
    env = {"CERTWRIGHT_HOME": str(other.home)}
    for run in (settled.preview(env=env), settled.up(env=env), settled.refresh(env=env), settled.destroy(env=env)):
        text = run.require_failed().text
        assert "belongs to certwright installation" in text
        assert "nothing was changed" in text
    assert dump(other.home) == rows
    assert stable(settled) == before


def test_a_pinned_installation_refuses_another_home_in_the_program_already(
    settled: Stack, new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    other = new_stack("pinned", home=tmp_path / "third-home")
    init(other)
    installation = settled.resources()["cert"]["outputs"]["__certwright"]["installation"]
    other.configure("certwright:installation", installation)
    other.write_python(issued(["a.example.com"]))
    assert installation in other.preview().require_failed().text


_MIXED = """
import pulumi_certwright
from certwright import dynamic

plugin = pulumi_certwright.Certificate("plugin", domain_name="mixed.example.com", key_algorithm="EC_prime256v1")
mine = dynamic.Certificate("mine", domain_name="mixed.example.com", key_algorithm="EC_prime256v1")
option = plugin.domain_validation_options[0]
record = dynamic.ValidationRecord(
    "record",
    zone="example.com",
    name=option.resource_record_name,
    type=option.resource_record_type,
    value=option.resource_record_value,
)
fqdns = [record.fqdn]
dynamic.CertificateValidation("of-plugin", certificate_arn=plugin.arn, validation_record_fqdns=fqdns)
pulumi_certwright.CertificateValidation("of-mine", certificate_arn=mine.arn, validation_record_fqdns=fqdns)
"""


def test_a_stack_mixes_the_plugins_resources_and_dynamic_ones_on_one_store(stack: Stack) -> None:
    stack.write_python(_MIXED)
    shown = preview_outputs(stack)
    assert shown["plugin"]["domainValidationOptions"] == shown["mine"]["domainValidationOptions"]
    stack.up().require_ok()
    resources = stack.resources()
    assert {resources[name]["outputs"]["status"] for name in ("of-plugin", "of-mine")} == {"ISSUED"}
    assert resources["of-plugin"]["id"] != resources["of-mine"]["id"]
    assert stack.preview().require_ok().changed() == {}
    stack.destroy().require_ok()


def test_a_copy_of_the_state_in_another_project_finds_its_certificate(settled: Stack, tmp_path: Path) -> None:
    """The state names our code by module, so that it is found from any folder of a program."""
    moved = tmp_path / "moved"
    shutil.copytree(settled.folder, moved)
    copy = Stack(moved, settled.home, (*settled.extra, ("PULUMI_STACK", "dev")))
    (moved / "__main__.py").write_text("")
    assert set(copy.preview().require_ok().changed().values()) == {"delete"}
