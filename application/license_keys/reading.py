"""Reading a license key: each step refuses with its own code, in the order of the specification."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, TypeVar

from cryptography.exceptions import InvalidSignature

from application.license_keys import base64url, strict_json
from application.license_keys.claims import is_text, license_from
from application.license_keys.folding import MAX_KEY, fingerprint, fold, is_too_long
from application.license_keys.keyring import Keyring, VerificationKey
from application.license_keys.pasted import BEGIN, candidates, readings_of, what_is_missing
from domain.license import License, LicenseKey
from domain.refusals import (
    KeyClaimsBad,
    KeyClaimUnknown,
    KeyHeaderWrong,
    KeyMalformed,
    KeyNotCanonical,
    KeyRefused,
    KeySignatureBad,
    KeyTooLong,
    Problem,
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
        """The one verified license key in a pasted text, whatever stands around it.

        Raises the KeyRefused of the first step that fails, no other; KeyMalformed if there are two different keys.
        """
        return _one_of(text, self._read_exactly)

    def _read_exactly(self, text: str) -> LicenseKey:
        parts = _take_apart(text)
        key = self.keyring.get(parts.signing_key_id)
        if key is None:
            raise SigningKeyUnknown(signing_key_id=parts.signing_key_id)
        if key.revoked:
            raise SigningKeyRevoked(signing_key_id=parts.signing_key_id)
        if not _fits(parts, key):
            raise KeySignatureBad
        return LicenseKey(parts.text, fingerprint(parts.text), parts.signing_key_id, license_from(parts.payload))


def is_signed_by(text: str, key: VerificationKey) -> bool:
    """Whether a key's text has this key's signature, whatever became of the key since. Raises KeyRefused."""
    return _fits(_take_apart(text), key)


class UnverifiedKey(NamedTuple):
    """What a text says that looks like a license key. Anybody can write one: never register it."""

    text: str
    fingerprint: str
    signing_key_id: str
    license: License


def read_unverified(text: str) -> UnverifiedKey:
    """What a pasted text claims, by every step but those that need a keyring. Raises KeyRefused."""
    return _one_of(text, _read_unverified)


def _read_unverified(text: str) -> UnverifiedKey:
    parts = _take_apart(text)
    return UnverifiedKey(parts.text, fingerprint(parts.text), parts.signing_key_id, license_from(parts.payload))


K = TypeVar("K", LicenseKey, UnverifiedKey)


def _one_of(text: str, read: Callable[[str], K]) -> K:
    """The one key that `read` takes among the readings of a paste.

    If it takes none, the refusal is that of the reading that came furthest. Raises KeyRefused.
    """
    if is_too_long(text):
        raise KeyTooLong
    folded = fold(text)
    refused: list[KeyRefused] = []
    tried: set[str] = set()
    is_whole = bool(_COMPACT.fullmatch(folded))
    if is_whole:  # and so there is no room for another one
        try:
            return read(folded)
        except KeyRefused as refusal:
            if text.strip() == folded and folded.startswith(BEGIN):  # nothing in it could be read in another way
                raise
            refused.append(refusal)
            tried.add(folded)
    taken: dict[str, K] = {}
    readings = readings_of(text)
    for candidate in candidates(readings):
        if candidate in tried:
            continue
        tried.add(candidate)
        try:
            key = read(candidate)
        except KeyRefused as refusal:
            refused.append(refusal)
        else:
            taken[key.fingerprint] = key
    for candidate in [] if taken else candidates(readings, anywhere=True):
        if candidate not in tried:
            with suppress(KeyRefused):
                key = read(candidate)
                taken[key.fingerprint] = key
    if len(taken) > 1:
        raise KeyMalformed(problem=Problem("paste_two_keys"))
    for key in taken.values():
        return key
    if is_whole:
        raise refused[0]
    if refused:
        raise max(refused, key=lambda refusal: _STEPS.index(type(refusal)))
    if len(folded) > MAX_KEY:
        raise KeyTooLong
    raise KeyMalformed(problem=what_is_missing(text))


_STEPS: tuple[type[KeyRefused], ...] = (
    KeyTooLong,
    KeyMalformed,
    KeyNotCanonical,
    KeyHeaderWrong,
    SigningKeyUnknown,
    KeySignatureBad,
    SigningKeyRevoked,
    KeyClaimUnknown,
    KeyClaimsBad,
)
"""The refusals of a key from what is least like one to what was signed by the vendor."""


class _Parts(NamedTuple):
    """A license key taken apart, its header checked: steps 1 to 3 of the specification."""

    text: str
    signing_key_id: str
    signed: bytes
    payload: bytes
    signature: bytes


def _take_apart(text: str) -> _Parts:
    folded = fold(text)
    if len(folded) > MAX_KEY:
        raise KeyTooLong
    match = _COMPACT.fullmatch(folded)
    if match is None:
        raise KeyMalformed(problem=what_is_missing(text))
    try:
        header, payload, signature = map(base64url.decode, match.groups())
    except ValueError:
        raise KeyNotCanonical(**_as_begun(folded)) from None
    signed, _, _ = folded.rpartition(".")
    return _Parts(folded, _signing_key_id(header, folded), signed.encode("ascii"), payload, signature)


def _fits(parts: _Parts, key: VerificationKey) -> bool:
    try:
        key.public_key.verify(parts.signature, parts.signed)
    except InvalidSignature:
        return False
    return True


def _as_begun(folded: str) -> dict[str, str]:
    """The fact that the beginning is missing; none if it is there."""
    return {} if folded.startswith(BEGIN) else {"begin": BEGIN}


def _signing_key_id(header: bytes, folded: str) -> str:
    """The `kid` of a header that has exactly our three members; the algorithm is the keyring's, never the header's."""
    try:
        members = strict_json.parse(header)
    except strict_json.NotStrictJson:
        raise KeyHeaderWrong(**_as_begun(folded)) from None
    if not isinstance(members, dict) or members.keys() != {"alg", "kid", "typ"}:
        raise KeyHeaderWrong
    if members["alg"] != ALGORITHM or members["typ"] != TYPE or not is_text(members["kid"]):
        raise KeyHeaderWrong
    return str(members["kid"])
