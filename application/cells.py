"""Cells of a sheet that no spreadsheet takes for a formula, and login names in them."""

from __future__ import annotations

MARK = "'"
"""Stands before what a spreadsheet would work out."""

_BEGIN_FORMULAS = "=+-@＝＋－＠"
"""With these, also behind blanks, begins what a spreadsheet would work out; the wide ones where Japanese is written."""


def inert(text: str) -> str:
    """A text as a spreadsheet shows it and never works it out: with an apostrophe before what would begin a formula."""
    return MARK + text if _is_formula(text) else text


def marked(name: str) -> str:
    """A login name as the cell of a list that is imported again: `unmarked` gives it back."""
    return MARK + name if _is_formula(name.lstrip(MARK)) else name


def unmarked(cell: str) -> str:
    """The login name of a cell: without the apostrophe that `marked` puts there; any other as it is."""
    return cell.removeprefix(MARK) if _is_formula(cell.lstrip(MARK)) else cell


def _is_formula(text: str) -> bool:
    return bool(text) and (text[0] in "\t\r\n" or text.strip()[:1] in tuple(_BEGIN_FORMULAS))
