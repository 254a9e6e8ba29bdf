"""Users in a CSV file: what its header and its lines say."""

from __future__ import annotations

import csv
from itertools import zip_longest

from application.cells import unmarked
from application.csv_table import Table, header_of, heading, rows_of, table_of
from application.user_import.lines import MAX_LINES, ImportLine, ImportRefused
from application.user_import.names import problem_of_name
from application.user_import.text import MAX_BYTES, text_of
from application.user_import.truth import truth
from domain.login_name import shown
from domain.refusals import Problem

LOGIN_NAME, ADMINISTRATOR = "loginname", "administrator"

NOT_IMPORTED = "lastseen"
"""The column of an export (application/user_sheet.py) that an import passes over."""

SEPARATORS = (",", ";", "\t", "|")


def read_csv(data: bytes, *, most_lines: int = MAX_LINES, most_bytes: int = MAX_BYTES) -> list[ImportLine]:
    """The lines of a CSV file, in any of the ways in which spreadsheets write one (docs/user-import.md).

    Raises ImportRefused if it is no such file at all; what is wrong with a single line stands in the line.
    """
    table = _table(text_of(data, most_lines=most_lines, most_bytes=most_bytes))
    return [
        _line(row.number, row.fields, table)
        if row.error is None
        else ImportLine(row.number, "", problem=_problem_of_csv(row.error, row.begin))
        for row in rows_of(table)
    ]


def _problem_of_csv(error: csv.Error, begin: int) -> Problem:
    """What the csv module found, which it says in English alone; `begin` is the line on which the row begins."""
    reason = str(error)
    if reason.startswith("unexpected"):  # … end of data
        return Problem("quote_not_closed", line=begin)
    if reason.startswith("'"):  # ',' expected after '"'
        return Problem("text_after_quote")
    return Problem("line_not_csv", reason=reason)


def _table(text: str) -> Table:
    """Raises ImportRefused."""
    table = table_of(text, LOGIN_NAME, SEPARATORS)
    if table is None:
        raise ImportRefused.for_file(Problem("file_empty"))
    if problem := _problem_of_header(table.fields, table.line):
        raise ImportRefused.for_lines([(table.lines_before + 1, problem)])
    return table


def _problem_of_header(fields: list[str], line: str) -> Problem | None:
    if "\0" in line:
        return Problem("line_has_nul")
    if not fields:
        within = line.strip().removeprefix('"').removesuffix('"').replace('""', '"')
        in_quotes = '"' in line and header_of(within, LOGIN_NAME, SEPARATORS)[1]
        return Problem("line_in_quotes") if in_quotes else Problem("header_wrong", header=shown(line.strip()))
    headings = [heading(field) for field in fields]
    for name, field in zip(headings, fields, strict=True):
        if name not in ("", LOGIN_NAME, ADMINISTRATOR, NOT_IMPORTED):
            return Problem("column_unknown", column=shown(field.strip()))
        if name and headings.count(name) > 1:
            return Problem("column_twice", column=shown(field.strip()))
    return None


def _line(number: int, fields: list[str], table: Table) -> ImportLine:
    columns = dict(zip_longest(table.headings, fields[: len(table.headings)], fillvalue=""))
    cell, administrator = columns[LOGIN_NAME], columns.get(ADMINISTRATOR, "")
    is_administrator = truth(administrator) if administrator else False
    login_name = unmarked(cell)
    problem = _misplaced(fields, table)
    if problem is None and login_name == cell:  # else the mark says that the name is meant as it is
        problem = problem_of_name(login_name)
    if problem is None and is_administrator is None:
        problem = Problem("administrator_unreadable", text=shown(administrator))
    if problem:
        return ImportLine(number, "", problem=problem)
    return ImportLine(number, login_name, bool(is_administrator), says_rights=bool(administrator))


def _misplaced(fields: list[str], table: Table) -> Problem | None:
    """What is wrong with the row's fields: one without a header, or several that are taken for one."""
    for number, field in enumerate(fields):
        if field and not "".join(table.headings[number : number + 1]):
            return Problem("value_without_header", text=shown(field), column=number + 1)
    for other in SEPARATORS:
        before, separator, last = fields[0].rpartition(other)
        is_alone = len(fields) == 1 < len(table.headings)
        if separator and before and (not last or (is_alone and truth(last) is not None)):
            return Problem("other_separator", other=other)
    return None
