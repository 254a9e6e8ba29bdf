"""Which of the languages that are spoken here a request asks for."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from application.words.languages import NAMES

LONGEST = 200
"""How many characters of a header are read: browsers send some forty, and what is remembered must have an end."""


@lru_cache(maxsize=256)
def accepted(header: str) -> str | None:
    """The tag of the language that an Accept-Language (RFC 9110, 12.5.4) wants most; None if it wants none of them."""
    return parse_accept_header(header[:LONGEST], LanguageAccept).best_match(list(NAMES))
