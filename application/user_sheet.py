"""The list of users as a sheet: written for spreadsheets, and imported again as it is (docs/user-import.md)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO

from application.cells import marked
from application.words.history_sheet import BYTE_ORDER_MARK
from domain.state import User

COLUMNS = ("login_name", "administrator", "last_seen")
"""The sheet's header, a contract."""


def sheet_of(users: Iterable[User], last_seen: Mapping[str, date]) -> Iterator[str]:
    """The rows of a CSV file (RFC 4180) with its header; erased people are nowhere.

    `last_seen` has by id the day on which somebody was last there, where it is known.
    """
    yield BYTE_ORDER_MARK + _row(COLUMNS)
    for user in users:
        if not user.is_erased:
            day = last_seen.get(user.user_id)
            is_administrator = "true" if user.is_administrator else "false"
            yield _row((marked(user.login_name), is_administrator, day.isoformat() if day else ""))


def _row(cells: Iterable[str]) -> str:
    row = StringIO()
    csv.writer(row, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return row.getvalue()
