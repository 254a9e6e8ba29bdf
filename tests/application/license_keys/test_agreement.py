"""B4: PyJWT and joserfc read every license key that we sign as we do."""

from __future__ import annotations

import json
import os
import warnings
from datetime import date
from typing import Any

import jwt as pyjwt
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import BadSignatureError, SecurityWarning
from joserfc.jwk import OKPKey

from application.license_keys import LicenseKeys, claims_of
from application.license_keys.signing import LicenseNotSignable, sign
from domain.license import License, Period
from domain.refusals import Problem
from tests.examples import KEYRING, KID, SIGNING_KEY

PUBLIC_KEY = SIGNING_KEY.public_key()
JOSERFC_KEY = OKPKey.import_key(next(iter(KEYRING)).jwk())

texts = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=40).filter(
    lambda text: text.isprintable() and text.strip() != ""
)
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
uuids = st.uuids().map(str)


@st.composite
def periods(draw: st.DrawFn, *, perpetual: bool) -> Period:
    start, end = sorted([draw(days), draw(days)])
    return Period(start, None if perpetual and draw(st.booleans()) else end)


licenses = st.builds(
    License,
    edition=texts,
    licenses=st.integers(1, 10_000_000),
    license_period=periods(perpetual=True),
    maintenance_period=st.none() | periods(perpetual=False),
    optional_products=st.lists(texts, max_size=8, unique=True).map(tuple),
    customer=texts,
    issuer=texts,
    audience=st.just("*") | uuids,
    product=texts,
    key_id=uuids,
    issued_at=st.integers(1, 253402300799),
    other_claims=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=10).map("x_".__add__),
        st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        max_size=4,
    ),
)


def by_pyjwt(text: str) -> Any:
    unchecked = {"verify_aud": False, "verify_iat": False}  # rules of the domain, which has its own clock
    return pyjwt.decode_complete(text, PUBLIC_KEY, algorithms=["EdDSA"], options=unchecked)


def by_joserfc(text: str) -> Any:
    with warnings.catch_warnings():
        # RFC 9864 prefers the name Ed25519 to EdDSA for the same algorithm; our format keeps the older name.
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.deserialize_compact(text, JOSERFC_KEY, registry=jws.JWSRegistry(algorithms=["EdDSA"]))


def agree(license_: License) -> None:
    try:
        text = sign(license_, SIGNING_KEY, KID)
    except LicenseNotSignable as refusal:
        problem = refusal.facts["problem"]
        assume(isinstance(problem, Problem) and problem.code != "key_too_long")  # longer than a key may be
        raise
    read = LicenseKeys(KEYRING).read(text)
    other, third = by_pyjwt(text), by_joserfc(text)
    assert read.license == license_
    assert claims_of(license_) == other["payload"] == json.loads(third.payload)
    assert read.signing_key_id == other["header"]["kid"] == third.headers()["kid"]


@given(licenses)
@settings(max_examples=500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_three_readers_agree_on_every_key_that_we_sign(license_: License) -> None:
    agree(license_)


@pytest.mark.long
@given(licenses)
@settings(
    max_examples=int(os.environ.get("SEATLEDGER_AGREEMENTS", "10000")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_three_readers_agree_on_10_000_keys(license_: License) -> None:
    agree(license_)


def test_the_others_refuse_an_altered_key_too() -> None:
    text = sign(License(**FIELDS), SIGNING_KEY, KID)
    altered = text[:-2] + ("AA" if text[-2:] != "AA" else "QQ")
    with pytest.raises(pyjwt.InvalidSignatureError):
        by_pyjwt(altered)
    with pytest.raises(BadSignatureError):
        by_joserfc(altered)


FIELDS: dict[str, Any] = {
    "edition": "Standard",
    "licenses": 1,
    "license_period": Period(date(2026, 4, 1), None),
    "maintenance_period": None,
    "optional_products": (),
    "customer": "c",
    "issuer": "i",
    "audience": "*",
    "product": "p",
    "key_id": "3f0c2b1a-9d8e-4c7b-a6f5-0e1d2c3b4a59",
    "issued_at": 1,
}
