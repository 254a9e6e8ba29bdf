"""What a password may be."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from application.credentials.weaknesses import refuse_weak
from domain.refusals import PasswordLengthWrong

SHORTEST, LONGEST = 12, 128

_MOST_COMPOSED = 4
"""NFKC makes one character of at most four; a longer text cannot be valid, and normalizing it could take long."""


def accepted_password(password: str, context: Iterable[str]) -> None:
    """Asked when a password is set, and only then: those that were set before a rule go on working.

    `context` has the names of the product, the installation and the account.

    Raises:
        PasswordLengthWrong: fewer than 12 or more than 128 code points.
        PasswordCommon, PasswordRepeats, PasswordIsRun, PasswordOfContext: whoever guesses tries it early.
    """
    password_bytes(password)
    refuse_weak(password, context)


def password_bytes(password: str) -> bytes:
    """The bytes to hash: the password in Unicode's NFKC form, so that every keyboard spells it alike, as UTF-8.

    Raises:
        PasswordLengthWrong: it does not have 12 to 128 code points in that form.
    """
    if len(password) > LONGEST * _MOST_COMPOSED:
        raise PasswordLengthWrong(length=len(password))
    text = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordLengthWrong(length=len(text))
    return text.encode("utf-8", "surrogatepass")
