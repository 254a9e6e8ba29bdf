"""The names of people as a sheet beside an export, which calls people by their id: written, and read again (P4)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from application.cells import MARK, inert
from application.views.entitlement import Entitlement
from application.words.history_sheet import BYTE_ORDER_MARK
from domain.refusals import Problem

COLUMNS = ("id", "kind", "name")
"""The sheet's header, a contract (docs/audit.md)."""

KINDS = ("user", "auditor", "operator")

Names = Mapping[str, tuple[str, ...]]
"""The names of people by their id; of renamed ones all that they had, the oldest first and that of now last."""


class NamesUnreadable(Exception):
    """A file is no such sheet; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def sheet_of(view: Entitlement) -> str:
    """A CSV file (RFC 4180): a row for each name that somebody bears or bore; those of erased people are nowhere."""
    sheet = StringIO()
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((id_, kind, _marked(name)) for id_, kind, name in _rows(view))
    return BYTE_ORDER_MARK + sheet.getvalue()


def names_in(content: bytes) -> Names:
    """The names of a sheet, also of one that a spreadsheet has saved again. Raises NamesUnreadable."""
    try:
        rows = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(next(rows, ())) != COLUMNS:
            raise NamesUnreadable(Problem("names_header", header=",".join(COLUMNS)))
        names: dict[str, tuple[str, ...]] = {}
        for row in filter(None, rows):
            if len(row) != len(COLUMNS) or row[1] not in KINDS or not row[2]:
                raise NamesUnreadable(Problem("names_line", line=rows.line_num))
            id_, _, name = row
            names[id_] = (*names.get(id_, ()), name.removeprefix(MARK))
    except UnicodeDecodeError:
        raise NamesUnreadable(Problem("names_not_utf8")) from None
    except csv.Error:
        raise NamesUnreadable(Problem("names_line", line=rows.line_num)) from None
    return names


def _rows(view: Entitlement) -> Iterator[tuple[str, str, str]]:
    for user in view.users.values():
        if not user.is_erased:
            for former in view.former_names.get(user.user_id, ()):
                yield user.user_id, "user", former.login_name
            yield user.user_id, "user", user.login_name
    for auditor in view.auditors.values():
        if not auditor.is_erased:
            yield auditor.auditor_id, "auditor", auditor.name
    for operator in view.operators.values():
        if not operator.is_erased:
            yield operator.operator_id, "operator", operator.name


def _marked(name: str) -> str:
    """With the mark before a name that a spreadsheet would work out, and before one that begins with it."""
    return MARK + name if name.startswith(MARK) else inert(name)
