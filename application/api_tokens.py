"""The text of an API token: `slt_<id>_<secret><checksum>`.

The id (8 letters and digits of base32, lower case) stands in lists and in events; the secret is 43 letters and digits,
256 random bits; the checksum, six more, is the CRC-32 of all before it in base 62, so that a token cut short or
mistyped is known without a look at any store, and a scanner of published secrets can be sure. What is stored is the
SHA-256 of the whole text, which needs no salt and no slow hash: nobody guesses 256 bits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import string
import zlib

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = [high + low for high in _DIGITS for low in _DIGITS]
_FORM = re.compile(r"slt_[a-z2-7]{8}_[0-9A-Za-z]{49}")


def new_token() -> tuple[str, str, str]:
    """A new token: its id, its text (to be shown once), and its digest (to be stored)."""
    token_id = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    body = f"slt_{token_id}_{''.join(secrets.choice(_DIGITS) for _ in range(43))}"
    text = body + _checksum(body.encode())
    return token_id, text, hashlib.sha256(text.encode()).hexdigest()


def parse(text: str) -> tuple[str, str] | None:
    """The id and the digest of a token's text; None if it is no token, which the checksum says before any hashing."""
    if _FORM.fullmatch(text) is None:
        return None
    whole = text.encode()
    if _checksum(whole[:-6]) != text[-6:]:
        return None
    return text[4:12], hashlib.sha256(whole).hexdigest()


def fits(digest: str, stored: str) -> bool:
    """Whether two digests are the same, in a time that does not tell how far they agree."""
    return hmac.compare_digest(digest, stored)


def _checksum(body: bytes) -> str:
    """CRC-32 in base 62, six digits, taken two at a time."""
    crc = zlib.crc32(body)
    return _PAIRS[crc // 3844**2] + _PAIRS[crc // 3844 % 3844] + _PAIRS[crc % 3844]
