"""The wish of a declaration and its digest: what counts as a change, and what only looks like one."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from certwright.model.certificates import KeyRotation, RenewalOutputs, ValidationMethod
from certwright.model.keys import KeyAlgorithm
from certwright.resources.values import Properties, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.resources.declared import version, view, wish

SANS = "subjectAlternativeNames"
MORE = ["a.example.com", "*.example.com"]
DECLARED: Properties = {SANS: list(MORE), "tags": {"team": "web"}}


def test_what_is_left_out_has_the_documented_defaults() -> None:
    found = wish()
    assert (found.spec.key_algorithm, found.spec.issuer, found.spec.lifetime) == (
        KeyAlgorithm.RSA_2048,
        "embedded",
        timedelta(days=395),
    )
    assert (found.validation_method, found.key_rotation, found.renewal_outputs, found.export_enabled) == (
        ValidationMethod.DNS,
        KeyRotation.ON_RENEWAL,
        RenewalOutputs.FOLLOW,
        False,
    )
    assert (found.early_renewal, found.tags) == (None, ())


@pytest.mark.parametrize(
    ("unit", "value", "days"), [("DAYS", 90.0, 90), ("MONTHS", 3.0, 90), ("YEARS", 1.0, 365), ("YEARS", 2.0, 730)]
)
def test_a_life_is_counted_in_days(unit: str, value: float, days: int) -> None:
    assert wish({"validity": {"type": unit, "value": value}}).spec.lifetime == timedelta(days=days)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        pytest.param({}, {"team": "web", "cost": "7"}, id="the defaults"),
        pytest.param({"team": "db"}, {"team": "db", "cost": "7"}, id="the certificate's own before the defaults"),
        pytest.param({"tier": "1"}, {"team": "web", "cost": "7", "tier": "1"}, id="both"),
    ],
)
def test_tags_in_force_are_the_certificates_own_over_the_configurations(
    own: Properties, expected: dict[str, str]
) -> None:
    wanted = wish({"tags": own}, {"team": "web", "cost": "7"})
    certificate = replace(view(version()).certificate, tags=wanted.tags, default_tags=wanted.default_tags)
    assert dict(certificate.all_tags) == expected


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({SANS: MORE[::-1]}, id="another order of the further names"),
        pytest.param({SANS: [name.upper() for name in MORE]}, id="capitals"),
        pytest.param({SANS: [f"{name}." for name in MORE]}, id="trailing dots"),
        pytest.param({SANS: [*MORE, MORE[0]]}, id="a name twice"),
        pytest.param({SANS: [*MORE, "www.example.com"]}, id="the first name again"),
        pytest.param({"domainName": "WWW.Example.com."}, id="the first name in capitals with a dot"),
        pytest.param({"keyAlgorithm": "RSA_2048"}, id="the default key, written out"),
        pytest.param(
            {"validationMethod": "DNS", "issuer": "embedded"}, id="the default method and issuer, written out"
        ),
        pytest.param({"validity": {"type": "DAYS", "value": 395.0}}, id="the default life, written out"),
        pytest.param({"options": {"export": "DISABLED"}}, id="export disabled, written out"),
        pytest.param({"options": {}}, id="no options, written out"),
        pytest.param({"keyRotation": "ON_RENEWAL", "renewalOutputs": "FOLLOW"}, id="the default renewal, written out"),
        pytest.param({"repin": ""}, id="an empty repin"),
        pytest.param({"__defaults": ["x"]}, id="the engine's own"),
    ],
)
def test_the_digest_stays_the_same_with(values: Properties) -> None:
    assert wish({**DECLARED, **values}).digest == wish(DECLARED).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"earlyRenewalDuration": "P30D"}, {"earlyRenewalDuration": "720h"}, id="30 days and 720 hours"),
        pytest.param(
            {"validity": {"type": "YEARS", "value": 1.0}},
            {"validity": {"type": "DAYS", "value": 365.0}},
            id="a year and 365 days",
        ),
        pytest.param({"tags": {"a": "1", "b": "2"}}, {"tags": {"b": "2", "a": "1"}}, id="tags in another order"),
    ],
)
def test_two_ways_of_writing_have_one_digest(one: Properties, other: Properties) -> None:
    assert wish(one).digest == wish(other).digest


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"domainName": "a.example.com"}, id="another first name of the same set"),
        pytest.param({"domainName": "example.com"}, id="another first name"),
        pytest.param({SANS: [MORE[0]]}, id="a name less"),
        pytest.param({SANS: [*MORE, "b.example.com"]}, id="a name more"),
        pytest.param({"keyAlgorithm": "EC_prime256v1"}, id="another key"),
        pytest.param({"validity": {"type": "DAYS", "value": 90.0}}, id="another life"),
        pytest.param({"options": {"export": "ENABLED"}}, id="export"),
        pytest.param({"earlyRenewalDuration": "P30D"}, id="an early renewal"),
        pytest.param({"keyRotation": "NEVER"}, id="another key rotation"),
        pytest.param({"renewalOutputs": "PIN"}, id="pinned outputs"),
        pytest.param({"repin": "1"}, id="a repin"),
        pytest.param({"tags": {"team": "db"}}, id="another tag"),
        pytest.param({"tags": {}}, id="no tag"),
    ],
)
def test_the_digest_changes_with(values: Properties) -> None:
    assert wish({**DECLARED, **values}).digest != wish(DECLARED).digest


def test_default_tags_are_part_of_the_digest() -> None:
    assert wish({}, {"team": "web"}).digest != wish().digest


labels = st.text("abcdefghij", min_size=1, max_size=6)


@settings(deadline=None)
@given(st.lists(labels, min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_no_order_of_the_further_names_changes_the_digest(found: list[str], chance: Random) -> None:
    names: list[Value] = [f"{label}.example.com" for label in found]
    shuffled = chance.sample(names, len(names))
    assert wish({SANS: names}).digest == wish({SANS: shuffled}).digest
