"""Characters that nobody sees, so that two texts which differ by them look the same."""

from __future__ import annotations

import unicodedata

# Default_Ignorable_Code_Point of the Unicode Character Database: DerivedCoreProperties.txt, version 14.0.0, which is
# the version of Python 3.11's unicodedata. That does not have the property.
DEFAULT_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
"""Ranges of code points, both ends inclusive."""

LOOKS_EMPTY = frozenset("\N{BRAILLE PATTERN BLANK}\N{MUSICAL SYMBOL NULL NOTEHEAD}")
"""Symbols by their category, whose glyph is an empty space."""


def is_invisible(character: str) -> bool:
    """Whether no one can see it: Unicode's classes C, Zl and Zp, what is ignored by default, what looks empty."""
    category = unicodedata.category(character)
    return category.startswith("C") or category in ("Zl", "Zp") or is_overlooked(character)


def is_overlooked(character: str) -> bool:
    """Whether it is ignored by default or looks empty; its class may be that of letters, marks and symbols."""
    code = ord(character)
    return character in LOOKS_EMPTY or any(first <= code <= last for first, last in DEFAULT_IGNORABLE)


def first_invisible(text: str) -> str | None:
    """The first character that nobody sees."""
    return None if text.isascii() and text.isprintable() else next(filter(is_invisible, text), None)
