"""What comes in by standard input: passwords, passphrases, keys and lists, read in one way."""

from __future__ import annotations

import re
import sys

import click

from application.encoding import decoded, mark_of
from application.license_keys import MAX_PASTE
from application.user_import import MAX_BYTES
from domain.refusals import Problem, Refused
from interface.cli.output import language


class InputUnreadable(Refused):
    """Standard input is no text, or a line that no password or passphrase can be."""

    code = "input_unreadable"


def whole_text() -> str:
    """All of standard input, of which no more is read than a license key can have. Raises InputUnreadable."""
    # A UTF-16 character has two bytes or four; what is longer than a key in any encoding is refused as too long, not
    # as cut in the middle of a character.
    data = sys.stdin.buffer.read(2 * MAX_PASTE + 4)
    if len(data) == 2 * MAX_PASTE + 4:
        return data.decode("utf-8", "replace")
    return _text(data)


def lines() -> list[str]:
    """The lines of standard input, such as login names, without blanks around them; empty ones are passed over.

    Raises InputUnreadable; wrong usage if there is none.
    """
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputUnreadable(problem=Problem("file_too_large", most=MAX_BYTES))
    text = _text(data)
    if "\0" in text:  # as in UTF-16 without its mark
        raise InputUnreadable(problem=Problem("input_not_text"))
    # Not by splitlines, which breaks at characters that are refused where they stand in a name.
    all_lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text)]
    if not any(all_lines):
        raise click.UsageError(language().say("Standard input is empty."))
    return [line for line in all_lines if line]


def first_line() -> str:
    """The first line of standard input, without its end: how passwords and passphrases come in.

    Nothing after it is waited for. Raises InputUnreadable; wrong usage if it is empty.
    """
    data = _bytes_of_first_line()
    if len(data) > MAX_PASTE:
        raise InputUnreadable(problem=Problem("input_line_too_long", most=MAX_PASTE))
    line = _text(data).partition("\n")[0].removesuffix("\r")
    if not line:
        raise click.UsageError(language().say("Standard input's first line is empty."))
    if "\0" in line:  # as in UTF-16 without its mark, which is valid UTF-8 of another text
        raise InputUnreadable(problem=Problem("input_not_text"))
    return line


def _bytes_of_first_line() -> bytes:
    """The bytes up to the first line feed and with it; in UTF-16 and UTF-32, that is more than one byte."""
    stream = sys.stdin.buffer
    data = stream.readline(MAX_PASTE + 1)
    mark, encoding = mark_of(data)
    width = len("x".encode(encoding))
    while width > 1 and len(data) <= MAX_PASTE:
        data += stream.read(-len(data[len(mark) :]) % width)
        if "\n" in data[len(mark) :].decode(encoding, "replace"):
            break
        more = stream.readline(MAX_PASTE + 1 - len(data))
        if not more:
            break
        data += more
    return data


def _text(data: bytes) -> str:
    try:
        return decoded(data)
    except UnicodeDecodeError:
        raise InputUnreadable(problem=Problem("input_not_text")) from None
