"""The license key in whatever was pasted: a bounded number of readings, among which the signature decides (C-3).

What mail, office programs, shells and web pages do to a text is undone in several ways. Nothing here accepts a key: it
only says where one could stand, and in which characters.
"""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple
from unicodedata import category
from urllib.parse import unquote

from application.license_keys.folding import LINE_BREAK
from domain.login_name import shown
from domain.refusals import Problem

MOST = 16
"""How many texts are tried at most as the key of one paste."""

LOOKS = 24
"""From how many places a key is looked for at most, in all readings together."""

_LONGEST = 600
"""How many pieces of a key, and of what lies between them, are looked at from one place: the longest in short lines."""

BEGIN = "eyJ"
"""How the header of every license key begins: base64url of `{"`."""

_SIGNATURE = 86
"""Characters of the last part."""

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_TOKEN = re.compile(r"[A-Za-z0-9_\-+/]+|\.|=+|[^A-Za-z0-9_\-+/.=]+")
_ANOTHER_PART = re.compile(r"\.[A-Za-z0-9_-]{20}")
_KEY_CHARACTER = re.compile(r"[A-Za-z0-9_\-+/]")
_GOES_ON = re.compile(r"[A-Za-z0-9_.]")
"""What stands before the same letters in the midst of a key, or of anything else."""

