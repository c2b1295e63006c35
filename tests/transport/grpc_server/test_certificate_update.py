"""Update and Delete of a Certificate: the ARN stays, the old version serves until the new one is issued."""

from pathlib import Path

import grpc
import pytest

from tests.support.aging import age
from tests.transport import wire
from tests.transport.declared import NAME, certificate, issued, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, VALIDATION, Engine, Made, refused
from tests.transport.homes import dump, rows
from tests.transport.wire import UNKNOWN

MORE = {"subjectAlternativeNames": ["a.example.com"]}
ROTATING = {"status", "notBefore", "notAfter", "serial", "renewalEligibility", "renewalSummary"}
SHOWN = {"notBefore", "notAfter", "serial", "certificatePem", "chainPem"}
MAKE_DUE = "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3"


def unknown(made: Made) -> set[str]:
    """Return the names of outputs that are unknown."""
    return {name for name, value in made.outputs.items() if value == UNKNOWN}


def taken_up(up: Engine, zones: Zones) -> Made:
    """Return an issued certificate whose state shows it."""
    made, _ = issued(up, zones)
    found = up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    return Made(found.id, found.properties, made.inputs)


def test_a_changed_name_makes_a_new_version_under_the_same_arn(up: Engine, zones: Zones, home: Path) -> None:
    made = taken_up(up, zones)
    updated = up.update(CERTIFICATE, made, certificate(**MORE))
    assert updated.outputs["arn"] == made.id
    assert rows(home, "certificate_versions", "number, cause") == [(1, "REQUEST"), (2, "CHANGE")]


