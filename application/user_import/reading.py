"""A CSV file as spreadsheets write it: which character separates its fields, what its header says, and its lines."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from application.user_import.lines import ImportLine, ImportRefused
from application.user_import.names import problem_of_name
from application.user_import.text import text_of
from application.user_import.truth import truth
from domain.login_name import shown
from domain.refusals import Problem

if TYPE_CHECKING:
    from _csv import Reader

LOGIN_NAME, ADMINISTRATOR = "loginname", "administrator"

SEPARATORS = (",", ";", "\t", "|")

_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\s]|\t)"?[\s,;|]*', re.IGNORECASE)
"""The line by which some spreadsheets say how the fields are separated; it is no part of the list."""

_NOTHING = re.compile(r'[\s,;|"]*')


class _Table(NamedTuple):
    """Where the list begins: its header's line and the number of lines before it, and how its fields are separated."""

    text: str
    lines_before: int
    separator: str
    headings: list[str]


def read_csv(data: bytes) -> list[ImportLine]:
    """The lines of a CSV file, in any of the ways in which spreadsheets write one (docs/user-import.md).

    Raises ImportRefused if it is no such file at all; what is wrong with a single line stands in the line.
    """
    table = _table(text_of(data))
    lines: list[ImportLine] = []
    reader = _reader(table.text, table.separator)
    next(reader)
    while True:
        begin = table.lines_before + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            number = table.lines_before + reader.line_num
            lines.append(ImportLine(number, "", problem=_problem_of_csv(error, begin)))
            continue
        if row is None:
            return lines
        fields = [field.strip() for field in row]
        if any(fields):
            lines.append(_line(table.lines_before + reader.line_num, fields, table))


def _problem_of_csv(error: csv.Error, begin: int) -> Problem:
    """What the csv module found, which it says in English alone; `begin` is the line on which the row begins."""
    reason = str(error)
    if reason.startswith("unexpected"):  # … end of data
        return Problem("quote_not_closed", line=begin)
    if reason.startswith("'"):  # ',' expected after '"'
        return Problem("text_after_quote")
    return Problem("line_not_csv", reason=reason)


def _table(text: str) -> _Table:
    """Finds the header, behind what a spreadsheet may put before it. Raises ImportRefused."""
    separators: tuple[str, ...] = SEPARATORS
    start = 0
    for number, line in enumerate(io.StringIO(text, newline="")):
        separator_line = _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
        if separator_line:
            separators = (separator_line[1], *SEPARATORS)
        elif not _NOTHING.fullmatch(line):
            separator, fields = _header(line, separators)
            problem = _problem_of_header(fields, line)
            if problem:
                raise ImportRefused.for_lines([(number + 1, problem)])
            return _Table(text[start:], number, separator, [_heading(field) for field in fields])
        start += len(line)
    raise ImportRefused.for_file(Problem("file_empty"))


def _header(line: str, separators: tuple[str, ...]) -> tuple[str, list[str]]:
    """The first separator by which the line is a header, and its fields; none if it is a header by no separator."""
    for separator in separators:
        try:
            fields = next(_reader(line, separator))
        except csv.Error:
            continue
        if LOGIN_NAME in map(_heading, fields):
            return separator, fields
    return separators[0], []


def _problem_of_header(fields: list[str], line: str) -> Problem | None:
    if "\0" in line:
        return Problem("line_has_nul")
    if not fields:
        within = line.strip().removeprefix('"').removesuffix('"').replace('""', '"')
        in_quotes = '"' in line and _header(within, SEPARATORS)[1]
        return Problem("line_in_quotes") if in_quotes else Problem("header_wrong", header=shown(line.strip()))
    headings = [_heading(field) for field in fields]
    for heading, field in zip(headings, fields, strict=True):
        if heading not in ("", LOGIN_NAME, ADMINISTRATOR):
            return Problem("column_unknown", column=shown(field.strip()))
        if heading and headings.count(heading) > 1:
            return Problem("column_twice", column=shown(field.strip()))
    return None


def _heading(field: str) -> str:
    """A heading as it is compared: “Login name” and “LOGIN-NAME” are login_name too."""
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", field).casefold())


def _reader(text: str, separator: str) -> Reader:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)


def _line(number: int, fields: list[str], table: _Table) -> ImportLine:
    columns = dict(zip_longest(table.headings, fields[: len(table.headings)], fillvalue=""))
    login_name, administrator = columns[LOGIN_NAME], columns.get(ADMINISTRATOR, "")
    is_administrator = truth(administrator) if administrator else False
    problem = _misplaced(fields, table) or problem_of_name(login_name)
    if problem is None and is_administrator is None:
        problem = Problem("administrator_unreadable", text=shown(administrator))
    if problem:
        return ImportLine(number, "", problem=problem)
    return ImportLine(number, login_name, bool(is_administrator), says_rights=bool(administrator))


def _misplaced(fields: list[str], table: _Table) -> Problem | None:
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
