"""How a delivery is signed, as Standard Webhooks 1.0.0 says: `v1a` (Ed25519) or `v1` (HMAC-SHA256)."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ASYMMETRIC, SYMMETRIC = "v1a", "v1"

KINDS = (ASYMMETRIC, SYMMETRIC)
"""`v1a` goes before: its receiver holds nothing that could sign."""

Mac = Callable[[bytes], bytes]
"""The pepper's (Pepper.mac). Raises PepperUnusable."""


def key_of(webhook_id: str, kind: str, mac: Mac) -> bytes:
    """32 bytes that sign for one webhook: made from the pepper, and so stored nowhere."""
    return mac(b"\0".join((b"webhook", kind.encode(), webhook_id.encode())))


def shown_key(kind: str, key: bytes) -> str:
    """What a receiver needs: the public key, `whpk_…`, or the secret itself, `whsec_…`."""
    if kind == SYMMETRIC:
        return f"whsec_{b64encode(key).decode()}"
    return f"whpk_{b64encode(Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()).decode()}"


def signature(kind: str, key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature` of a delivery: over its id, the moment in seconds, and its body."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    if kind == SYMMETRIC:
        return f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
    return f"v1a,{b64encode(Ed25519PrivateKey.from_private_bytes(key).sign(signed)).decode()}"
