"""The languages that people are spoken to in, each loaded when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from application.words.japanese import Japanese
from application.words.language import ENGLISH, Language

NAMES: Mapping[str, str] = {"en": "English", "ja": "日本語"}
"""The languages by their tags (BCP 47), called as they call themselves: whoever looks for theirs must find it."""


@cache
def language_of(tag: str) -> Language:
    """The language of a tag in NAMES. Raises KeyError."""
    return {"en": lambda: ENGLISH, "ja": lambda: Japanese.of("ja")}[tag]()


def tag_in(locale: str) -> str | None:
    """The tag of a locale's name, such as “ja_JP.UTF-8” or “en-GB”; None for a language that we do not speak."""
    tag = locale.replace("_", "-").partition(".")[0].partition("-")[0].lower()
    return tag if tag in NAMES else None
