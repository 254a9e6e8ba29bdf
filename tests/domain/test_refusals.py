"""Refusals: each has a code of its own; their sentences are tested where the words are."""

from __future__ import annotations

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
