"""Keys as an attacker, or a careless vendor, would craft them: any header and payload, signed or not."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.examples import INSTALLATION_ID, KID, SIGNING_KEY

CLAIMS: dict[str, Any] = {
    "v": 1,
    "iss": "Example Vendor",
    "jti": "3f0c2b1a-9d8e-4c7b-a6f5-0e1d2c3b4a59",
    "iat": 1773565200,
    "sub": "Example Customer",
    "aud": INSTALLATION_ID,
    "product": "timetracker-nx",
    "edition": "Professional",
    "licenses": 50,
    "license_period": {"start": "2026-04-01", "end": "2027-03-31"},
    "maintenance_period": {"start": "2026-04-01", "end": "2027-03-31"},
    "optional_products": ["Analytics"],
}
HEADER: dict[str, Any] = {"alg": "EdDSA", "kid": KID, "typ": "license+jwt"}


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def crafted(
    payload: bytes | None = None,
    header: bytes | None = None,
    *,
    signing_key: Ed25519PrivateKey = SIGNING_KEY,
    signature: bytes | None = None,
) -> str:
    """A compact JWS over any bytes, truly signed unless a signature is given."""
    head = as_json(HEADER) if header is None else header
    body = as_json(CLAIMS) if payload is None else payload
    signed = f"{base64url(head)}.{base64url(body)}"
    return f"{signed}.{base64url(signing_key.sign(signed.encode()) if signature is None else signature)}"


def with_header(**members: object) -> str:
    """A signed key whose header has these members besides or instead of its own."""
    return crafted(header=as_json({**HEADER, **members}))


def without_header(name: str) -> str:
    return crafted(header=as_json({key: value for key, value in HEADER.items() if key != name}))


def with_claims(**claims: object) -> str:
    """A signed key that claims these things besides or instead of its own."""
    return crafted(as_json({**CLAIMS, **claims}))


def without_claim(name: str) -> str:
    return crafted(as_json({key: value for key, value in CLAIMS.items() if key != name}))


def with_raw(name: str, raw: str) -> str:
    """A signed key in which the value of a claim is spelled `raw`, valid JSON or not."""
    placeholder = "the value stands here"
    return crafted(as_json({**CLAIMS, name: placeholder}).replace(as_json(placeholder), raw.encode("utf-8")))
