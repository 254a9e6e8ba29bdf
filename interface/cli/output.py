"""How the command line speaks: in which language, in columns, as JSON, and of warnings and refusals."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import click

from application.words.language import ENGLISH, Language
from application.words.messages import Message
from application.words.refusals import sentence
from application.words.sentences import Warned
from domain.refusals import Refused


def language() -> Language:
    """The language of the command line: English, until one can ask for another. The only place that chooses it."""
    return ENGLISH


def say(said: Message, /, *, err: bool = False, **facts: object) -> None:
    """Prints a message; what is not the result goes to standard error."""
    click.echo(language().say(said, **facts), err=err)


def warn(warned: Iterable[Warned]) -> None:
    """Warnings on standard error: what was done stands, but somebody should know."""
    for warning in warned:
        say("Warning ({code}): {message}", err=True, code=warning.code, message=warning.message)


class RefusingGroup(click.Group):
    """A group whose commands may raise Refused: its code and sentence on standard error, and exit status 1.

    Anything else is a bug and stays a traceback.
    """

    def invoke(self, ctx: click.Context) -> Any:  # Any: as click declares it
        try:
            return super().invoke(ctx)
        except Refused as refused:
            told = sentence(refused, language())
            say("Refused ({code}): {sentence}", err=True, code=refused.code, sentence=told)
            ctx.exit(1)


def document(value: Any) -> str:
    """One line of JSON; what is not printable is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def aligned(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """One line for each row, its cells below each other, two blanks between them."""
    texts = [[str(cell) for cell in row] for row in ([header] if header else []) + list(rows)]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    lines = ("  ".join(map(_padded, row, widths)).rstrip() for row in texts)
    return "\n".join(lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
