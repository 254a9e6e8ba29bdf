"""Named examples: a license, a license key, the vendor and installation they belong to, and who administers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.license_keys import Keyring, LicenseKeys, VerificationKey
from application.license_keys.signing import sign
from domain.license import License, LicenseKey, Period

INSTALLATION_ID = "7d3c1f5a-2b64-4e0e-9c58-0f6a1d2b3c4d"
OTHER_INSTALLATION_ID = "0b9e8d7c-6a5f-4e3d-8c2b-1a0f9e8d7c6b"
PRODUCT = "timetracker-nx"
NAME = "Example Company"
ADMINISTRATOR = "admin"
PASSWORD = "correct horse battery staple"

KID = "example-2026"
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(b"Seatledger example, not a secret")
REVOKED_KID = "example-2024"
REVOKED_SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(b"Seatledger example that leaked..")
KEYRING = Keyring(
    [
        VerificationKey(KID, SIGNING_KEY.public_key(), issuer="Example Vendor"),
        VerificationKey(REVOKED_KID, REVOKED_SIGNING_KEY.public_key(), revoked=True, issuer="Example Vendor"),
    ]
)
"""One active and one revoked key."""

FIRST_DAY = date(2026, 4, 1)
LAST_DAY = date(2027, 3, 31)


def seconds(moment: str) -> int:
    """Seconds since 1970 of a moment such as "2026-03-15T09:00:00+00:00"."""
    return int(datetime.fromisoformat(moment).timestamp())


def a_period(start: str | date = FIRST_DAY, end: str | date | None = LAST_DAY) -> Period:
    """A period from dates or their texts; `end` None is perpetual."""

    def day(value: str | date) -> date:
        return value if isinstance(value, date) else date.fromisoformat(value)

    return Period(day(start), None if end is None else day(end))


def a_license(
    *,
    licenses: int = 3,
    edition: str = "Professional",
    license_period: Period | None = None,
    maintenance_period: Period | None = Period(FIRST_DAY, LAST_DAY),  # noqa: B008  a frozen value
    optional_products: tuple[str, ...] = ("Analytics",),
    customer: str = "Example Customer",
    issuer: str = "Example Vendor",
    audience: str = "*",
    product: str = PRODUCT,
    key_id: str | None = None,
    issued_at: int = seconds("2026-03-15T09:00:00+00:00"),
    other_claims: Mapping[str, str | int] | None = None,
) -> License:
    """A license from April 2026 to March 2027, issued in the middle of March.

    Licenses that say different things have different key ids, always the same for the same license.
    """
    fields: dict[str, Any] = {
        "edition": edition,
        "licenses": licenses,
        "license_period": license_period or a_period(),
        "maintenance_period": maintenance_period,
        "optional_products": optional_products,
        "customer": customer,
        "issuer": issuer,
        "audience": audience,
        "product": product,
        "issued_at": issued_at,
        "other_claims": other_claims or {},
    }
    return License(**fields, key_id=key_id or str(uuid5(UUID(INSTALLATION_ID), repr(fields))))


def a_key(
    license: License | None = None,
    *,
    signing_key: Ed25519PrivateKey = SIGNING_KEY,
    kid: str = KID,
    **fields: Any,
) -> str:
    """A signed license key's text, for `license` or for `a_license(**fields)`."""
    return sign(license or a_license(**fields), signing_key, kid)


def a_license_key(license: License | None = None, **fields: Any) -> LicenseKey:
    """A verified license key, as a use case gets it."""
    return LicenseKeys(KEYRING).read(a_key(license, **fields))
