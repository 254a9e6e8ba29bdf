"""Bytes that people hand in, as text: by whichever program they were written."""

from __future__ import annotations

import codecs

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""The byte order marks by which a text says how it is encoded."""


def decoded(data: bytes) -> str:
    """The text: in UTF-8, or in what its byte order mark says, which is no part of it.

    Raises UnicodeDecodeError for anything else: a letter that was guessed is another letter.
    """
    mark, encoding = mark_of(data)
    return data[len(mark) :].decode(encoding).lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")


def mark_of(data: bytes) -> tuple[bytes, str]:
    """The byte order mark with which the bytes begin, if they do, and the encoding."""
    return next(((mark, encoding) for mark, encoding in MARKS if data.startswith(mark)), (b"", "utf-8"))
