"""A dynamic Certificate: one row whatever happens, diffs with their reasons, reads that keep the inputs."""

from pathlib import Path

import pytest
from certwright.adapters.engine_log import EngineLog
from certwright.model.arns import parse_certificate_arn
from certwright.resources.session import PlannedUpdates
from certwright.transport.dynamic import handling
from certwright.transport.dynamic.opening import Homes, environment
from pulumi.output import UNKNOWN

from tests.support.aging import expire, make_due
from tests.transport.dns_server import Zones
from tests.transport.dynamic.sdk import CERTIFICATE, VALIDATION, Made, Sdk, certificate, owner, told
from tests.transport.homes import make_home, rows
from tests.transport.wire import Json

MORE = ["a.example.com"]


@pytest.fixture
def infos(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the resources' diagnostics are told from now on."""
    lines: list[str] = []
    monkeypatch.setattr(EngineLog, "info", lambda _, message: lines.append(message))
    monkeypatch.setattr(EngineLog, "warning", lambda _, message: lines.append(message))
    return lines


def reopened(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """Return the provider of the engine's next run."""
    monkeypatch.setattr(handling, "_PLANNED", PlannedUpdates())
    return Sdk(sdk.config)


def test_create_returns_the_arn_as_id_and_keeps_the_urn(sdk: Sdk) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    assert made.outputs["arn"] == made.id
    assert parse_certificate_arn(made.id)
    assert made.outputs["__owner"] == owner(CERTIFICATE)
    assert made.outputs["status"] == "PENDING_VALIDATION"


def test_the_store_knows_the_resource_by_its_urn(sdk: Sdk, home: Path) -> None:
    sdk.create(CERTIFICATE, certificate())
    assert rows(home, "certificates", "urn") == [(owner(CERTIFICATE),)]


def test_a_create_whose_reply_was_lost_is_adopted(sdk: Sdk, home: Path) -> None:
    first, second = sdk.create(CERTIFICATE, certificate()), sdk.create(CERTIFICATE, certificate())
    assert first.id == second.id
    assert rows(home, "certificates", "id") == [(first.id.rpartition("/")[2],)]


def test_resources_of_other_names_have_certificates_of_their_own(sdk: Sdk) -> None:
    first, second = sdk.create(CERTIFICATE, certificate(), "one"), sdk.create(CERTIFICATE, certificate(), "two")
    assert first.id != second.id


def test_what_did_not_change_is_no_change(sdk: Sdk, zones: Zones) -> None:
    certificate_made, waited = sdk.issued(zones)
    assert not sdk.diff(certificate_made).changes
    assert not sdk.diff(waited).changes


def test_the_code_of_another_version_is_no_change(sdk: Sdk) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    assert not sdk.provider(CERTIFICATE).diff(made.id, made.outputs, {**made.inputs, "__provider": "newer"}).changes


def test_another_order_of_names_is_no_change(sdk: Sdk) -> None:
    made = sdk.create(CERTIFICATE, certificate(subjectAlternativeNames=["a.example.com", "b.example.com"]))
    assert not sdk.diff(made, certificate(subjectAlternativeNames=["B.example.com.", "a.example.com"])).changes


def test_an_added_name_is_an_update_that_says_why(sdk: Sdk, zones: Zones, infos: list[str]) -> None:
    made, _ = sdk.issued(zones)
    infos.clear()
    found = sdk.diff(made, certificate(subjectAlternativeNames=MORE))
    assert (found.changes, found.replaces) == (True, [])
    assert infos == ["new version under the same ARN: names added: a.example.com"]


def test_a_changed_certificate_shows_both_resources_as_updates(sdk: Sdk, zones: Zones) -> None:
    made, waited = sdk.issued(zones)
    sdk.diff(made, certificate(subjectAlternativeNames=MORE))
    assert sdk.diff(waited).changes


def test_a_diff_asks_nobody(sdk: Sdk, zones: Zones) -> None:
    made, waited = sdk.issued(zones)
    zones.asked.clear()
    sdk.diff(made, certificate(subjectAlternativeNames=MORE))
    sdk.diff(waited)
    assert zones.asked == []


def test_an_unknown_input_is_a_change(sdk: Sdk) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    assert sdk.diff(made, certificate(keyAlgorithm=UNKNOWN)).changes


def test_an_update_keeps_the_arn_and_gives_the_records_of_all_names(sdk: Sdk, zones: Zones) -> None:
    made, _ = sdk.issued(zones)
    updated = sdk.update(made, certificate(subjectAlternativeNames=MORE))
    assert updated.outputs["arn"] == made.id
    names = [item["domainName"] for item in updated.outputs["domainValidationOptions"]]
    assert names == ["www.example.com", "a.example.com"]


def test_a_due_renewal_is_an_update_of_both_that_renews(
    sdk: Sdk, zones: Zones, homes: Homes, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, waited = sdk.issued(zones)
    assert not sdk.diff(made).changes
    homes.close()
    make_due(home)
    following = reopened(sdk, monkeypatch)
    assert following.diff(made).changes
    assert following.diff(waited).changes
    renewed = following.update(made, certificate())
    assert renewed.outputs["serial"] not in {None, made.outputs.get("serial"), waited.outputs["serial"]}


def test_a_pinned_version_of_no_more_use_is_told_before_the_update_refuses_it(
    sdk: Sdk, zones: Zones, homes: Homes, home: Path, infos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = sdk.issued(zones, renewalOutputs="PIN")
    homes.close()
    expire(home, 1)
    following = reopened(sdk, monkeypatch)
    assert following.diff(made).changes
    assert [line for line in infos if "pinned version 1 expired" in line]
    with told() as lines:
        following.update(made, certificate(renewalOutputs="PIN"))
    assert "Change `repin`" in lines[-1]


@pytest.mark.parametrize("values", [{}, {"subjectAlternativeNames": ["A.example.com."], "tags": {"a": "b"}}])
def test_a_read_of_what_did_not_change_leaves_the_inputs_as_written(sdk: Sdk, values: Json) -> None:
    made = sdk.create(CERTIFICATE, certificate(**values))
    found = sdk.read(made)
    assert (found.id, found.inputs) == (made.id, None)
    assert (found.outs or {})["domainValidationOptions"] == made.outputs["domainValidationOptions"]


def test_a_read_returns_the_inputs_that_somebody_else_changed(sdk: Sdk) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    sdk.update(made, certificate(subjectAlternativeNames=MORE))
    found = sdk.read(made)
    inputs = found.inputs or {}
    assert (inputs["subjectAlternativeNames"], inputs["__owner"]) == (MORE, owner(CERTIFICATE))
    assert inputs["__certwright"]["installation"] == made.inputs["__certwright"]["installation"]


def test_a_deleted_certificate_is_gone(sdk: Sdk) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    sdk.delete(made)
    sdk.delete(made)
    assert sdk.read(made).id == ""


def test_an_unfinished_wait_is_read_with_what_is_missing(sdk: Sdk, zones: Zones, infos: list[str]) -> None:
    made, waited = sdk.issued(zones)
    zones.clear()
    sdk.update(made, certificate(subjectAlternativeNames=MORE))
    found = sdk.read(waited)
    assert (found.outs or {})["serial"] == waited.outputs["serial"]
    assert sdk.diff(Made(VALIDATION, waited.id, found.outs or {}, waited.inputs)).changes
    assert infos


@pytest.mark.parametrize("call", ["diff", "update", "read", "delete"])
def test_another_home_is_refused_and_never_read_as_gone(
    sdk: Sdk, call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = sdk.create(CERTIFICATE, certificate())
    monkeypatch.setenv("CERTWRIGHT_HOME", str(make_home(tmp_path / "other")))
    provider = sdk.provider(CERTIFICATE)
    with told() as lines:
        match call:
            case "diff":
                provider.diff(made.id, made.outputs, made.inputs)
            case "update":
                provider.update(made.id, made.outputs, made.inputs)
            case "read":
                provider.read(made.id, made.outputs)
            case _:
                provider.delete(made.id, made.outputs)
    assert "nothing was changed" in lines[-1]


def test_the_decrypted_configuration_of_the_stack_is_left_out_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", '{"other:password": "hunter2"}')
    assert "PULUMI_CONFIG" not in environment()
