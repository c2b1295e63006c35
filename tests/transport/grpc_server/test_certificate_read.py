"""Read of a Certificate: refresh and import; gone only where the store has its tombstone."""

from pathlib import Path

import grpc
import pytest

from tests.support.aging import age
from tests.transport.declared import NAME, certificate, issued
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, Engine, Made, refused
from tests.transport.homes import execute
from tests.transport.wire import plain

ABSENT = "arn:certwright:acm:local:000000000000:certificate/12345678-1234-4234-8234-123456789012"


def test_a_refresh_changes_nothing(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate(tags={"team": "web"}))
    found = up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    assert (found.id, plain(found.properties), plain(found.inputs)) == (made.id, made.outputs, made.inputs)


@pytest.mark.parametrize(
    "inputs",
    [
        certificate(subjectAlternativeNames=["B.example.com.", "a.example.com"]),
        certificate(validity={"type": "DAYS", "value": 395.0}),
        certificate(options={"export": "DISABLED"}, tags={}),
    ],
    ids=["names", "a life", "options"],
)
def test_a_refresh_keeps_inputs_as_written(up: Engine, inputs: dict[str, object]) -> None:
    made = up.create(CERTIFICATE, inputs)
    assert plain(up.read(CERTIFICATE, made.id, made.outputs, inputs).inputs) == inputs


def test_a_refresh_shows_what_was_issued_meanwhile(up: Engine, zones: Zones) -> None:
    made, waited = issued(up, zones)
    found = plain(up.read(CERTIFICATE, made.id, made.outputs, made.inputs).properties)
    assert (found["status"], found["serial"], found["notAfter"]) == (
        "ISSUED",
        waited.outputs["serial"],
        waited.outputs["notAfter"],
    )


def test_a_refresh_shows_inputs_that_were_changed_elsewhere(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.update(CERTIFICATE, made, certificate(subjectAlternativeNames=["a.example.com"]))
    found = plain(up.read(CERTIFICATE, made.id, made.outputs, made.inputs).inputs)
    assert found["subjectAlternativeNames"] == ["a.example.com"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"keyAlgorithm": "RSA_2048"}, {}, id="nothing but a name"),
        pytest.param({}, {"keyAlgorithm": "EC_prime256v1"}, id="another key"),
        pytest.param(
            {"keyAlgorithm": "RSA_2048", "subjectAlternativeNames": ["b.example.com", "A.example.com."]},
            {"subjectAlternativeNames": ["b.example.com", "a.example.com"]},
            id="names in the order of the request",
        ),
        pytest.param(
            {
                "keyAlgorithm": "RSA_2048",
                "validity": {"type": "MONTHS", "value": 3},
                "options": {"export": "ENABLED"},
                "earlyRenewalDuration": "720h",
                "keyRotation": "NEVER",
                "renewalOutputs": "PIN",
                "tags": {"team": "web"},
            },
            {
                "validity": {"type": "DAYS", "value": 90},
                "options": {"export": "ENABLED"},
                "earlyRenewalDuration": "P30D",
                "keyRotation": "NEVER",
                "renewalOutputs": "PIN",
                "tags": {"team": "web"},
            },
            id="everything else",
        ),
    ],
)
def test_an_import_gives_the_fewest_inputs_that_mean_the_same(
    up: Engine, values: dict[str, object], expected: dict[str, object]
) -> None:
    made = up.create(CERTIFICATE, certificate(**values))
    inputs = plain(up.read(CERTIFICATE, made.id, {}, {}).inputs)
    assert inputs == {"domainName": NAME, **expected}


@pytest.mark.parametrize("early", ["P1D", "36h", "PT90M"])
def test_an_import_means_what_was_declared(up: Engine, early: str) -> None:
    made = up.create(CERTIFICATE, certificate(earlyRenewalDuration=early))
    found = up.read(CERTIFICATE, made.id, {}, {})
    imported = Made(found.id, found.properties, plain(found.inputs))
    response = up.diff(CERTIFICATE, imported, certificate(earlyRenewalDuration=early))
    assert list(response.diffs) == []


def test_an_imported_certificate_is_not_changed_by_its_next_diff(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate(tags={"team": "web"}))
    found = up.read(CERTIFICATE, made.id, {}, {})
    imported = Made(found.id, found.properties, plain(found.inputs))
    assert list(up.diff(CERTIFICATE, imported, made.inputs).diffs) == []


def test_default_tags_are_not_imported_as_the_certificates_own(up: Engine, zones: Zones) -> None:
    up.configure(resolvers=[zones.address], defaultTags={"team": "web"})
    made = up.create(CERTIFICATE, certificate(tags={"tier": "1"}))
    assert plain(up.read(CERTIFICATE, made.id, {}, {}).inputs)["tags"] == {"tier": "1"}


def test_a_deleted_certificate_is_gone(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.delete(CERTIFICATE, made)
    found = up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    assert (found.id, plain(found.properties)) == ("", {})


@pytest.mark.parametrize(
    ("resource_id", "code", "said"),
    [
        pytest.param(ABSENT, grpc.StatusCode.NOT_FOUND, "does not exist", id="an ARN that was never there"),
        pytest.param(
            ABSENT.replace("000000000000", "000000000001"),
            grpc.StatusCode.NOT_FOUND,
            "does not exist",
            id="an ARN of another account",
        ),
        pytest.param("web", grpc.StatusCode.INVALID_ARGUMENT, "is not of the form", id="no ARN"),
        pytest.param("", grpc.StatusCode.INVALID_ARGUMENT, "is not of the form", id="nothing"),
    ],
)
def test_what_is_unknown_here_is_an_error_and_never_gone(
    up: Engine, resource_id: str, code: grpc.StatusCode, said: str
) -> None:
    with refused() as found:
        up.read(CERTIFICATE, resource_id, {}, {})
    assert (found[0].code, said in found[0].sentence) == (code, True)


def test_a_certificate_whose_row_was_lost_is_an_error_and_never_gone(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    execute(home, "DELETE FROM certificate_versions")
    execute(home, "DELETE FROM certificates")
    with refused() as found:
        up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    assert found[0].code is grpc.StatusCode.NOT_FOUND


def test_a_state_of_another_installation_is_refused(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    state = made.outputs
    state["__certwright"]["installation"] = "0f3b1c2d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    with refused() as found:
        up.read(CERTIFICATE, made.id, state, made.inputs)
    assert (found[0].code, "nothing was changed" in found[0].sentence) == (grpc.StatusCode.FAILED_PRECONDITION, True)


def test_a_read_acknowledges_the_certificate(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    assert execute(home, "UPDATE certificates SET claimed = 1 WHERE claimed = 0") == 0


def test_a_pinned_version_is_read_as_it_was(up: Engine, zones: Zones, home: Path) -> None:
    made, _ = issued(up, zones, renewalOutputs="PIN")
    found = up.read(CERTIFICATE, made.id, made.outputs, made.inputs)
    pinned = Made(found.id, found.properties, made.inputs)
    age(home, "UPDATE certificate_versions SET renewal_start = 1, renewal_chosen = 2, renewal_end = 3")
    up.update(CERTIFICATE, pinned, made.inputs)
    again = plain(up.read(CERTIFICATE, made.id, pinned.outputs, made.inputs).properties)
    assert again["serial"] == pinned.outputs["serial"]
