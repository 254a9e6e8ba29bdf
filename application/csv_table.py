"""A list in CSV as spreadsheets write it: where it begins, which character separates its fields, and its rows."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _csv import Reader

_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\s]|\t)"?[\s,;|]*', re.IGNORECASE)
"""The line by which some spreadsheets say how the fields are separated; it is no part of the list."""

_NOTHING = re.compile(r'[\s,;|"]*')


class Table(NamedTuple):
    """A list: its header's line and the number of lines before it, and how its fields are separated.

    `fields` are those of the header as they stand there; none if it is a header by no separator.
    """

    text: str
    lines_before: int
    line: str
    separator: str
    fields: list[str]

    @property
    def headings(self) -> list[str]:
        return [heading(field) for field in self.fields]


class Row(NamedTuple):
    """A row of a list: the numbers of the lines on which it begins and ends, and its fields, or why it has none."""

    begin: int
    number: int
    fields: list[str]
    error: csv.Error | None = None


def heading(field: str) -> str:
    """A heading as it is compared: “Login name” and “LOGIN-NAME” are login_name too."""
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", field).casefold())


def table_of(text: str, column: str, separators: tuple[str, ...]) -> Table | None:
    """The list whose header has the heading `column`, behind what a spreadsheet may put before it; None for nothing."""
    tried = separators
    start = 0
    for number, line in enumerate(io.StringIO(text, newline="")):
        separator_line = _SEPARATOR_LINE.fullmatch(line.rstrip("\r\n"))
        if separator_line:
            tried = (separator_line[1], *separators)
        elif not _NOTHING.fullmatch(line):
            return Table(text[start:], number, line, *header_of(line, column, tried))
        start += len(line)
    return None


def header_of(line: str, column: str, separators: tuple[str, ...]) -> tuple[str, list[str]]:
    """The first separator by which the line is a header, and its fields; none if it is a header by no separator."""
    for separator in separators:
        try:
            fields = next(_reader(line, separator))
        except csv.Error:
            continue
        if column in map(heading, fields):
            return separator, fields
    return separators[0], []


def rows_of(table: Table) -> Iterator[Row]:
    """The rows below the header that have anything in them."""
    reader = _reader(table.text, table.separator)
    next(reader)
    while True:
        begin = table.lines_before + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Row(begin, table.lines_before + reader.line_num, [], error)
            continue
        if row is None:
            return
        fields = [field.strip() for field in row]
        if any(fields):
            yield Row(begin, table.lines_before + reader.line_num, fields)


def _reader(text: str, separator: str) -> Reader:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
