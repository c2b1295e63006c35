"""Changes of a certificate: new versions under the same ARN, shown before they happen."""

from collections.abc import Sequence

import pytest
from cryptography import x509

from tests.support.knot import Knot
from tests.support.programs import certificate, issued, program, records, validation
from tests.support.stack import Stack

_ZONE = "example.net"


def names_in(pem: str) -> set[str]:
    leaf = x509.load_pem_x509_certificate(pem.encode())
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found.get_values_for_type(x509.DNSName))


def only_arn(names: Sequence[str], count: int, timeout: str = "15s") -> str:
    """Return a program whose CertificateValidation knows nothing but the ARN."""
    return program(
        certificate(names),
        records(count, _ZONE),
        validation(timeout=timeout),
        outputs={"pem": "${cert-issued.certificatePem}", "arn": "${cert.arn}"},
    )


@pytest.mark.parametrize("passes_records", [True, False], ids=["with the records' names", "with only certificateArn"])
def test_adding_a_name_updates_certificate_and_validation_under_the_same_arn(
    stack: Stack, *, passes_records: bool
) -> None:
    old, new = ["add.example.net"], ["add.example.net", "more.add.example.net"]
    write = issued if passes_records else None
    stack.write(write(old, _ZONE, 1) if write else only_arn(old, 1))
    stack.up().require_ok()
    arn = stack.outputs()["arn"]
    stack.write(write(new, _ZONE, 2) if write else only_arn(new, 2))
    shown = stack.preview().require_ok()
    assert shown.changed() == {"cert": "update", "cert-issued": "update", "cert-record-1": "create"}
    assert "new version under the same ARN: names added: more.add.example.net" in shown.messages
    assert "new version planned for this ARN" in shown.messages
    stack.up().require_ok()
    outputs = stack.outputs()
    assert outputs["arn"] == arn
    assert names_in(outputs["pem"]) == set(new)
    assert stack.preview().require_ok().changed() == {}


def test_while_the_new_names_record_is_missing_the_old_version_stays_current(stack: Stack, knot: Knot) -> None:
    old, new = ["stay.example.net"], ["stay.example.net", "late.stay.example.net"]
    stack.write(only_arn(old, 1))
    stack.up().require_ok()
    before = stack.outputs()
    stack.write(only_arn(new, 1, timeout="4s"))
    failed = stack.up().require_failed()
    assert "late.stay.example.net. CNAME is missing" in failed.messages
    shown = stack.resources()["cert"]["outputs"]
    assert (shown["status"], shown["arn"]) == ("ISSUED", before["arn"])
    assert shown["renewalSummary"]["renewalStatus"] == "PENDING_VALIDATION"
    option = shown["domainValidationOptions"][1]
    knot.add(_ZONE, option["resourceRecordName"], "CNAME", option["resourceRecordValue"])
    stack.up().require_ok()
    assert names_in(stack.outputs()["pem"]) == set(new)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["order.example.net", "b.order.example.net", "a.order.example.net"], id="another order"),
        pytest.param(["ORDER.example.net", "A.order.Example.net", "b.order.example.net"], id="another case"),
        pytest.param(["order.example.net.", "a.order.example.net.", "b.order.example.net"], id="trailing dots"),
    ],
)
def test_nothing_changes_with(stack: Stack, names: list[str]) -> None:
    stack.write(program(certificate(["order.example.net", "a.order.example.net", "b.order.example.net"])))
    stack.up().require_ok()
    stack.write(program(certificate(names)))
    assert stack.preview().require_ok().changed() == {}
    assert stack.up().require_ok().changed() == {}


def test_one_name_added_is_one_added_line_in_the_diff(stack: Stack) -> None:
    many = [f"n{index}.example.net" for index in range(12)]
    stack.write(program(certificate(many)))
    stack.up().require_ok()
    stack.write(program(certificate([*many[:5], "new.example.net", *many[5:]])))
    run = stack.pulumi("preview", "--diff", "--non-interactive")
    added = [line.strip() for line in run.stdout.splitlines() if line.strip().startswith("+") and "example.net" in line]
    removed = [line for line in run.stdout.splitlines() if line.strip().startswith("-") and "example.net" in line]
    changed = [line for line in run.stdout.splitlines() if line.strip().startswith("~") and "example.net" in line]
    assert [line for line in added if "new.example.net" in line] == added, run.stdout
    assert (len(added), removed, changed) == (1, [], []), run.stdout


def test_a_name_removed_is_not_in_the_next_version(stack: Stack) -> None:
    stack.write(issued(["fewer.example.net", "gone.fewer.example.net"], _ZONE, 2))
    stack.up().require_ok()
    stack.write(issued(["fewer.example.net"], _ZONE, 1))
    stack.up().require_ok()
    assert names_in(stack.outputs()["pem"]) == {"fewer.example.net"}
