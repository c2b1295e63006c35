"""Check of dynamic resources: records known before anything is made, every fault without a traceback."""

import sqlite3
from pathlib import Path

import pytest
from certwright.adapters.engine_log import EngineLog
from certwright.resources import certificate as handlers
from certwright.resources.session import Session
from certwright.resources.values import Properties
from pulumi.output import UNKNOWN
from pulumi.runtime import rpc

from tests.transport.dns_server import KEY_SECRET, Zones
from tests.transport.dynamic.sdk import CERTIFICATE, RECORD, Sdk, certificate
from tests.transport.homes import copy_home, dump, make_home
from tests.transport.wire import Json

RULES = {"zone": "example.com", "name": "_x.example.com.", "type": "CNAME", "value": "_y.example.org."}


def reasons(sdk: Sdk, kind: str, inputs: Json, olds: Json | None = None) -> dict[str, str]:
    return {item.property: item.reason for item in sdk.check(kind, inputs, olds).failures}


def test_the_records_are_known_before_the_certificate_exists(sdk: Sdk) -> None:
    known = sdk.checked(CERTIFICATE, certificate(subjectAlternativeNames=["*.www.example.com", "a.example.com"]))
    made = sdk.create(CERTIFICATE, certificate(subjectAlternativeNames=["*.www.example.com", "a.example.com"]))
    assert [item["domainName"] for item in known["domainValidationOptions"]] == ["www.example.com", "a.example.com"]
    assert made.outputs["domainValidationOptions"] == known["domainValidationOptions"]


def test_check_writes_nothing(sdk: Sdk, home: Path) -> None:
    before = dump(home)
    sdk.checked(CERTIFICATE, certificate())
    assert dump(home) == before


@pytest.mark.parametrize(
    "names",
    [{"domainName": UNKNOWN}, {"subjectAlternativeNames": ["a.example.com", UNKNOWN]}],
    ids=["first", "one"],
)
def test_records_of_unknown_names_are_unknown(sdk: Sdk, names: Json) -> None:
    assert sdk.checked(CERTIFICATE, certificate(**names))["domainValidationOptions"] == rpc.UNKNOWN


def test_the_name_of_a_record_is_known_before_it_exists(sdk: Sdk, zones: Zones) -> None:
    target = {"server": "127.0.0.1", "port": zones.port, "keyName": "updater", "keySecret": KEY_SECRET}
    assert sdk.checked(RECORD, {**RULES, "rfc2136": target})["fqdn"] == "_x.example.com"


@pytest.mark.parametrize(("tags", "shown"), [({"b": "2"}, {"a": "1", "b": "2"}), ({"b": UNKNOWN}, rpc.UNKNOWN)])
def test_the_tags_with_the_default_ones_are_known(sdk: Sdk, tags: Json, shown: object) -> None:
    tagged = Sdk({**sdk.config, "defaultTags": '{"a": "1"}'})
    found = tagged.checked(CERTIFICATE, certificate(tags=tags, tagsAll=tags))
    assert (found["tags"], found["tagsAll"]) == (
        {name: rpc.UNKNOWN if value is UNKNOWN else value for name, value in tags.items()},
        shown,
    )


def test_defaults_are_filled_in_as_the_plugin_does(sdk: Sdk) -> None:
    assert sdk.checked(CERTIFICATE, certificate())["renewalOutputs"] == "FOLLOW"


def test_every_fault_is_told_at_once_with_its_path(sdk: Sdk) -> None:
    found = reasons(sdk, CERTIFICATE, certificate(domainName="co.uk", validity={"type": "DAYS", "value": 900}))
    assert set(found) == {"domainName", "validity.value"}


def test_a_warning_is_told_to_the_resource(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(EngineLog, "warning", lambda _, message: warnings.append(message))
    sdk.checked(CERTIFICATE, certificate(domainName="github.io"))
    assert [line for line in warnings if "github.io" in line]


def test_faulty_inputs_have_no_records(sdk: Sdk) -> None:
    assert "domainValidationOptions" not in sdk.check(CERTIFICATE, certificate(domainName="co.uk")).inputs


def test_a_fault_of_a_secret_names_no_property_since_the_engine_prints_its_value(sdk: Sdk) -> None:
    failures = sdk.check(RECORD, {**RULES, "rfc2136": "pasted-secret"}).failures
    assert {(item.property, item.reason.partition(":")[0]) for item in failures} == {("", "rfc2136")}
    assert not [item for item in failures if "pasted-secret" in item.reason]


def test_a_missing_home_is_a_failure_and_is_not_made(sdk: Sdk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CERTWRIGHT_HOME", str(tmp_path / "none"))
    assert "certwright init" in reasons(sdk, CERTIFICATE, certificate())[""]
    assert not (tmp_path / "none").exists()


def test_another_home_is_a_failure(sdk: Sdk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = sdk.checked(CERTIFICATE, certificate())
    monkeypatch.setenv("CERTWRIGHT_HOME", str(make_home(tmp_path / "other")))
    sentence = reasons(sdk, CERTIFICATE, certificate(), before)[""]
    assert before["__certwright"]["installation"] in sentence
    assert "nothing was changed" in sentence


def test_a_home_that_is_open_already_is_a_failure_for_a_resource_of_another_one(sdk: Sdk) -> None:
    sdk.checked(CERTIFICATE, certificate())
    before = {"__certwright": {"installation": "1b0b2a6c-0000-4000-8000-000000000000"}}
    assert "nothing was changed" in reasons(sdk, CERTIFICATE, certificate(), before)[""]


def test_an_emptied_home_is_a_failure_that_names_the_installation(
    sdk: Sdk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = sdk.checked(CERTIFICATE, certificate())
    monkeypatch.setenv("CERTWRIGHT_HOME", str(tmp_path / "emptied"))
    sentence = reasons(sdk, CERTIFICATE, certificate(), before)[""]
    assert before["__certwright"]["installation"] in sentence
    assert "is empty" in sentence
    assert not (tmp_path / "emptied").exists()


def test_a_pinned_installation_refuses_another_home(sdk: Sdk, template: Path, tmp_path: Path) -> None:
    copy_home(template, tmp_path / "same")
    pinned = Sdk({**sdk.config, "installation": "1b0b2a6c-0000-4000-8000-000000000000"})
    assert "1b0b2a6c" in reasons(pinned, CERTIFICATE, certificate())[""]


def test_an_account_that_is_new_to_the_home_gets_its_keys(sdk: Sdk, home: Path) -> None:
    other = Sdk({**sdk.config, "account": "111111111111"})
    assert other.checked(CERTIFICATE, certificate())["domainValidationOptions"]
    with sqlite3.connect(home / "store.db") as store:
        assert store.execute("SELECT count(*) FROM account_secrets WHERE account = '111111111111'").fetchone() == (1,)


def test_faults_of_the_configuration_are_told_at_once(sdk: Sdk) -> None:
    wrong = Sdk({**sdk.config, "account": "12", "region": "No Region"})
    sentence = reasons(wrong, CERTIFICATE, certificate())[""]
    assert "account" in sentence
    assert "region" in sentence


def test_a_fault_of_our_own_is_a_sentence_and_stands_in_the_log_without_values(
    sdk: Sdk, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Session, news: Properties) -> None:
        del session, news
        msg = "hunter2"
        raise ValueError(msg)

    monkeypatch.setattr(handlers, "check", fail)
    assert "a fault of its own (ValueError)" in reasons(sdk, CERTIFICATE, certificate())[""]
    kept = (home / "plugin.log").read_text()
    assert "builtins.ValueError" in kept
    assert "hunter2" not in kept
