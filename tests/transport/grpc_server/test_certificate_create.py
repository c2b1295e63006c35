"""Create of a Certificate: real records in preview, nothing stored there, and safe to repeat."""

from pathlib import Path

import grpc
import pytest

from tests.transport import wire
from tests.transport.declared import NAME, certificate, issued, publish
from tests.transport.dns_server import Zones
from tests.transport.engine import CERTIFICATE, Engine, engine, refused
from tests.transport.homes import dump, rows
from tests.transport.wire import UNKNOWN

SANS = "subjectAlternativeNames"
RECORDS = "domainValidationOptions"
UNKNOWN_YET = {
    "arn",
    "status",
    "notBefore",
    "notAfter",
    "serial",
    "renewalEligibility",
    "renewalSummary",
    "certificatePem",
    "chainPem",
}


def test_preview_knows_everything_but_what_up_will_make(up: Engine) -> None:
    found = up.preview(CERTIFICATE, certificate())
    assert {name for name, value in found.items() if value == UNKNOWN} == UNKNOWN_YET


def test_preview_gives_the_records_that_up_gives(up: Engine) -> None:
    inputs = certificate(subjectAlternativeNames=["a.example.com", f"*.{NAME}", "example.org"])
    planned = up.preview(CERTIFICATE, inputs)[RECORDS]
    assert planned == up.create(CERTIFICATE, inputs).outputs[RECORDS]


def test_records_come_in_the_order_of_the_names_and_a_wildcard_shares_its_apex(up: Engine) -> None:
    inputs = certificate(subjectAlternativeNames=[f"*.{NAME}", "b.example.com", "a.example.com"])
    found = [option["domainName"] for option in up.preview(CERTIFICATE, inputs)[RECORDS]]
    assert found == [NAME, "b.example.com", "a.example.com"]


def test_a_record_is_one_cname_with_absolute_names(up: Engine) -> None:
    (option,) = up.preview(CERTIFICATE, certificate())[RECORDS]
    assert option["resourceRecordType"] == "CNAME"
    assert option["resourceRecordName"].endswith(f".{NAME}.")
    assert option["resourceRecordValue"].endswith(".acm-validations.certwright.internal.")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="a certificate"),
        pytest.param({"subjectAlternativeNames": ["*.example.org"], "tags": {"a": "b"}}, id="with more names"),
        pytest.param({"domainName": UNKNOWN}, id="with an unknown name"),
    ],
)
def test_preview_stores_nothing(up: Engine, home: Path, values: dict[str, object]) -> None:
    before = dump(home)
    up.preview(CERTIFICATE, certificate(**values))
    assert dump(home) == before


@pytest.mark.parametrize(
    "values",
    [
        {"domainName": UNKNOWN},
        {"subjectAlternativeNames": UNKNOWN},
        {"subjectAlternativeNames": ["a.example.com", UNKNOWN]},
    ],
    ids=["the first", "all others", "one other"],
)
def test_with_an_unknown_name_the_records_are_unknown(up: Engine, values: dict[str, object]) -> None:
    assert up.preview(CERTIFICATE, certificate(**values))[RECORDS] == UNKNOWN


@pytest.mark.parametrize(
    "name", ["tags", "domainName", "validity", "issuer", "keyAlgorithm", "subjectAlternativeNames"]
)
def test_an_unknown_input_is_an_unknown_output(up: Engine, name: str) -> None:
    assert up.preview(CERTIFICATE, certificate(**{name: UNKNOWN}))[name] == UNKNOWN


def test_an_unknown_input_that_is_no_name_leaves_the_records_known(up: Engine) -> None:
    assert up.preview(CERTIFICATE, certificate(tags={"team": UNKNOWN}))[RECORDS] != UNKNOWN


def test_preview_of_a_new_certificate_shows_the_configurations_tags(up: Engine, zones: Zones) -> None:
    up.configure(resolvers=[zones.address], defaultTags={"team": "web"})
    assert up.preview(CERTIFICATE, certificate(tags={"tier": "1"}))["tagsAll"] == {"team": "web", "tier": "1"}


def test_an_unknown_tag_leaves_all_tags_unknown(up: Engine) -> None:
    assert up.preview(CERTIFICATE, certificate(tags={"team": UNKNOWN}))["tagsAll"] == UNKNOWN


def test_preview_warns_of_a_record_with_another_value(up: Engine, zones: Zones) -> None:
    (option,) = up.preview(CERTIFICATE, certificate(domainName="a.example.com"))[RECORDS]
    zones.add(option["resourceRecordName"], "CNAME", "elsewhere.example.org.")
    up.configure(resolvers=[zones.address])
    up.preview(CERTIFICATE, certificate(domainName="a.example.com"))
    assert [line for line in up.log.lines("WARNING") if line.startswith("WRONG_VALUE")]


def test_preview_refuses_what_caa_forbids(up: Engine, zones: Zones) -> None:
    zones.add("example.com.", "CAA", '0 issue "ca.example.net"')
    up.configure(resolvers=[zones.address], caaIdentities=["ca.example.org"])
    with refused() as found:
        up.preview(CERTIFICATE, certificate(subjectAlternativeNames=["a.example.com"]))
    assert found[0].code is grpc.StatusCode.FAILED_PRECONDITION
    assert [line.partition(":")[0] for line in found[0].sentence.splitlines()] == ["domainName", f"{SANS}[0]"]


