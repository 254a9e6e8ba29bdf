"""What a spreadsheet, or a wrong encoding, makes of a login name on the way: nobody means such a name."""

from __future__ import annotations

import re

from domain.login_name import normalize, shown
from domain.refusals import Problem

_CLOSING = {
    '"': '"',
    "'": "'",
    "`": "`'",
    "“": "”",
    "”": "”",
    "„": "“”",
    "‟": "”",
    "‘": "’",
    "’": "’",
    "‚": "‘’",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "〝": "〞〟",
}
"""Every opening quote with those that close it, in whichever language."""

_DOUBLE = frozenset('"“”„‟«»')
"""Quotes that no name begins or ends with, unlike an apostrophe."""

_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{2,3}")
"""A long number as a spreadsheet rounds it."""

_ERROR = re.compile(r"#(?:[^\W\d_][\w/]*[!?]|N/A|N/D|NV|NA)")
"""What a spreadsheet writes in place of a value, in its language: #NAME?, #REF!, #WERT!, #N/A."""


def problem_of_name(text: str) -> Problem | None:
    """What happened to this login name before it came here; None if it can be meant as it is."""
    name = normalize(text)
    if "\N{REPLACEMENT CHARACTER}" in name:
        return Problem("name_letter_lost", name=shown(name))
    if (letters := _misread(name)) is not None:
        return Problem("name_misread", name=shown(name), letters=shown(letters))
    if name.startswith("="):
        return Problem("name_formula", name=shown(name))
    if _is_quoted(name):
        return Problem("name_quoted", name=shown(name))
    if _ROUNDED.fullmatch(name):
        return Problem("name_rounded", name=shown(name))
    if _ERROR.fullmatch(name):
        return Problem("name_error", name=shown(name))
    return None


def _is_quoted(name: str) -> bool:
    if len(name) > 1 and name[-1] in _CLOSING.get(name[0], ""):
        return True
    ends = name[:1] + name[-1:]
    return any(quote in _DOUBLE for quote in ends) and sum(character in _DOUBLE for character in name) == 1


def _misread(name: str) -> str | None:
    """What the name was before its UTF-8 was taken for Windows-1252, such as “Björn” for “BjÃ¶rn”."""
    try:
        letters = name.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    # A letter that stands for the rest of another could as well be itself, as in Úžas.
    has_sign = any(character > "\x7f" and not character.isalpha() for character in name)
    return letters if letters != name and has_sign else None
