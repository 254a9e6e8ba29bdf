"""The history as a sheet: a row for each line, whose cells no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from application.cells import inert
from application.views.entitlement import Entitlement
from application.views.history_lines import HistoryLine
from application.words.history import doer_of, of_line
from application.words.language import Language
from domain.installation import Installation
from domain.local_time import spelled_at

COLUMNS = (
    "position",
    "recorded_at",
    "day",
    "event",
    "by",
    "done_by",
    "sentence",
    "valid_before",
    "valid_after",
    "in_use_before",
    "in_use_after",
    "edition_before",
    "edition_after",
    "key_id",
    "fingerprint",
    "signing_key_id",
    "command_id",
)
"""The sheet's header, a contract (docs/audit.md)."""

Cell = str | int | None

BYTE_ORDER_MARK = "\ufeff"
"""By this, spreadsheets see that a sheet is UTF-8."""


def sheet_of(lines: Iterable[HistoryLine], view: Entitlement, language: Language) -> Iterator[str]:
    """The rows of a CSV file (RFC 4180) with its header: `view` knows the names and the zone."""
    yield BYTE_ORDER_MARK + _row(COLUMNS)
    for line in lines:
        cells = _cells(line, view, language)
        yield _row([cells.get(column) for column in COLUMNS])


def _row(cells: Iterable[Cell]) -> str:
    row = StringIO()
    texts = ["" if cell is None else inert(str(cell)) for cell in cells]
    csv.writer(row, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(texts)
    return row.getvalue()


def _cells(line: HistoryLine, view: Entitlement, language: Language) -> dict[str, Cell]:
    """What stands in which column; a line of the calendar has no position, nobody who did it, and leaves In use."""
    cells: dict[str, Cell] = {"day": line.day.isoformat(), "sentence": of_line(line, view, language)}
    if line.effect is not None:
        cells["valid_before"], cells["valid_after"] = line.effect.valid
        cells["edition_before"], cells["edition_after"] = line.effect.edition
    if line.calendar is not None:
        cells["event"] = line.calendar.event.value
        cells["key_id"] = line.calendar.license.key_id
    if line.entry is not None:
        entry = line.entry
        if line.effect is not None:
            cells["in_use_before"], cells["in_use_after"] = line.effect.in_use
        cells |= {
            "position": entry.position,
            "recorded_at": spelled_at(entry.recorded_at, view.time_zone),
            "event": entry.kind,
            "by": entry.by,
            "done_by": doer_of(entry.event, view, language),
            "command_id": entry.command_id,
        }
        if isinstance(entry.event, Installation.LicenseRegistered):
            cells |= {name: getattr(entry.event, name) for name in ("key_id", "fingerprint", "signing_key_id")}
    return cells