def test_preview_asks_no_dns_where_preflight_is_off(up: Engine, zones: Zones) -> None:
    up.configure(resolvers=[zones.address], preflight=False)
    up.preview(CERTIFICATE, certificate())
    assert zones.asked == []


def test_create_returns_at_once_and_waits_for_validation(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate())
    outputs = made.outputs
    assert (outputs["arn"], outputs["status"], outputs["renewalEligibility"]) == (
        made.id,
        "PENDING_VALIDATION",
        "INELIGIBLE",
    )


def test_create_echoes_its_inputs(up: Engine) -> None:
    inputs = certificate(
        subjectAlternativeNames=["A.example.com."], tags={"team": "web"}, options={"export": "ENABLED"}
    )
    outputs = up.create(CERTIFICATE, inputs).outputs
    assert {name: outputs[name] for name in inputs} == inputs


def test_create_says_in_the_hidden_output_whose_state_it_is(up: Engine, home: Path) -> None:
    hidden = up.create(CERTIFICATE, certificate()).outputs["__certwright"]
    ((installation,),) = rows(home, "installation", "id")
    ((digest,),) = rows(home, "certificates", "input_digest")
    assert hidden == {"installation": installation, "stateVersion": 1, "digest": digest, "version": 1, "shown": 0}


def test_create_is_in_the_audit_log_with_names_and_urn(up: Engine, home: Path) -> None:
    made = up.create(CERTIFICATE, certificate())
    ((detail,),) = rows(home, f"(SELECT detail FROM audit_events WHERE subject = '{made.id}')", "detail")
    assert (NAME in str(detail), "urn:pulumi:dev::project" in str(detail)) == (True, True)


def test_a_create_whose_reply_was_lost_makes_one_certificate(up: Engine, home: Path) -> None:
    first = up.create(CERTIFICATE, certificate())
    second = up.create(CERTIFICATE, certificate())
    assert (first.id, len(rows(home, "certificates"))) == (second.id, 1)


def test_another_process_repeats_a_create_without_harm(up: Engine, environ: dict[str, str], zones: Zones) -> None:
    first = up.create(CERTIFICATE, certificate())
    with engine(environ) as another:
        another.configure(resolvers=[zones.address])
        assert another.create(CERTIFICATE, certificate()).id == first.id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(["a.example.com", "b.example.com"], ["b.example.com", "a.example.com"], id="order"),
        pytest.param(["a.example.com"], ["A.Example.com."], id="capitals and dots"),
    ],
)
def test_a_create_repeated_in_other_words_is_the_same(
    up: Engine, home: Path, first: list[str], second: list[str]
) -> None:
    up.create(CERTIFICATE, certificate(subjectAlternativeNames=first))
    up.create(CERTIFICATE, certificate(subjectAlternativeNames=second))
    assert len(rows(home, "certificates")) == 1


def test_a_repeated_create_with_other_inputs_supersedes_the_first(up: Engine, home: Path) -> None:
    first = up.create(CERTIFICATE, certificate())
    second = up.create(CERTIFICATE, certificate(subjectAlternativeNames=["a.example.com"]))
    live = rows(home, "(SELECT id FROM certificates WHERE deleted_at IS NULL)", "id")
    assert first.id != second.id
    assert live == [(second.id.rpartition("/")[2],)]


def test_another_resource_with_the_same_inputs_is_another_certificate(up: Engine) -> None:
    first = up.create(CERTIFICATE, certificate(), name="one")
    second = up.create(CERTIFICATE, certificate(), name="two")
    assert first.id != second.id


def test_a_certificate_that_the_engine_knows_is_not_returned_to_another_create(up: Engine) -> None:
    first = up.create(CERTIFICATE, certificate())
    up.diff(CERTIFICATE, first, certificate())
    assert up.create(CERTIFICATE, certificate()).id != first.id


def test_a_name_that_was_validated_before_is_issued_at_once(up: Engine, zones: Zones) -> None:
    issued(up, zones, "first")
    outputs = up.create(CERTIFICATE, certificate(), name="second").outputs
    assert outputs["status"] == "ISSUED"
    assert outputs["certificatePem"].startswith("-----BEGIN CERTIFICATE-----")
    assert outputs["chainPem"].count("-----BEGIN CERTIFICATE-----") == 1


def test_a_name_that_was_handed_out_and_published_is_issued_at_once(up: Engine, zones: Zones) -> None:
    first = up.create(CERTIFICATE, certificate(), name="first")
    publish(zones, first.outputs)
    assert up.create(CERTIFICATE, certificate(), name="second").outputs["status"] == "ISSUED"


def test_a_secret_input_is_a_secret_output(up: Engine) -> None:
    made = up.create(CERTIFICATE, certificate(tags={"team": wire.secret("web")}))
    assert (wire.is_secret(made.wire, "tags"), wire.is_secret(made.wire, "tagsAll")) == (True, True)


def test_faulty_inputs_that_slip_past_check_are_refused_with_all_faults(up: Engine, home: Path) -> None:
    before = dump(home)
    with refused() as found:
        up.create(CERTIFICATE, certificate(domainName="a b", issuer="x"))
    assert found[0].code is grpc.StatusCode.INVALID_ARGUMENT
    assert [line.partition(":")[0] for line in found[0].sentence.splitlines()] == ["domainName", "issuer"]
    assert dump(home) == before
