"""What a sealed secret is bound to."""

from dataclasses import replace

import pytest
from certwright.model.keys import KeyBinding, KeyPurpose
from certwright.model.scope import Scope
from hypothesis import given
from hypothesis import strategies as st

BINDING = KeyBinding(KeyPurpose.CERTIFICATE_KEY, Scope("123456789012", "local"), "arn", 1)
BINDINGS = st.builds(
    KeyBinding,
    st.sampled_from(KeyPurpose),
    st.builds(Scope, st.text(max_size=6), st.text(max_size=6)),
    st.text(max_size=6),
    st.integers(0, 999),
)

SHIFTED: dict[str, tuple[KeyBinding, KeyBinding]] = {
    "account and Region": (replace(BINDING, scope=Scope("12", "3")), replace(BINDING, scope=Scope("1", "23"))),
    "Region and subject": (
        replace(BINDING, scope=Scope("1", "eu"), subject="x"),
        replace(BINDING, scope=Scope("1", "e"), subject="ux"),
    ),
    "subject and version": (replace(BINDING, subject="a1", version=2), replace(BINDING, subject="a", version=12)),
    "an empty Region and an empty subject": (
        replace(BINDING, scope=Scope("1", ""), subject="x"),
        replace(BINDING, scope=Scope("1", "x"), subject=""),
    ),
}


@pytest.mark.parametrize(("one", "two"), SHIFTED.values(), ids=SHIFTED.keys())
def test_the_authenticated_data_tells_apart_where_one_ends_and_the_other_begins(
    one: KeyBinding, two: KeyBinding
) -> None:
    assert one.authenticated_data() != two.authenticated_data()


@given(BINDINGS, BINDINGS)
def test_two_bindings_have_the_same_authenticated_data_only_when_they_are_the_same(
    one: KeyBinding, two: KeyBinding
) -> None:
    assert (one.authenticated_data() == two.authenticated_data()) is (one == two)


@given(BINDINGS)
def test_the_authenticated_data_can_be_read_back(binding: KeyBinding) -> None:
    data, parts = binding.authenticated_data(), []
    while data:
        size = int.from_bytes(data[:4], "big")
        parts.append(data[4 : 4 + size].decode())
        data = data[4 + size :]
    scope = binding.scope
    assert parts == [binding.purpose.value, scope.account, scope.region, binding.subject, str(binding.version)]


def test_the_authenticated_data_is_the_one_that_stored_secrets_were_sealed_with() -> None:
    assert BINDING.authenticated_data() == (
        b"\0\0\0\x0fcertificate-key\0\0\0\x0c123456789012\0\0\0\x05local\0\0\0\x03arn\0\0\0\x011"
    )
