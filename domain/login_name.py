"""Login names: how they are normalized, compared, validated and shown (U1)."""

from __future__ import annotations

import unicodedata

from domain.invisible import first_invisible, is_overlooked
from domain.refusals import LoginNameInvalid, Problem, TextInvalid

MAX_LENGTH = 200
_LONGEST_SPELLING = 4 * MAX_LENGTH
"""NFKC makes one character of at most four; no longer text is a login name, and normalizing one could take seconds."""


def normalize(text: str) -> str:
    """The login name as it is stored: NFKC, without blanks around it (U1).

    A text that is longer than any spelling of a login name stays whole and as it is. To cut it would make a name of it
    that somebody else may have.
    """
    trimmed = text.strip()
    return trimmed if len(trimmed) > _LONGEST_SPELLING else unicodedata.normalize("NFKC", trimmed).strip()


def login_key(text: str) -> str:
    """What login names are compared by: normalized, case-folded, normalized again (U1).

    Takes any text, valid or not; that of a text which is too long to be a login name is nobody's. It is computed once
    in the command, since Unicode's tables change with Python.
    """
    name = normalize(text)
    return name if len(name) > _LONGEST_SPELLING else unicodedata.normalize("NFKC", name.casefold())


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
    invisible = first_invisible(name)
    if invisible:
        raise LoginNameInvalid(problem=Problem("invisible_character_named", number=f"{ord(invisible):04X}"))
    return name


def valid_text(text: str, *, what: str) -> str:
    """A name of something other than a user: trimmed, 1 to 200 characters that one sees. Raises TextInvalid."""
    trimmed = text.strip()
    if not trimmed:
        raise TextInvalid(what=what, problem=Problem("empty"))
    if len(trimmed) > MAX_LENGTH:
        raise TextInvalid(what=what, problem=Problem("too_many_characters", length=len(trimmed), most=MAX_LENGTH))
    # Blanks of other widths too, which a login name folds and these texts keep: they look like the ordinary one.
    invisible = first_invisible(trimmed) or next((each for each in trimmed if not each.isprintable()), None)
    if invisible:
        raise TextInvalid(what=what, problem=Problem("invisible_character_named", number=f"{ord(invisible):04X}"))
    return trimmed


def erased_name(account_id: str) -> str:
    """What stands where the name of an erased person stood (P2)."""
    return f"erased person {account_id[:4]}"


def shown(text: str) -> str:
    """Any text as it may stand in a sentence: at most 200 characters, invisible ones replaced.

    For eyes alone: what is compared is never cut.
    """
    visible = "".join(
        c if c.isprintable() and not is_overlooked(c) else "\N{REPLACEMENT CHARACTER}" for c in text[: MAX_LENGTH + 1]
    )
    return visible if len(visible) <= MAX_LENGTH else visible[:MAX_LENGTH] + "…"
