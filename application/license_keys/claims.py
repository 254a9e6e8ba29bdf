"""The claims of a license key, version 1: the strict schema that reading and signing share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeGuard

from application.license_keys import strict_json
from domain.license import License, Period
from domain.refusals import KeyClaimsBad, KeyClaimUnknown

VERSION = 1
MAX_TEXT = 200
MAX_LICENSES = 10_000_000
MAX_ISSUED_AT = 253_402_300_799
"""The last second of the year 9999."""
MAX_OPTIONAL_PRODUCTS = 50
MAX_OTHER_TEXT = 1000
OTHER = "x_"
"""How the names of claims begin that this version carries along without understanding them."""

_NAMES = (
    "v",
    "iss",
    "jti",
    "iat",
    "sub",
    "aud",
    "product",
    "edition",
    "licenses",
    "license_period",
    "maintenance_period",
    "optional_products",
)
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def license_from(payload: bytes) -> License:
    """The license that a payload says. Raises KeyClaimsBad or KeyClaimUnknown, and nothing else.

    What only a newer version could understand is looked for first, so that the refusal says what to do about it.
    """
    claims = _claims(payload)
    version = claims.get("v")
    if type(version) is int and version > VERSION:
        raise KeyClaimUnknown(claim=f"v: {version}")
    _require(type(version) is int and version == VERSION, "v is not 1")
    for name in claims:
        if name not in _NAMES and not name.startswith(OTHER):
            raise KeyClaimUnknown(claim=_shown(name))
    for name in _NAMES:
        _require(name in claims, f"{name} is missing")
    license_period = _period(claims, "license_period")
    maintenance_period = None if claims["maintenance_period"] is None else _period(claims, "maintenance_period")
    _require(maintenance_period is None or maintenance_period.end is not None, "maintenance_period has no end")
    return License(
        edition=_text(claims, "edition"),
        licenses=_number(claims, "licenses", MAX_LICENSES),
        license_period=license_period,
        maintenance_period=maintenance_period,
        optional_products=_optional_products(claims),
        customer=_text(claims, "sub"),
        issuer=_text(claims, "iss"),
        audience=claims["aud"] if claims["aud"] == "*" else _uuid(claims, "aud"),
        product=_text(claims, "product"),
        key_id=_uuid(claims, "jti"),
        issued_at=_number(claims, "iat", MAX_ISSUED_AT),
        other_claims={name: _other(claims, name) for name in claims if name.startswith(OTHER)},
    )


def claims_of(license: License) -> dict[str, Any]:  # noqa: A002  the field's own word
    """The claims that say `license`, in the order of the specification; not checked."""
    return {
        "v": VERSION,
        "iss": license.issuer,
        "jti": license.key_id,
        "iat": license.issued_at,
        "sub": license.customer,
        "aud": license.audience,
        "product": license.product,
        "edition": license.edition,
        "licenses": license.licenses,
        "license_period": _period_claim(license.license_period),
        "maintenance_period": license.maintenance_period and _period_claim(license.maintenance_period),
        "optional_products": list(license.optional_products),
        **license.other_claims,
    }


def is_text(value: object) -> TypeGuard[str]:
    """Whether `value` has 1 to 200 printable characters, not all of them blanks."""
    return isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable() and bool(value.strip())


def day_from(text: str) -> date:
    """The day of a text YYYY-MM-DD in ASCII digits, the only spelling there is; ValueError for any other."""
    if not _DATE.fullmatch(text):
        raise ValueError("not YYYY-MM-DD")
    return date.fromisoformat(text)


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = strict_json.parse(payload)
    except strict_json.NotStrictJson as problem:
        raise KeyClaimsBad(problem=str(problem)) from None
    if not isinstance(claims, dict):
        raise KeyClaimsBad(problem="it is not a JSON object")
    return claims


def _require(fits: bool, problem: str) -> None:
    if not fits:
        raise KeyClaimsBad(problem=problem)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    _require(is_text(value), f"{name} is not a text of 1 to {MAX_TEXT} printable characters")
    return str(value)


def _number(claims: Mapping[str, Any], name: str, largest: int) -> int:
    value = claims[name]
    _require(type(value) is int and 1 <= value <= largest, f"{name} is not a whole number from 1 to {largest}")
    return int(value)


def _uuid(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    _require(isinstance(value, str) and bool(_UUID.fullmatch(value)), f"{name} is not a UUID in lower case")
    return str(value)


def _period(claims: Mapping[str, Any], name: str) -> Period:
    value = claims[name]
    _require(isinstance(value, dict) and value.keys() == {"start", "end"}, f"{name} is not a start and an end")
    start = _day(value["start"], f"{name}.start")
    end = None if value["end"] is None else _day(value["end"], f"{name}.end")
    _require(end is None or start <= end, f"{name} ends before it starts")
    return Period(start, end)


def _day(value: object, name: str) -> date:
    try:
        return day_from(value if isinstance(value, str) else "")
    except ValueError:
        raise KeyClaimsBad(problem=f"{name} is not a date YYYY-MM-DD") from None


def _optional_products(claims: Mapping[str, Any]) -> tuple[str, ...]:
    names = claims["optional_products"]
    _require(isinstance(names, list), "optional_products is not a list")
    _require(len(names) <= MAX_OPTIONAL_PRODUCTS, f"optional_products has more than {MAX_OPTIONAL_PRODUCTS} names")
    _require(all(map(is_text, names)), f"an optional product is not a text of 1 to {MAX_TEXT} printable characters")
    _require(len(set(names)) == len(names), "an optional product stands twice")
    return tuple(names)


def _other(claims: Mapping[str, Any], name: str) -> str | int:
    value = claims[name]
    if isinstance(value, str) and len(value) <= MAX_OTHER_TEXT and strict_json.is_encodable(value):
        return value
    if type(value) is int:
        return value
    problem = f"{_shown(name)} is neither a text of at most {MAX_OTHER_TEXT} characters nor a whole number"
    raise KeyClaimsBad(problem=problem)


def _shown(name: str) -> str:
    """A claim's name, fit to stand in a sentence."""
    shortened = name if len(name) <= 60 else name[:59] + "…"
    return shortened if shortened.isprintable() else ascii(shortened)


def _period_claim(period: Period) -> dict[str, str | None]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat() if period.end else None}
