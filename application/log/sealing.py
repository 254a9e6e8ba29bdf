"""How a person's name is sealed in what is stored, under a key of that person's own (P1)."""

from __future__ import annotations

import os
from base64 import b64encode
from binascii import a2b_base64
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12

BLOCK = 64
"""Names are padded to a multiple of so many bytes, so that a stored event does not tell how long one is."""

MEMBER = "sealed_name"
"""The member of a stored event that stands in the place of a name and its login key."""


class Sealed(NamedTuple):
    """Which members of an event name a person: by which id, with which name, and whether they are new there."""

    account_id: str
    name: str
    is_new: bool = True


SEALED = {
    "UserAdded": Sealed("user_id", "login_name"),
    "UserRenamed": Sealed("user_id", "login_name", is_new=False),
    "AuditorAdded": Sealed("auditor_id", "name"),
    "OperatorSeen": Sealed("operator_id", "name"),
}
"""The only events in which a person's name stands."""


class Unsealable(ValueError):
    """What is sealed does not open with this key: one of them was altered."""


def new_key() -> bytes:
    """A person's key, 32 random bytes."""
    return os.urandom(KEY_BYTES)


def encrypt(key: bytes, text: bytes, bound: bytes) -> bytes:
    """Nonce, AES-256-GCM ciphertext and tag; `bound` is the associated data, without which it does not open."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, bound)


def decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """What was given to `encrypt`. Raises Unsealable."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as error:
        raise Unsealable from error


def seal(key: bytes, account_id: str, name: str, login_key: str) -> str:
    """The name and its login key as they are stored: base64 of nonce, AES-256-GCM ciphertext and tag.

    The account's id is the associated data: nobody can give a person another one's name by exchanging what is stored.
    """
    text = f"{name}\0{login_key}".encode()
    text += bytes(-len(text) % BLOCK)
    return b64encode(encrypt(key, text, account_id.encode())).decode("ascii")


def unseal(key: bytes, account_id: str, sealed: str) -> tuple[str, str]:
    """The name and its login key. Raises Unsealable."""
    try:
        text = decrypt(key, a2b_base64(sealed), account_id.encode())
        name, _, padded = text.decode().partition("\0")
    except ValueError as error:
        raise Unsealable from error
    login_key = padded.rstrip("\0")
    return name, name if login_key == name else login_key  # one text in memory: most are