_URL_SAFE = str.maketrans("+/", "-_")
_FILE_NAME = re.compile(
    r"(?:[^\n]*[/\\])?[^\n/\\]{1,200}\.(?:asc|doc|docx|eml|jwt|key|lic|license|msg|pdf|pem|rtf|txt|zip)"
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BETWEEN_LINES = re.compile(r"""["'][ +.&]*\n *["']|\n *(?://|--|\#|\*|;|')+ """)
_IS_RICH = re.compile(r"\\(?:(?:rtf1|line|pard?)(?![A-Za-z])|'[0-9A-Fa-f]{2})")
_RICH = re.compile(r"\\(?:rtf1|line|par|pard|uc?-?\d|'[0-9A-Fa-f]{2})")
_RICH = re.compile(
    r"\\(?:'([0-9A-Fa-f]{2})|u(-?[0-9]{1,5}) ?\??|([A-Za-z]{1,32})(?:-?[0-9]{1,10})? ?|([^A-Za-z0-9]))|[{}]"
)
_RICH_LINE = re.compile(r"\\(?:line|par(?!d(?![A-Za-z0-9_-])))")
_RICH_WORDS = {"line": "\n", "par": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\n", "tab": " "}
_RICH_MARKS = {"_": "-", "~": " ", "-": "", "*": "", "'": "'"}
_JSON_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


class Candidate(NamedTuple):
    """A text in the shape of a license key, or what keeps a text from having it."""

    text: str
    problem: Problem | None = None


def candidates(readings: Iterable[str], *, anywhere: bool = False) -> list[str]:
    """At most 16 texts in the shape of a license key, each once, the likeliest first; some milliseconds at most.

    With `anywhere` also those that begin in the midst of a word, as when two cells of a table were copied.
    """
    every = chain.from_iterable(_candidates_of(reading, anywhere) for reading in readings)
    shaped = (candidate.text for candidate in islice(every, LOOKS) if candidate.problem is None)
    return list(islice(dict.fromkeys(shaped), MOST))


def what_is_missing(text: str) -> Problem:
    """Why there is no license key in a text, as it is true of this very text."""
    plain = _plain(text)
    if not plain.strip():
        return Problem("paste_empty")
    for candidate in _candidates_of(plain):
        if candidate.problem is not None:
            return candidate.problem
    if len(plain) < _LONGEST and _FILE_NAME.fullmatch(plain.strip().strip("\"'")):
        return Problem("paste_file_name")
    if re.search(rf"\.[A-Za-z0-9_-]{{{_SIGNATURE}}}(?![A-Za-z0-9_-])", re.sub(r"\s+", "", plain)):
        return Problem("paste_begin_missing")
    return Problem("paste_no_key")


def readings_of(text: str) -> list[str]:
    """The text as it stands, and with what was done to it undone: one thing, or several, the outermost first.

    No more than eight are gone on with at each step.
    """
    readings = [_plain(text)]
    for undo in (
        _quoted_printable,
        _marked_up,
        _percent_encoded,
        _rich_lines,
        _rich_text,
        _escaped,
        _hyphenated,
        _joined,
    ):
        for reading in readings[: MOST // 2]:
            undone = undo(reading)
            if undone != reading and (plain := _plain(undone)) not in readings:
                readings.append(plain)
    return readings


def _plain(text: str) -> str:
    """Line breaks, blanks and dashes of one kind each, full-width letters narrow; no invisible or control character."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # which is the usual case: there is nothing to do
    lines = "\n".join(LINE_BREAK.split(text)).translate(_DASHES).translate(_FULL_WIDTH)
    blanks = {ord(mark): " " for mark in set(lines) if mark == "\t" or category(mark) == "Zs"}
    unseen = dict.fromkeys((ord(mark) for mark in set(lines) - {"\n", "\t"} if category(mark) in ("Cc", "Cf")), "")
    return lines.translate(blanks | unseen)


def _quoted_printable(text: str) -> str:
    if "=" not in text:
        return text
    try:
        return quopri.decodestring(text.encode()).decode()
    except UnicodeError:  # a lone surrogate, or bytes that are no UTF-8: not that, then
        return text


def _marked_up(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text
    return html.unescape(_TAG.sub("", text))


def _percent_encoded(text: str) -> str:
    return unquote(text, errors="replace")


def _rich_lines(text: str) -> str:
    """Line breaks of RTF to which the rest was joined, as people and scripts write them, and no office program."""
    return _RICH_LINE.sub("\n", text)


def _rich_text(text: str) -> str:
    """RTF, as office programs copy it: escaped characters, lines and paragraphs, and what only says how it looks."""
    if not _IS_RICH.search(text):
        return text

    def meaning(match: re.Match[str]) -> str:
        byte, number, word, mark = match.groups()
        if byte:
            return bytes.fromhex(byte).decode("cp1252", "replace")
        if number:
            return chr(int(number) % 0x10000)
        return _RICH_WORDS.get(word, "") if word else _RICH_MARKS.get(mark or "", mark or "")

    return _RICH.sub(meaning, text)


def _escaped(text: str) -> str:
    """Escapes of JSON, of programs and of Markdown."""

    def meaning(match: re.Match[str]) -> str:
        number, mark = match.groups()
        return chr(int(number, 16)) if number else {"n": "\n", "r": "\n", "t": " "}.get(mark, mark)

    return _JSON_ESCAPE.sub(meaning, text)


def _hyphenated(text: str) -> str:
    """Without the hyphens at the ends of lines, which a typesetter put there."""
    return re.sub(r"- *\n", "\n", text)


def _joined(text: str) -> str:
    """Without what joins the pieces of a text in a program, and without the marks of its comments."""
    return _BETWEEN_LINES.sub("\n", text)


def _candidates_of(reading: str, anywhere: bool = False) -> Iterator[Candidate]:
    """From each place where a key could begin."""
    place = 0
    for _ in range(MOST):
        begin = reading.find(BEGIN, place)
        if begin < 0:
            return
        place = begin + len(BEGIN)
        before = reading[begin - 1] if begin else " "
        if before != "." if anywhere else not _GOES_ON.match(before):
            yield _from(reading, begin)


def _from(reading: str, begin: int) -> Candidate:
    """The key that begins here: two parts, and one of 86 characters, over whatever lies between their characters."""
    parts = [""]
    for token in islice(_TOKEN.finditer(reading, begin), _LONGEST):
        text, end = token.group(), token.end()
        if text == "." and len(parts) < 3:
            parts.append("")
        elif _KEY_CHARACTER.match(text):
            parts[-1] += text.translate(_URL_SAFE)
            if len(parts) == 3 and len(parts[2]) >= _SIGNATURE:
                return _whole(parts, reading, end, in_one=len(text) == len(parts[2]))
        elif not _is_between(text, reading, end):
            if len(parts) == 3 and (len(text) > 1 or not _KEY_CHARACTER.match(reading, end)):
                break  # what comes then is no more of it
            count = sum(map(len, parts)) + len(parts) - 1
            return Candidate("", Problem("paste_character", count=count, character=shown(text[0])))
    return Candidate("", _end_missing(parts))


def _is_between(text: str, reading: str, end: int) -> bool:
    """Whether these characters are none of the key's: blanks, padding, and whatever stands around a line break."""
    if text[0] == "=":
        return end == len(reading) or reading[end] in ".\n "
    return "\n" in text or not text.strip()


def _whole(parts: list[str], reading: str, end: int, *, in_one: bool) -> Candidate:
    over = parts[2][_SIGNATURE:]
    if over and not over.startswith(BEGIN):  # else it is the same key once more
        if not in_one:  # words behind a key that was cut look like the rest of it
            return Candidate("", Problem("paste_end_unclear", signature=_SIGNATURE))
        return Candidate("", Problem("paste_goes_on", length=len(parts[2]), signature=_SIGNATURE))
    if not over and _ANOTHER_PART.match(reading, end):
        return Candidate("", Problem("paste_four_parts"))
    return Candidate(".".join((parts[0], parts[1], parts[2][:_SIGNATURE])))


def _end_missing(parts: list[str]) -> Problem:
    if len(parts) == 2 and len(parts[1]) == _SIGNATURE:  # the payload, which begins like a header, and the signature
        return Problem("paste_begin_missing")
    if len(parts) < 3:
        return Problem("paste_end_missing", parts=len(parts))
    return Problem("paste_signature_short", length=len(parts[2]), signature=_SIGNATURE)
