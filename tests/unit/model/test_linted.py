"""The token that allows one signature."""

import copy
import pickle
from collections.abc import Callable

import pytest
from certwright.errors import SigningRefused
from certwright.model.linted import Linted, seal_linted

TBS, KEY, OTHER_KEY = b"to be signed", b"the issuer's key", b"another key"


def token() -> Linted:
    return seal_linted(TBS, KEY, "profile")


SEALS: dict[str, object] = {
    "nothing": None,
    "any object": object(),
    "a word": "sealed",
    "the class itself": Linted,
    "another token": token(),
}


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS.keys())
def test_a_token_cannot_be_made_with(seal: object) -> None:
    with pytest.raises(SigningRefused, match="only the lint makes a Linted token"):
        Linted(seal, TBS, KEY, "profile")


def test_a_token_gives_its_bytes_once() -> None:
    linted = token()
    assert linted.redeem(KEY) == TBS
    with pytest.raises(SigningRefused, match="used before"):
        linted.redeem(KEY)


def test_a_token_gives_nothing_to_another_key() -> None:
    with pytest.raises(SigningRefused, match="another issuer key"):
        token().redeem(OTHER_KEY)


def test_another_key_does_not_spend_the_token() -> None:
    linted = token()
    with pytest.raises(SigningRefused):
        linted.redeem(OTHER_KEY)
    assert linted.redeem(KEY) == TBS


DUPLICATES: dict[str, Callable[[Linted], object]] = {
    "copied": copy.copy,
    "copied deeply": copy.deepcopy,
    "pickled": pickle.dumps,
    "pickled by the oldest protocol": lambda linted: pickle.dumps(linted, 0),
}


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES.keys())
def test_a_token_for_one_signature_cannot_be(duplicate: Callable[[Linted], object]) -> None:
    with pytest.raises((SigningRefused, TypeError)):
        duplicate(token())


@pytest.mark.parametrize("attribute", ["tbs", "issuer_public_key", "profile_hash"])
def test_what_was_linted_cannot_be_exchanged_afterwards(attribute: str) -> None:
    with pytest.raises((SigningRefused, AttributeError)):
        setattr(token(), attribute, b"something else")
