"""The digest of what a certificate is issued for, and the states of a version."""

import hashlib
from datetime import timedelta

import pytest
from certwright.model.certificates import CertificateSpec, VersionState
from certwright.model.keys import KeyAlgorithm
from certwright.model.names import DomainName
from hypothesis import given
from hypothesis import strategies as st

LIFE = timedelta(days=395)


def spec(
    *names: str,
    algorithm: KeyAlgorithm = KeyAlgorithm.RSA_2048,
    issuer: str = "embedded",
    lifetime: timedelta = LIFE,
) -> CertificateSpec:
    return CertificateSpec(tuple(DomainName(name) for name in names), algorithm, issuer, lifetime)


BASE = spec("a.test", "b.test", "c.test")

SAME: dict[str, CertificateSpec] = {
    "other names in another order": spec("a.test", "c.test", "b.test"),
    "another name twice": spec("a.test", "b.test", "b.test", "c.test"),
    "the first name repeated": spec("a.test", "b.test", "a.test", "c.test"),
    "the same lifetime in hours": spec("a.test", "b.test", "c.test", lifetime=timedelta(hours=395 * 24)),
}

DIFFERENT: dict[str, CertificateSpec] = {
    "another first name of the same set": spec("b.test", "a.test", "c.test"),
    "one name more": spec("a.test", "b.test", "c.test", "d.test"),
    "one name less": spec("a.test", "b.test"),
    "a wildcard instead of its base": spec("a.test", "*.b.test", "c.test"),
    "another name": spec("a.test", "b.test", "x.test"),
    "another key algorithm": spec("a.test", "b.test", "c.test", algorithm=KeyAlgorithm.RSA_3072),
    "another issuer": spec("a.test", "b.test", "c.test", issuer="letsencrypt"),
    "a lifetime one second longer": spec("a.test", "b.test", "c.test", lifetime=LIFE + timedelta(seconds=1)),
}

NAMES = st.sampled_from([f"{letter}.test" for letter in "abcdef"])


@pytest.mark.parametrize("other", SAME.values(), ids=SAME.keys())
def test_the_digest_stays_for(other: CertificateSpec) -> None:
    assert other.digest == BASE.digest


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_the_digest_changes_for(other: CertificateSpec) -> None:
    assert other.digest != BASE.digest


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_each_key_algorithm_has_its_own_digest(algorithm: KeyAlgorithm) -> None:
    others = {spec("a.test", algorithm=other).digest for other in KeyAlgorithm if other is not algorithm}
    assert spec("a.test", algorithm=algorithm).digest not in others


@given(st.lists(NAMES, min_size=1, max_size=6), st.lists(NAMES, min_size=1, max_size=6))
def test_digests_are_equal_exactly_when_first_name_and_set_of_names_are(one: list[str], two: list[str]) -> None:
    same = (one[0], set(one)) == (two[0], set(two))
    assert (spec(*one).digest == spec(*two).digest) is same


def test_the_digest_is_the_one_that_states_and_rows_hold() -> None:
    line = '["a.test", ["a.test", "b.test", "c.test"], "RSA_2048", "embedded", 34128000]'
    assert BASE.digest == hashlib.sha256(line.encode()).hexdigest()


@pytest.mark.parametrize("state", VersionState)
def test_a_version_is_pending_or_has_a_certificate_or_ended_without_one(state: VersionState) -> None:
    ended = state in {VersionState.FAILED, VersionState.TIMED_OUT}
    assert [state.is_pending, state.has_certificate, ended].count(True) == 1
