"""Text in aligned columns, as wide as a terminal shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """One line for each row, its cells below each other, two blanks between them."""
    texts = [[str(cell) for cell in row] for row in ([header] if header else []) + list(rows)]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    lines = ("  ".join(map(_padded, row, widths)).rstrip() for row in texts)
    return "\n".join(lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
