"""What mail and copying do to a license key, undone: folding, and the fingerprint of the folded text."""

from __future__ import annotations

import re
from hashlib import sha256
from unicodedata import category

MAX_PASTE = 16 * 1024
"""The most bytes (UTF-8) of pasted text that are looked at."""

MAX_KEY = 4096
"""The most characters of a license key."""

LINE_BREAK = re.compile("\r\n|[\n\v\f\r\x85\u2028\u2029]")
_BLANK_CATEGORIES = {"Zs", "Zl", "Zp", "Cf"}
_QUOTES = "\"'“”„‟‘’‚‛«»‹›「」『』｢｣"


def fold(text: str) -> str:
    """The text without what mail adds: blanks, line breaks, mail quoting, soft breaks, quotes around it.

    Removed are every character of Unicode Z and Cf, tabs and line breaks; `>` marks that begin a line; a
    quoted-printable `=` that ends a line (not the text); straight and curly quotes, guillemets and corner brackets at
    both ends.
    """
    if text.isascii() and text.isprintable():  # in one line, whose only blanks are ordinary ones
        return text.replace(" ", "").lstrip(">").strip(_QUOTES)
    blanks = {ord(mark): None for mark in set(text) if mark == "\t" or category(mark) in _BLANK_CATEGORIES}
    *lines, last = (line.translate(blanks).lstrip(">") for line in LINE_BREAK.split(text))
    return "".join([*(line.removesuffix("=") for line in lines), last]).strip(_QUOTES)


def fingerprint(text: str) -> str:
    """SHA-256 of the folded text, in lower-case hex (K2).

    Every text has one, to record its refusal. A paste above the cap is not folded: its first 16,384 characters count as
    they are, which can never be the fingerprint of a license key.
    """
    evidence = text[:MAX_PASTE] if is_too_long(text) else fold(text)
    return sha256(evidence.encode("utf-8", "surrogatepass")).hexdigest()


def is_too_long(text: str) -> bool:
    """Whether a paste is too long to be looked at. Asks for the length before anything else."""
    return len(text) > MAX_PASTE or len(text.encode("utf-8", "surrogatepass")) > MAX_PASTE


def is_empty(text: str) -> bool:
    """Whether nothing is left of a paste; one that is too long is not looked at."""
    return not is_too_long(text) and not fold(text)
