"""Help in lines as wide as the terminal, also in a script whose characters take two columns and that has no blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from interface.cli.output import padded, width_of

NEVER_FIRST = "、。，．・：；？！）」』】〉》〕｝～ーゝゞ々ぁぃぅぇぉっゃゅょァィゥェォッャュョ.,:;?!)]}%…"
"""What begins no line (JIS X 4051)."""

NEVER_LAST = "（「『【〈《〔｛([{"
"""What ends no line."""

GAP, WIDEST_TERM = 2, 30
"""Columns between a term and what is said of it, and how wide a term may be beside it; as click has them."""

_PIECE = re.compile(rf"[{re.escape(NEVER_LAST)}]*(?:[!-~]+|[^!-~\s])[{re.escape(NEVER_FIRST)}]*|\s+")


class Formatter(click.HelpFormatter):
    """Leaves English to click, which counts characters and breaks lines at blanks alone."""

    def write_text(self, text: str) -> None:
        if not is_wide(text):
            super().write_text(text)
            return
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            self.write("\n" if number else "")
            self.write("".join(f"{indent}{line}\n" for line in lines_of(paragraph, self.width - self.current_indent)))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = WIDEST_TERM, col_spacing: int = GAP) -> None:
        rows = list(rows)
        if not any(is_wide(text) for _, text in rows):
            super().write_dl(rows, col_max, col_spacing)
            return
        column = min(max(width_of(term) for term, _ in rows), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in rows:
            lines = lines_of(text, max(self.width - column - 2, 10)) or [""]
            if width_of(term) > column - col_spacing:
                self.write(f"{indent}{term}\n")
                term = ""
            for line in lines:
                self.write(f"{indent}{padded(term, column)}{line}".rstrip() + "\n")
                term = ""


def is_wide(text: str) -> bool:
    """Whether some character takes two columns."""
    return width_of(text) > len(text)


def lines_of(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns, but for a word that is longer.

    Broken at blanks, and beside every wide character that may begin or end a line.
    """
    return list(_lines(_PIECE.findall(text), width))


def _lines(pieces: Iterable[str], width: int) -> Iterator[str]:
    line = ""
    for piece in pieces:
        if line and width_of(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line or not piece.isspace() else ""
    if line:
        yield line.rstrip()
