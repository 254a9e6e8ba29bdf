"""Refusals: each has a code of its own and a sentence for a person."""

from __future__ import annotations

from string import Formatter

import pytest

from domain import refusals
from domain.refusals import KeyRefused, Refused

ALL = [
    refusal
    for refusal in vars(refusals).values()
    if isinstance(refusal, type) and issubclass(refusal, Refused) and "code" in vars(refusal)
]

KEY_CODES = [
    "too_long",
    "malformed",
    "not_canonical",
    "wrong_header",
    "unknown_signing_key",
    "revoked_signing_key",
    "bad_signature",
    "bad_claims",
    "unknown_claim",
    "wrong_product",
    "wrong_installation",
    "key_id_used",
    "issued_in_future",
    "license_period_over",
    "older_than_registered",
]


def test_k7_every_refusal_of_a_key_has_its_code_of_the_specification() -> None:
    assert [refusal.code for refusal in ALL if issubclass(refusal, KeyRefused)] == KEY_CODES


def test_no_code_stands_for_two_refusals() -> None:
    codes = [refusal.code for refusal in ALL]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.code)
def test_a_sentence_is_whole_and_shows_its_details_as_they_are(refusal: type[Refused]) -> None:
    names = [name for _, name, _, _ in Formatter().parse(refusal.sentence) if name]
    sentence = str(refusal(**{name: f"{{{name}}}" for name in names}))
    assert sentence.endswith(".")
    assert all(f"{{{name}}}" in sentence for name in names)


WHAT_TO_DO = (
    "ask the vendor",
    "paste the",
    "copy",
    "update",
    "tell the vendor",
    "needs a newer version",
    "check the machine",
)


@pytest.mark.parametrize("refusal", [r for r in ALL if issubclass(r, KeyRefused)], ids=lambda refusal: refusal.code)
def test_k7_every_refusal_of_a_key_says_what_to_do(refusal: type[Refused]) -> None:
    assert any(advice in refusal.sentence.lower() for advice in WHAT_TO_DO)
