"""Login names: how they are normalized, compared, validated and shown (U1)."""

from __future__ import annotations

import unicodedata

from domain.refusals import LoginNameInvalid, Problem, TextInvalid

MAX_LENGTH = 200
_LONGEST_SPELLING = 4 * MAX_LENGTH
"""NFKC makes one character of at most four; no longer text is a login name, and normalizing one could take seconds."""


def normalize(text: str) -> str:
    """The login name as it is stored: NFKC, without blanks around it (U1)."""
    return unicodedata.normalize("NFKC", text.strip()[: _LONGEST_SPELLING + 1]).strip()


def login_key(text: str) -> str:
    """What login names are compared by: normalized, case-folded, normalized again (U1).

    Takes any text, valid or not; it is computed once in the command, since Unicode's tables change with Python.
    """
    return unicodedata.normalize("NFKC", normalize(text).casefold())


def valid_login_name(text: str) -> str:
    """The normalized login name. Raises LoginNameInvalid if it breaks U1."""
    name = normalize(text)
    if not name:
        raise LoginNameInvalid(problem=Problem("empty"))
    if len(name) > MAX_LENGTH:
        length = max(len(name), len(text.strip()))
        raise LoginNameInvalid(problem=Problem("too_many_characters", length=length, most=MAX_LENGTH))
    if name in (".", ".."):
        raise LoginNameInvalid(problem=Problem("dots"))
    if "/" in name:
        raise LoginNameInvalid(problem=Problem("slash"))
    forbidden = None if name.isprintable() else next(filter(_is_forbidden, name), None)
    if forbidden:
        raise LoginNameInvalid(problem=Problem("invisible_character_named", number=f"{ord(forbidden):04X}"))
    return name


def _is_forbidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("C") or category in ("Zl", "Zp")


def valid_text(text: str, *, what: str) -> str:
    """A name of something other than a user: trimmed, 1 to 200 printable characters. Raises TextInvalid."""
    trimmed = text.strip()
    if not trimmed:
        raise TextInvalid(what=what, problem=Problem("empty"))
    if len(trimmed) > MAX_LENGTH:
        raise TextInvalid(what=what, problem=Problem("too_many_characters", length=len(trimmed), most=MAX_LENGTH))
    if not trimmed.isprintable():
        raise TextInvalid(what=what, problem=Problem("invisible_character"))
    return trimmed


def shown(text: str) -> str:
    """Any text as it may stand in a sentence: at most 200 characters, invisible ones replaced."""
    visible = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: MAX_LENGTH + 1])
    return visible if len(visible) <= MAX_LENGTH else visible[:MAX_LENGTH] + "…"
