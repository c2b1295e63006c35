"""What the store knows beyond the state: renewals, versions in force, declarations and default tags not applied."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from certwright.core.changes import Plan, Step, plan_change
from certwright.model.certificates import CertificateVersion, CertificateView, VersionCause, VersionState
from certwright.resources.certificate_diff import default_tags_changed, not_applied, rotation
from certwright.resources.session import Hidden

from tests.unit.resources.declared import NOW, spec, version, view

FIRST = version()
RENEWING = version(2, VersionState.VALIDATING, VersionCause.RENEWAL, "renewal due")
RENEWED = version(2, cause=VersionCause.RENEWAL, reason="renewal due")
FAILED = version(2, VersionState.FAILED, VersionCause.RENEWAL, "renewal due")
PENDING = version(state=VersionState.VALIDATING)
UNISSUED = version(state=VersionState.FAILED)
TOO_LATE = version(state=VersionState.TIMED_OUT)
DUE = version(days_left=40)
TIMEOUT = timedelta(days=100)
ROTATING = ("notBefore", "notAfter", "serial")


@dataclass(frozen=True)
class Case:
    """A store's certificate, the version its outputs are to show, and what the state knows and shows."""

    view: CertificateView
    target: CertificateVersion | None
    known: int = 1
    shown: int = 1

    def found(self, plan: Plan | None = None) -> tuple[tuple[str, ...], str]:
        """Return the changed outputs and the reason."""
        hidden = Hidden("installation", "applied", self.known, self.shown)
        change = rotation(self.view, hidden, plan or plan_change(self.view, spec(), NOW, TIMEOUT), self.target)
        if change is None:
            return (), ""
        assert not any(item.is_input or item.replaces for item in change[0])
        return tuple(item.path for item in change[0]), change[1]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(view(FIRST), FIRST), id="the version in force is shown"),
        pytest.param(Case(view(FIRST), FIRST, shown=0), id="the version in force is known and was never shown"),
        pytest.param(Case(view(RENEWED), RENEWED, known=2, shown=2), id="a renewal was taken up"),
        pytest.param(Case(view(None, PENDING), None, shown=0), id="a first issue is under way"),
        pytest.param(Case(view(FIRST, pinned=1), FIRST), id="pinned: the version in force"),
        pytest.param(Case(view(RENEWED, pinned=1), FIRST), id="pinned: renewed elsewhere"),
        pytest.param(Case(view(DUE, pinned=1), DUE), id="pinned: renewal due"),
        pytest.param(Case(view(FIRST, RENEWING, pinned=1), FIRST), id="pinned: renewal under way"),
        pytest.param(Case(view(FIRST, FAILED, pinned=1), FIRST), id="pinned: a renewal failed"),
    ],
)
def test_nothing_changes_with(case: Case) -> None:
    assert case.found() == ((), "")


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        pytest.param(Case(view(RENEWED), RENEWED), "version 2 is in force: renewal due", id="renewed elsewhere"),
        pytest.param(Case(view(RENEWED), RENEWED, shown=0), "version 2 is in force: renewal due", id="never shown"),
        pytest.param(Case(view(DUE), DUE), "renewal due: valid until 2030-07-11", id="renewal due"),
        pytest.param(Case(view(version(days_left=-1)), None), "expired on 2030-05-31", id="expired"),
        pytest.param(
            Case(view(FIRST, RENEWING), FIRST), "a renewal is under way: its CNAME is missing", id="renewal under way"
        ),
        pytest.param(Case(view(FIRST, FAILED), FIRST), "version 2 failed: its CNAME is missing", id="a renewal failed"),
        pytest.param(Case(view(None, UNISSUED), None, shown=0), "version 1 failed", id="the first issue failed"),
        pytest.param(Case(view(None, TOO_LATE), None, shown=0), "took longer than 72 hours", id="it came too late"),
        pytest.param(Case(view(RENEWED, pinned=2), RENEWED), "version 2 is in force", id="pinned: moved on"),
        pytest.param(Case(view(None, UNISSUED, pinned=1), None, shown=0), "version 1 failed", id="pinned: failed"),
        pytest.param(Case(view(FIRST, FAILED, pinned=2), None), "version 2 failed", id="pinned: an awaited one failed"),
    ],
)
def test_the_rotating_outputs_change_with(case: Case, reason: str) -> None:
    paths, said = case.found()
    assert (paths, reason in said) == (ROTATING, True), said


def test_a_pinned_certificate_moves_for_another_cause_than_renewal() -> None:
    plan = Plan(Step.NEW_VERSION, "the certificate was revoked", VersionCause.REPLACEMENT)
    assert Case(view(FIRST, pinned=1), FIRST).found(plan) == (ROTATING, "the certificate was revoked")


@pytest.mark.parametrize(
    ("state", "wanted", "expected"),
    [
        pytest.param("applied", "applied", (), id="state, declaration and store agree"),
        pytest.param("", "applied", ("status",), id="a state without digest, as after an import"),
        pytest.param("other", "applied", ("status",), id="a state of another declaration"),
        pytest.param("other", "other", ("status",), id="a store of another declaration"),
    ],
)
def test_the_status_changes_while_the_declaration_is_not_applied(
    state: str, wanted: str, expected: tuple[str, ...]
) -> None:
    change = not_applied(view(FIRST), Hidden("installation", state), wanted)
    assert tuple(item.path for item in (change[0] if change else ())) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((), (), ()),
        ((("team", "web"),), (("team", "web"),), ()),
        ((), (("team", "web"),), ("tagsAll",)),
        ((("team", "web"),), (("team", "db"),), ("tagsAll",)),
    ],
)
def test_tags_change_with_the_configurations(
    before: tuple[tuple[str, str], ...], now: tuple[tuple[str, str], ...], expected: tuple[str, ...]
) -> None:
    found = view(FIRST)
    change = default_tags_changed(replace(found, certificate=replace(found.certificate, default_tags=before)), now)
    assert tuple(item.path for item in (change[0] if change else ())) == expected
