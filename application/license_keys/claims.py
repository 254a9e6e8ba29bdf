"""The claims of a license key, version 1: the strict schema that reading and signing share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, TypeGuard

from application.license_keys import strict_json
from application.license_keys.strict_json import Json
from domain.license import License, Period
from domain.refusals import KeyClaimsBad, KeyClaimUnknown, Problem

VERSION = 1
MAX_TEXT = 200
MAX_LICENSES = 10_000_000
MAX_ISSUED_AT = 253_402_300_799
"""The last second of the year 9999."""
MAX_OPTIONAL_PRODUCTS = 50
MAX_OTHER_TEXT = 1000
OTHER = "x_"
"""How the names of claims begin that this version carries along without understanding them."""

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Claim(NamedTuple):
    """A claim: its name in a license key, the field of License that it fills, and how its value is read.

    A required claim stands in every license key. One with a `default` may be missing: then its field has the default,
    and signing leaves it out again, so that keys from before it was thought of are read and signed as they were.
    """

    name: str
    field: str
    read: Callable[[Json, str], Any]  # Any: every claim gives a type of its own
    default: Any = ...  # Any: of the claim's own type; `...`, which no claim can be, where it is required

    @property
    def is_required(self) -> bool:
        return self.default is ...


def license_from(payload: bytes) -> License:
    """The license that a payload says. Raises KeyClaimsBad or KeyClaimUnknown, and nothing else.

    What only a newer version could understand is looked for first, so that the refusal says what to do about it.
    """
    claims = _claims(payload)
    version = claims.get("v")
    if type(version) is int and version > VERSION:
        raise KeyClaimUnknown(claim=f"v: {version}")
    _require(type(version) is int and version == VERSION, Problem("claim_version", version=VERSION))
    for name in claims:
        if name not in _NAMES and not name.startswith(OTHER):
            raise KeyClaimUnknown(claim=_shown(name))
    for claim in CLAIMS:
        _require(claim.name in claims or not claim.is_required, Problem("claim_missing", claim=claim.name))
    fields = {
        claim.field: claim.read(claims[claim.name], claim.name) if claim.name in claims else claim.default
        for claim in CLAIMS
    }
    others = {name: _other(value, name) for name, value in claims.items() if name.startswith(OTHER)}
    return License(**fields, other_claims=others)


def claims_of(license: License) -> dict[str, Json]:
    """The claims that say `license`, in the order of the specification; not checked."""
    claims = {claim.name: getattr(license, claim.field) for claim in CLAIMS}
    left_out = {claim.name for claim in CLAIMS if claims[claim.name] == claim.default}
    written = {name: _written(value) for name, value in claims.items() if name not in left_out}
    return {"v": VERSION, **written, **license.other_claims}


def is_text(value: Json) -> TypeGuard[str]:
    """Whether `value` has 1 to 200 printable characters, not all of them blanks."""
    return isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable() and bool(value.strip())


def day_from(text: str) -> date:
    """The day of a text YYYY-MM-DD in ASCII digits, the only spelling there is; ValueError for any other."""
    if not _DATE.fullmatch(text):
        raise ValueError("not YYYY-MM-DD")
    return date.fromisoformat(text)


def _claims(payload: bytes) -> dict[str, Json]:
    try:
        claims = strict_json.parse(payload)
    except strict_json.NotStrictJson as error:
        raise KeyClaimsBad(problem=error.problem) from None
    if not isinstance(claims, dict):
        raise KeyClaimsBad(problem=Problem("not_json_object"))
    return claims


def _require(fits: bool, problem: Problem) -> None:
    if not fits:
        raise KeyClaimsBad(problem=problem)


# How values are read: each takes a value of JSON, and the name by which a refusal calls it.


def _text(value: Json, name: str) -> str:
    _require(is_text(value), Problem("claim_not_text", claim=name, most=MAX_TEXT))
    return str(value)


def _up_to(largest: int) -> Callable[[Json, str], int]:
    def number(value: Json, name: str) -> int:
        fits = type(value) is int and 1 <= value <= largest
        _require(fits, Problem("claim_not_whole_number", claim=name, most=largest))
        return int(value)

    return number


def _uuid(value: Json, name: str) -> str:
    fits = isinstance(value, str) and bool(_UUID.fullmatch(value))
    _require(fits, Problem("claim_not_uuid", claim=name))
    return str(value)


def _audience(value: Json, name: str) -> str:
    return "*" if value == "*" else _uuid(value, name)


def _period(value: Json, name: str) -> Period:
    fits = isinstance(value, dict) and value.keys() == {"start", "end"}
    _require(fits, Problem("claim_not_period", claim=name))
    start = _day(value["start"], f"{name}.start")
    end = None if value["end"] is None else _day(value["end"], f"{name}.end")
    _require(end is None or start <= end, Problem("claim_ends_before_start", claim=name))
    return Period(start, end)


def _maintenance(value: Json, name: str) -> Period | None:
    if value is None:
        return None
    period = _period(value, name)
    _require(period.end is not None, Problem("claim_without_end", claim=name))
    return period


def _day(value: Json, name: str) -> date:
    try:
        return day_from(value if isinstance(value, str) else "")
    except ValueError:
        raise KeyClaimsBad(problem=Problem("claim_not_date", claim=name)) from None


def _optional_products(value: Json, name: str) -> tuple[str, ...]:
    _require(isinstance(value, list), Problem("claim_not_list", claim=name))
    fits = len(value) <= MAX_OPTIONAL_PRODUCTS
    _require(fits, Problem("claim_too_many_names", claim=name, most=MAX_OPTIONAL_PRODUCTS))
    _require(all(map(is_text, value)), Problem("optional_product_not_text", most=MAX_TEXT))
    _require(len(set(value)) == len(value), Problem("optional_product_twice"))
    return tuple(value)


def _other(value: Json, name: str) -> str | int:
    if isinstance(value, str) and len(value) <= MAX_OTHER_TEXT and strict_json.is_encodable(value):
        return value
    if type(value) is int:
        return value
    raise KeyClaimsBad(problem=Problem("other_claim_unfit", claim=_shown(name), most=MAX_OTHER_TEXT))


def _shown(name: str) -> str:
    """A claim's name, fit to stand in a sentence."""
    shortened = name if len(name) <= 60 else name[:59] + "…"
    return shortened if shortened.isprintable() else ascii(shortened)


def _written(value: Any) -> Json:  # Any: a field of a license, of any of its types
    """A field of a license as its claim says it in JSON."""
    match value:
        case Period():
            return {"start": value.start.isoformat(), "end": value.end.isoformat() if value.end else None}
        case tuple():
            return list(value)
    return value


CLAIMS = (
    Claim("iss", "issuer", _text),
    Claim("jti", "key_id", _uuid),
    Claim("iat", "issued_at", _up_to(MAX_ISSUED_AT)),
    Claim("sub", "customer", _text),
    Claim("aud", "audience", _audience),
    Claim("product", "product", _text),
    Claim("edition", "edition", _text),
    Claim("licenses", "licenses", _up_to(MAX_LICENSES)),
    Claim("license_period", "license_period", _period),
    Claim("maintenance_period", "maintenance_period", _maintenance),
    Claim("optional_products", "optional_products", _optional_products),
)
"""Every claim but `v`, in the order of the specification. A new one is a line here (with a default, or old keys are
refused), a field of License, and the same field of the event LicenseRegistered."""

_NAMES = {"v", *(claim.name for claim in CLAIMS)}
