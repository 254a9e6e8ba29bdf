"""Reading a license key: each step refuses with its own code, in the order of the specification."""

from __future__ import annotations

import re
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature

from application.license_keys import base64url, strict_json
from application.license_keys.claims import is_text, license_from
from application.license_keys.folding import fingerprint, fold_within_caps
from application.license_keys.keyring import Keyring, VerificationKey
from domain.license import License, LicenseKey
from domain.refusals import (
    KeyHeaderWrong,
    KeyMalformed,
    KeyNotCanonical,
    KeySignatureBad,
    SigningKeyRevoked,
    SigningKeyUnknown,
)

ALGORITHM = "EdDSA"
TYPE = "license+jwt"

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")


class LicenseKeys:
    """Reads license keys against a keyring."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring

    def read(self, text: str) -> LicenseKey:
        """The verified license key in a pasted text. Raises the KeyRefused of the first step that fails, no other."""
        parts = _take_apart(text)
        key = self.keyring.get(parts.signing_key_id)
        if key is None:
            raise SigningKeyUnknown(signing_key_id=parts.signing_key_id)
        if key.revoked:
            raise SigningKeyRevoked(signing_key_id=parts.signing_key_id)
        if not is_signed_by(text, key):
            raise KeySignatureBad
        return LicenseKey(parts.text, fingerprint(parts.text), parts.signing_key_id, license_from(parts.payload))


def is_signed_by(text: str, key: VerificationKey) -> bool:
    """Whether a key's text has this key's signature, whatever became of the key since. Raises KeyRefused."""
    parts = _take_apart(text)
    try:
        key.public_key.verify(parts.signature, parts.signed)
    except InvalidSignature:
        return False
    return True


class UnverifiedKey(NamedTuple):
    """What a text says that looks like a license key. Anybody can write one: never register it."""

    text: str
    fingerprint: str
    signing_key_id: str
    license: License


def read_unverified(text: str) -> UnverifiedKey:
    """What a pasted text claims, by every step but those that need a keyring. Raises KeyRefused."""
    parts = _take_apart(text)
    return UnverifiedKey(parts.text, fingerprint(parts.text), parts.signing_key_id, license_from(parts.payload))


class _Parts(NamedTuple):
    """A license key taken apart, its header checked: steps 1 to 3 of the specification."""

    text: str
    signing_key_id: str
    signed: bytes
    payload: bytes
    signature: bytes


def _take_apart(text: str) -> _Parts:
    folded = fold_within_caps(text)
    match = _COMPACT.fullmatch(folded)
    if match is None:
        raise KeyMalformed
    try:
        header, payload, signature = map(base64url.decode, match.groups())
    except ValueError:
        raise KeyNotCanonical from None
    signed, _, _ = folded.rpartition(".")
    return _Parts(folded, _signing_key_id(header), signed.encode("ascii"), payload, signature)


def _signing_key_id(header: bytes) -> str:
    """The `kid` of a header that has exactly our three members; the algorithm is the keyring's, never the header's."""
    try:
        members = strict_json.parse(header)
    except strict_json.NotStrictJson:
        raise KeyHeaderWrong from None
    if not isinstance(members, dict) or members.keys() != {"alg", "kid", "typ"}:
        raise KeyHeaderWrong
    if members["alg"] != ALGORITHM or members["typ"] != TYPE or not is_text(members["kid"]):
        raise KeyHeaderWrong
    return str(members["kid"])
