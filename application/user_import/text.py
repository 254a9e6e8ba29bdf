"""The bytes of a file as the text of a CSV file, or the reason why they are none."""

from __future__ import annotations

import re

from application.encoding import decoded, mark_of
from application.user_import.lines import MAX_LINES, ImportRefused
from domain.refusals import Problem

MAX_BYTES = 64 * 1024 * 1024

WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How the files begin in which spreadsheets keep their own: .xlsx, .ods and .numbers (ZIP), .xls (OLE)."""

WITHOUT_MARK = re.compile(
    rb"(?:[^\0]\0){4}|(?:\0[^\0]){4}|(?:[^\0]\0\0\0){4}|(?:\0\0\0[^\0]){4}"  # UTF-16 and UTF-32, either end first
)
"""How a header begins in an encoding that tells itself only by its byte order mark, when that is missing."""

_JAPANESE = re.compile(rb"(?:[\x82-\x9f][\x40-\x7e\x80-\xfc]){2}")
"""Two of kana or the usual kanji in a row. What begins above, accented letters of other encodings do as well."""

_PRIVATE = re.compile("[\ue000-\uf8ff]")

_LINE_BREAK = re.compile(rb"\r\n|\n|\r")


def text_of(data: bytes, *, most_lines: int = MAX_LINES, most_bytes: int = MAX_BYTES) -> str:
    """The text: UTF-8 with or without a byte order mark, or UTF-16 or UTF-32 with one.

    Raises ImportRefused, which says what the file is instead, or names the lines that are not UTF-8.
    """
    if len(data) > most_bytes:
        raise ImportRefused.for_file(Problem("list_too_large", most=most_bytes))
    if data.startswith(WORKBOOKS):
        raise ImportRefused.for_file(Problem("file_is_workbook"))
    if WITHOUT_MARK.match(data):
        raise ImportRefused.for_file(Problem("file_without_mark"))
    lines = len(_LINE_BREAK.findall(data))
    if lines > most_lines:
        raise ImportRefused.for_file(Problem("too_many_lines", lines=lines, most=most_lines))
    try:
        return decoded(data)
    except UnicodeDecodeError:
        mark, encoding = mark_of(data)
        if encoding != "utf-8":
            raise ImportRefused.for_file(Problem("file_cut_off")) from None
        numbered = enumerate(_LINE_BREAK.split(data[len(mark) :]), start=1)
        wrong = [(number, line) for number, line in numbered if not _is_utf8(line)]
        is_japanese = _seem_shift_jis(b"\n".join(line for _, line in wrong))
        problem = Problem("line_shift_jis" if is_japanese else "line_not_utf8")
        raise ImportRefused.for_lines([(number, problem) for number, _ in wrong]) from None


def _seem_shift_jis(data: bytes) -> bool:
    """Whether it reads as Japanese in CP932, Microsoft's Shift_JIS.

    It is not read as such: “Hélène” in Windows-1252 has a reading there too, and a login name is for ever.
    """
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return False
    return bool(_JAPANESE.search(data)) and not _PRIVATE.search(text)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
