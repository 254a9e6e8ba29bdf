"""JSON that the log key signed: flattened JSON Web Signatures (RFC 7515, section 7.2.2) with Ed25519 (RFC 8037)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.license_keys import base64url
from application.proof.verify_export import note_key_id


class Jws(NamedTuple):
    """A signed JSON value: its header and itself in base64url, and the signature over both."""

    protected: str
    payload: str
    signature: str


def sign_jws(
    value: Mapping[str, object],  # object: JSON
    type_: str,
    name: str,
    private_key: Ed25519PrivateKey,
) -> Jws:
    """The value, signed by the key called `name`; `kid` is its name and id as in a vkey.

    What is signed is ASCII without a line break, so it is never the text of a note, which ends with one.
    """
    key_id = note_key_id(name, private_key.public_key().public_bytes_raw()).hex()
    protected = base64url.encode(orjson.dumps({"alg": "EdDSA", "kid": f"{name}+{key_id}", "typ": type_}))
    payload = base64url.encode(orjson.dumps(value))
    return Jws(protected, payload, base64url.encode(private_key.sign(f"{protected}.{payload}".encode())))
