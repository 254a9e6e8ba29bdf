"""Users from a list: reading the CSV file, and validating every line before any of them is added."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple
from uuid import uuid5

from application.encoding import decoded
from application.log.acting import Command
from domain.installation import Installation, Stamp
from domain.login_name import login_key, shown
from domain.refusals import LoginNameInvalid, LoginNameTaken, Problem, Refused

HEADERS = (["login_name"], ["login_name", "administrator"])

TRUTH = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}


class ImportLine(NamedTuple):
    """A line of the list: its number in the file, what it says, and what is wrong with it by itself."""

    number: int
    login_name: str
    administrator: bool = False
    problem: Problem | None = None


BadLine = tuple[int, Problem | Refused]
"""The number of a line, and what is wrong with it: by itself, or by the rule for login names."""


class Import(NamedTuple):
    """What an import does or did: the lines that are new, and how many names were there already."""

    new: list[ImportLine]
    present: int


class ImportRefused(Refused):
    """Lines of the list are wrong; nothing was added. The fact `lines` has every BadLine."""

    code = "import_refused"

    @classmethod
    def for_lines(cls, lines: list[BadLine]) -> ImportRefused:
        return cls(count=len(lines), lines=lines)


def read_csv(data: bytes) -> list[ImportLine]:
    """The lines of a CSV file: UTF-8 with or without BOM, or UTF-16 with one; header `login_name[,administrator]`.

    Raises ImportRefused if it is no such file at all; what is wrong with a single line stands in the line.
    """
    try:
        text = decoded(data)
    except UnicodeDecodeError:
        problem = Problem("line_not_utf8")
        numbered = enumerate(data.split(b"\n"), start=1)
        raise ImportRefused.for_lines([(n, problem) for n, line in numbered if not _is_utf8(line)]) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[ImportLine] = []
    header: list[str] | None = None
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            lines.append(ImportLine(reader.line_num, "", problem=Problem("line_not_csv", reason=str(error))))
            continue
        if row is None:
            break
        fields = [field.strip() for field in row]
        if not any(fields):
            continue
        if header is None:
            header = fields
            if fields not in HEADERS:
                problem = Problem("header_wrong", header=shown(",".join(row)))
                raise ImportRefused.for_lines([(reader.line_num, problem)])
            continue
        lines.append(_line(reader.line_num, fields, len(header)))
    if header is None:
        raise ImportRefused.for_lines([(1, Problem("file_empty"))])
    return lines


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _line(number: int, fields: list[str], columns: int) -> ImportLine:
    if len(fields) > columns:
        return ImportLine(number, "", problem=Problem("line_too_long", fields=len(fields), columns=columns))
    administrator = fields[1] if len(fields) > 1 else ""
    if administrator.lower() not in TRUTH:
        return ImportLine(number, "", problem=Problem("administrator_unreadable", text=shown(administrator)))
    return ImportLine(number, fields[0], TRUTH[administrator.lower()])


def plan(installation: Installation, lines: Iterable[ImportLine]) -> Import:
    """What importing the lines would do now. Raises ImportRefused, naming every bad line."""
    new: list[ImportLine] = []
    bad: list[BadLine] = []
    first_line: dict[str, int] = {}
    present = 0
    for line in lines:
        wrong: Refused | Problem | None = line.problem
        is_new = False
        if wrong is None:
            try:
                installation.free_name(line.login_name)
                is_new = True
            except LoginNameTaken:
                wrong = _taken(installation, line)
            except LoginNameInvalid as refusal:
                wrong = refusal
        if not isinstance(wrong, Refused) and line.problem is None:
            first = first_line.setdefault(login_key(line.login_name), line.number)
            if first != line.number:
                wrong = Problem("name_on_line_already", name=shown(line.login_name), line=first)
        if wrong is not None:
            bad.append((line.number, wrong))
        elif is_new:
            new.append(line)
        else:
            present += 1
    if bad:
        raise ImportRefused.for_lines(bad)
    return Import(new, present)


def _taken(installation: Installation, line: ImportLine) -> Problem | None:
    """What is wrong with a name that is taken; nothing, if it is a present user's."""
    user = installation.user_named(line.login_name)
    if user is None:
        return Problem("name_of_auditor", name=shown(line.login_name))
    return Problem("name_of_deleted", name=user.login_name) if user.is_deleted else None


def adding(lines: list[ImportLine]) -> Command:
    """The command that adds the users of planned lines; line n is the command uuid5(command id, n).

    A name that was taken since the plan is passed over: refusing now, with half of the list stored, would help nobody.
    """

    def add(installation: Installation, stamp: Stamp) -> None:
        for line in lines:
            if installation.account_of(line.login_name) is None:
                line_stamp = Stamp(stamp.by, uuid5(stamp.command_id, str(line.number)), stamp.moment)
                installation.add_user(line.login_name, administrator=line.administrator, stamp=line_stamp)

    return add
