"""B2: every hostile key is refused with its own code, in time, and no other exception gets out."""

from __future__ import annotations

from time import thread_time

import pytest

from application.license_keys import LicenseKeys, read_unverified
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import KeyRefused
from tests.application.license_keys.crafting import CLAIMS, as_json, crafted, with_claims, with_raw
from tests.application.license_keys.hostile import HOSTILE, Hostile
from tests.examples import KEYRING
from tests.refused import refused

LIMIT = 0.020 * 10
"""Seconds of work (not of waiting) that one reading may take: ten times what the long run allows (TRUST.md)."""


@pytest.mark.parametrize("hostile", HOSTILE, ids=[f"{case.code}: {case.name}" for case in HOSTILE])
def test_a_hostile_key_is_refused_with_its_own_code(hostile: Hostile) -> None:
    text = hostile.make()
    before = thread_time()
    with pytest.raises(KeyRefused) as refusal:
        LicenseKeys(KEYRING).read(text)
    assert thread_time() - before < LIMIT
    assert refusal.value.code == hostile.code
    assert sentence(refusal.value, ENGLISH).isprintable()


def test_there_are_at_least_120_hostile_cases_with_names_of_their_own() -> None:
    names = {(case.code, case.name) for case in HOSTILE}
    assert len(names) == len(HOSTILE) >= 120


def test_the_key_that_the_hostile_ones_are_made_from_is_accepted() -> None:
    assert LicenseKeys(KEYRING).read(crafted()).license.licenses == CLAIMS["licenses"]


@pytest.mark.parametrize(
    "hostile",
    [case for case in HOSTILE if case.code in {"malformed", "bad_claims", "unknown_claim"}],
    ids=lambda case: case.name,
)
def test_reading_unverified_refuses_for_form_alike(hostile: Hostile) -> None:
    with pytest.raises(KeyRefused) as refusal:
        read_unverified(hostile.make())
    assert refusal.value.code == hostile.code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("licenses", 1),
        ("licenses", 10_000_000),
        ("iat", 1),
        ("iat", 253402300799),
        ("iss", "a" * 200),
        ("sub", "株式会社 <b>Müller</b> & Söhne"),
        ("aud", "*"),
        ("license_period", {"start": "2026-04-01", "end": None}),
        ("license_period", {"start": "2026-04-01", "end": "2026-04-01"}),
        ("license_period", {"start": "0001-01-01", "end": "9999-12-31"}),
        ("license_period", {"start": "2024-02-29", "end": "2028-02-29"}),
        ("maintenance_period", None),
        ("optional_products", []),
        ("optional_products", [f"Product {n}" for n in range(50)]),
        ("x_log_size", 2**53),
        ("x_log_size", -(2**53)),
        ("x_log_root", "a" * 1000),
        ("x_", ""),
    ],
)
def test_what_lies_just_within_the_schema_is_accepted(name: str, value: object) -> None:
    assert LicenseKeys(KEYRING).read(with_claims(**{name: value})).text == with_claims(**{name: value})


def test_claims_may_stand_in_any_order_and_be_spaced() -> None:
    spaced = b" " + as_json(dict(reversed(CLAIMS.items()))).replace(b",", b" ,\n") + b"\t"
    assert LicenseKeys(KEYRING).read(crafted(spaced)).license == LicenseKeys(KEYRING).read(crafted()).license


def test_a_character_may_be_escaped() -> None:
    assert LicenseKeys(KEYRING).read(with_raw("edition", '"\\u0050ro \\ud83d\\ude00"')).license.edition == "Pro 😀"


def test_an_unknown_claim_is_named_fit_to_be_read() -> None:
    with refused(KeyRefused, r"“'\\x1b\[2J'”"):
        LicenseKeys(KEYRING).read(with_claims(**{"\x1b[2J": 1}))


def test_a_problem_with_a_claim_is_named() -> None:
    with refused(KeyRefused, "licenses is not a whole number from 1 to 10000000"):
        LicenseKeys(KEYRING).read(with_claims(licenses=0))
