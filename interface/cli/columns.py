"""Columns for a terminal: each line within its width, the last cell broken and continued under itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interface.cli.output import padded, printable, width_of

GAP = "  "

NARROWEST = 24
"""The fewest columns of the last cell; where it has fewer, it stands below the others."""


def columns(rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """The lines of rows of equally many cells; without a width, as in a pipe, one for each row."""
    texts = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(width_of, column)) for column in zip(*(row[:-1] for row in texts), strict=True)]
    indent = sum(widths) + len(GAP) * len(widths)
    for row in texts:
        start = "".join(padded(cell, cells) + GAP for cell, cells in zip(row[:-1], widths, strict=True))
        if width is None:
            yield (start + row[-1]).rstrip()
        elif width - indent >= NARROWEST:
            for number, piece in enumerate(broken(row[-1], width - indent)):
                yield ((start if number == 0 else " " * indent) + piece).rstrip()
        else:
            yield from broken(GAP.join(cell for cell in row[:-1] if cell), width)
            yield from (f"{GAP}{piece}" for piece in broken(row[-1], max(width - len(GAP), 1)))


def broken(text: str, width: int) -> Iterator[str]:
    """A text in lines of at most so many columns, between words where that is possible."""
    line = ""
    for word in text.split(" "):
        if line and width_of(line) + 1 + width_of(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            yield line
        line = word
        while width_of(line) > width:
            end = _longest(line, width)
            yield line[:end]
            line = line[end:]
    yield line


def _longest(text: str, width: int) -> int:
    """How many characters of a text, at least one, fit into so many columns."""
    end = 1
    while end < len(text) and width_of(text[: end + 1]) <= width:
        end += 1
    return end