def test_no_version_is_shown_until_the_new_one_is_issued_while_the_old_one_serves(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    updated = up.update(CERTIFICATE, made, certificate(**MORE)).outputs
    assert (updated["status"], SHOWN & set(updated)) == ("ISSUED", set())


def test_once_the_new_version_is_issued_elsewhere_there_is_nothing_to_do(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    updated = up.update(CERTIFICATE, made, certificate(**MORE))
    publish(zones, updated.outputs)
    up.create(VALIDATION, {"certificateArn": made.id})
    assert list(up.diff(CERTIFICATE, updated, updated.inputs).diffs) == []


def test_a_renewal_after_a_change_shows_its_version_again(up: Engine, zones: Zones, home: Path) -> None:
    made = taken_up(up, zones)
    updated = up.update(CERTIFICATE, made, certificate(**MORE))
    publish(zones, updated.outputs)
    up.create(VALIDATION, {"certificateArn": made.id})
    age(home, MAKE_DUE)
    assert set(up.update(CERTIFICATE, updated, updated.inputs).outputs) >= SHOWN - {"certificatePem", "chainPem"}


def test_a_new_version_whose_names_are_proven_is_issued_at_once(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    updated = up.update(CERTIFICATE, made, certificate(validity={"type": "DAYS", "value": 90})).outputs
    assert updated["serial"] != made.outputs["serial"]


def test_an_update_echoes_the_new_inputs(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    updated = up.update(CERTIFICATE, made, certificate(tags={"team": "web"}, **MORE)).outputs
    assert (updated["tags"], updated["subjectAlternativeNames"]) == ({"team": "web"}, ["a.example.com"])


@pytest.mark.parametrize("preview", [False, True])
def test_all_tags_are_those_of_the_configuration_and_over_them_the_declared_ones(
    up: Engine, zones: Zones, *, preview: bool
) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.configure(resolvers=[zones.address], defaultTags={"team": "web", "tier": "1"})
    updated = up.update(CERTIFICATE, made, certificate(tags={"team": "db"}), preview=preview).outputs
    assert (updated["tags"], updated["tagsAll"]) == ({"team": "db"}, {"team": "db", "tier": "1"})


def test_an_update_of_something_unfinished_goes_on(up: Engine, zones: Zones, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    publish(zones, made.outputs)
    updated = up.update(CERTIFICATE, made, made.inputs)
    assert (updated.outputs["status"], len(rows(home, "certificate_versions"))) == ("ISSUED", 1)


def test_a_pending_change_that_is_taken_back_leaves_the_version_in_force(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    changing = up.update(CERTIFICATE, made, certificate(**MORE))
    back = up.update(CERTIFICATE, changing, certificate())
    assert back.outputs["serial"] == made.outputs["serial"]
    assert list(up.diff(CERTIFICATE, back, certificate()).diffs) == []


def test_a_due_renewal_is_done_by_an_update(up: Engine, zones: Zones, home: Path) -> None:
    made = taken_up(up, zones)
    age(home, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3")
    renewed = up.update(CERTIFICATE, made, made.inputs).outputs
    assert (renewed["arn"], renewed["serial"] != made.outputs["serial"]) == (made.id, True)
    assert renewed["renewalSummary"]["renewalStatus"] == "SUCCESS"


def test_a_renewal_that_cannot_be_validated_keeps_the_old_version_and_warns(
    up: Engine, zones: Zones, home: Path
) -> None:
    made = taken_up(up, zones)
    age(home, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3")
    zones.clear()
    renewed = up.update(CERTIFICATE, made, made.inputs).outputs
    assert (renewed["status"], renewed["serial"]) == ("ISSUED", made.outputs["serial"])
    assert [
        line
        for line in up.log.lines("WARNING")
        if line.startswith("Not renewed yet. The old version stays in force until ")
    ]


@pytest.mark.parametrize("values", [MORE, {}], ids=["a change", "no change"])
def test_preview_of_an_update_stores_nothing(up: Engine, home: Path, values: dict[str, object]) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.diff(CERTIFICATE, made, made.inputs)
    before = dump(home)
    up.update(CERTIFICATE, made, certificate(**values), preview=True)
    assert dump(home) == before


def test_preview_of_a_new_version_keeps_arn_and_records_known(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    planned = up.update(CERTIFICATE, made, certificate(**MORE), preview=True)
    assert (planned.outputs["arn"], unknown(planned) >= ROTATING) == (made.id, True)
    assert [option["domainName"] for option in planned.outputs["domainValidationOptions"]] == [NAME, "a.example.com"]


def test_preview_has_the_outputs_that_up_will_give(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    news = certificate(validity={"type": "DAYS", "value": 90})
    planned = up.update(CERTIFICATE, made, news, preview=True).outputs
    assert set(planned) == set(up.update(CERTIFICATE, made, news).outputs)


def test_preview_of_a_change_that_needs_no_new_version_is_known_throughout(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    planned = up.update(CERTIFICATE, made, certificate(tags={"team": "web"}), preview=True)
    assert (unknown(planned), planned.outputs["serial"]) == (set(), made.outputs["serial"])
    assert planned.outputs["tags"] == {"team": "web"}


@pytest.mark.parametrize(
    "values",
    [{"domainName": UNKNOWN}, {"subjectAlternativeNames": [UNKNOWN]}, {"validity": UNKNOWN}],
    ids=["the first name", "another name", "the life"],
)
def test_preview_with_an_unknown_input_keeps_the_arn(up: Engine, zones: Zones, values: dict[str, object]) -> None:
    made = taken_up(up, zones)
    planned = up.update(CERTIFICATE, made, certificate(**values), preview=True).outputs
    (name,) = values
    assert (planned["arn"], planned[name], planned["serial"]) == (made.id, UNKNOWN, UNKNOWN)


def test_preview_with_an_unknown_life_keeps_the_records_known(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    planned = up.update(CERTIFICATE, made, certificate(validity=UNKNOWN), preview=True).outputs
    assert planned["domainValidationOptions"] == made.outputs["domainValidationOptions"]


def test_preview_with_an_unknown_tag_changes_nothing_else(up: Engine, zones: Zones) -> None:
    made = taken_up(up, zones)
    planned = up.update(CERTIFICATE, made, certificate(tags={"team": UNKNOWN}), preview=True)
    assert unknown(planned) == {"tags", "tagsAll"}


def test_a_secret_stays_secret_through_an_update(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    updated = up.update(CERTIFICATE, made, certificate(tags={"team": wire.secret("web")}))
    assert (wire.is_secret(updated.wire, "tags"), wire.is_secret(updated.wire, "tagsAll")) == (True, True)


def test_deleting_leaves_a_tombstone(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.delete(CERTIFICATE, made)
    ((deleted,),) = rows(home, "certificates", "deleted_at")
    assert deleted is not None


def test_deleting_twice_is_success(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.delete(CERTIFICATE, made)
    before = dump(home)
    up.delete(CERTIFICATE, made)
    assert dump(home) == before


def test_deleting_keeps_the_sealed_key(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones)
    up.delete(CERTIFICATE, made)
    ((key,),) = rows(home, "certificate_versions", "sealed_key")
    assert key is not None


@pytest.mark.parametrize("operation", ["update", "diff"])
def test_a_deleted_certificate_is_an_error_for_everything_else(up: Engine, operation: str) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.delete(CERTIFICATE, made)
    with refused() as found:
        getattr(up, operation)(CERTIFICATE, made, made.inputs)
    assert (found[0].code, "was deleted on" in found[0].sentence) == (grpc.StatusCode.NOT_FOUND, True)


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_a_state_of_another_installation_is_refused(up: Engine, home: Path, operation: str) -> None:
    made = up.create(CERTIFICATE, certificate())
    state = made.outputs
    state["__certwright"]["installation"] = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    foreign = Made(made.id, wire.struct(state), made.inputs)
    before = dump(home)
    with refused() as found:
        up.delete(CERTIFICATE, foreign) if operation == "delete" else up.update(CERTIFICATE, foreign, made.inputs)
    assert (found[0].code, dump(home) == before) == (grpc.StatusCode.FAILED_PRECONDITION, True)


def test_another_accounts_certificate_is_not_found(up: Engine, zones: Zones) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.configure(resolvers=[zones.address], account="000000000001")
    with refused() as found:
        up.update(CERTIFICATE, made, made.inputs)
    assert found[0].code is grpc.StatusCode.NOT_FOUND


def test_another_account_deletes_nothing(up: Engine, zones: Zones, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.configure(resolvers=[zones.address], account="000000000001")
    with refused():
        up.delete(CERTIFICATE, made)
    assert rows(home, "certificates", "deleted_at") == [(None,)]
