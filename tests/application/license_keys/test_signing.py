"""Signing: what is signed can be read again, and what could not be read is never signed."""

from __future__ import annotations

from typing import Any

import pytest

from application.license_keys import LicenseKeys
from application.license_keys.signing import LicenseNotSignable, sign
from domain.license import License
from tests.examples import KEYRING, KID, SIGNING_KEY, a_key, a_license, a_license_key, a_period
from tests.refused import refused


def test_a_signed_license_is_read_as_it_was_written() -> None:
    license_ = a_license(licenses=50, optional_products=("Analytics", "Planung & Büro"))
    key = LicenseKeys(KEYRING).read(sign(license_, SIGNING_KEY, KID))
    assert (key.license, key.signing_key_id) == (license_, KID)


def test_a_perpetual_license_without_maintenance_is_read_as_such() -> None:
    license_ = a_license_key(license_period=a_period(end=None), maintenance_period=None, optional_products=()).license
    assert (license_.license_period.end, license_.maintenance_period, license_.optional_products) == (None, None, ())


def test_the_same_license_always_has_the_same_key() -> None:
    assert sign(a_license(), SIGNING_KEY, KID) == sign(a_license(), SIGNING_KEY, KID)


def test_other_claims_are_carried_along() -> None:
    others = {"x_log_size": 12, "x_log_root": "q83vEjRWeJA="}
    assert a_license_key(other_claims=others).license.other_claims == others


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"licenses": 0}, "licenses is not a whole number from 1 to 10000000"),
        ({"licenses": 10_000_001}, "licenses"),
        ({"licenses": True}, "licenses"),
        ({"licenses": 1.0}, "not a whole number"),
        ({"licenses": float("nan")}, "NaN is not a number"),
        ({"edition": ""}, "edition is not a text"),
        ({"edition": "a\nb"}, "edition is not a text"),
        ({"customer": "c" * 201}, "sub is not a text"),
        ({"issuer": "\u202eevil"}, "iss is not a text"),
        ({"product": "\ud800"}, "not valid Unicode"),
        ({"audience": "7D3C1F5A-2B64-4E0E-9C58-0F6A1D2B3C4D"}, "aud is not a UUID in lower case"),
        ({"audience": ""}, "aud"),
        ({"key_id": "1"}, "jti"),
        ({"issued_at": 0}, "iat"),
        ({"issued_at": 253402300800}, "iat"),
        ({"license_period": a_period("2026-04-02", "2026-04-01")}, "license_period ends before it starts"),
        ({"maintenance_period": a_period("2026-04-01", None)}, "maintenance_period has no end"),
        ({"optional_products": ("A", "A")}, "an optional product stands twice"),
        ({"optional_products": tuple(map(str, range(51)))}, "more than 50"),
        ({"optional_products": tuple(f"{n:0>190}" for n in range(50))}, "more than 4096"),
        ({"other_claims": {"x_a": "a" * 1001}}, "x_a is neither"),
        ({"other_claims": {"x_a": True}}, "x_a is neither"),
        ({"other_claims": {"note": "a"}}, "begins with “x_”, unlike “note”"),
        ({"other_claims": {"licenses": 9000}}, "would not be read as it was written"),
    ],
)
def test_what_the_schema_refuses_is_not_signed(fields: dict[str, Any], problem: str) -> None:
    with refused(LicenseNotSignable, problem):
        a_key(**fields)


@pytest.mark.parametrize("kid", ["", " ", "k" * 201, "a\nb", "a\u200bb"])
def test_a_kid_that_no_keyring_can_hold_is_not_signed_with(kid: str) -> None:
    with refused(LicenseNotSignable, "kid"):
        sign(a_license(), SIGNING_KEY, kid)


def test_examples_that_say_different_things_have_different_key_ids() -> None:
    licenses: list[License] = [a_license(), a_license(licenses=4), a_license(customer="Another")]
    assert len({each.key_id for each in licenses}) == 3
    assert a_license() == a_license()
