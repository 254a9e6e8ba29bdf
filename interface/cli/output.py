"""How the command line speaks: in which language, in columns, as JSON, and of warnings and refusals."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import click

from application.words import languages
from application.words.language import Language
from application.words.messages import Message
from application.words.refusals import sentence
from domain.refusals import Refused
from interface.cli.locale import language_tag

if TYPE_CHECKING:
    from application.license_keys import Keyring
    from application.words.sentences import Warned


def language() -> Language:
    """The language of the command line. The only place that chooses it."""
    return languages.language_of(language_tag())


def say(source: Message, /, *, err: bool = False, **facts: object) -> None:  # object: any fact of a message
    """Prints a message; what is not the result goes to standard error."""
    click.echo(language().say(source, **facts), err=err)


def warn(warned: Iterable[Warned]) -> None:
    """Warnings on standard error: what was done stands, but somebody should know."""
    for warning in warned:
        say("Warning ({code}): {message}", err=True, code=warning.code, message=warning.message)


def warn_of_passed_over(keyring: Keyring) -> Keyring:
    """Warns of keys of another kind, which are not used; gives the keyring."""
    for problem in keyring.passed_over:
        say("Warning: A key of the keyring is passed over: {problem}.", err=True, problem=problem)
    return keyring


class Translated(click.Command):
    """Shows its help in the language of the command line; the English in the code is the catalog's source."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super(Translated, self._translated()).format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        return super(Translated, self._translated()).get_short_help_str(limit)

    def _translated(self) -> Self:
        """A copy of this command for the screen, its help and that of its options in the language."""
        shown = copy(self)
        shown.help, shown.params = _in_language(self.help), [copy(param) for param in self.params]
        for param in shown.params:
            if isinstance(param, click.Option):
                param.help = _in_language(param.help)
        return shown


def message_of(help_: str) -> str:
    """The message by which the catalog knows a text of help: its paragraphs, without the line breaks of the code."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(help_).split("\n\n"))


def _in_language(help_: str | None) -> str | None:
    """Looked up and not filled in: braces in a text of help stand for themselves."""
    return language().text(message_of(help_), {}) if help_ else help_


class Group(Translated, click.Group):
    """A group whose commands show their help translated."""

    command_class = Translated
    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its whole sentence, which click would cut."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(limit=500)) for name, command in commands if command]
        with formatter.section(language().say("Commands")):
            formatter.write_dl(rows)


class RefusingGroup(Group):
    """A group whose commands may raise Refused: its code and sentence on standard error, and exit status 1.

    Anything else is a bug and stays a traceback.
    """

    def invoke(self, ctx: click.Context) -> Any:  # Any: as click declares it
        try:
            return super().invoke(ctx)
        except Refused as refused:
            text = sentence(refused, language())
            say("Refused ({code}): {sentence}", err=True, code=refused.code, sentence=text)
            ctx.exit(1)


def document(value: object) -> str:  # object: what the json module takes
    """One line of JSON; what is not printable is escaped."""
    return printable(json.dumps(value, ensure_ascii=False))


def is_sure(question: str) -> bool:
    """The answer to a question at the terminal, which is a translated one; no, if nobody answers."""
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        return False


def printable(text: str) -> str:
    """The text with what is not printable escaped as JSON escapes it: no name steers a terminal."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def echo_json(value: object) -> None:  # object: what the json module takes
    """Prints JSON in UTF-8, whatever the console's encoding: it is for programs, and RFC 8259 knows no other."""
    click.echo(document(value).encode())


def typed(*arguments: str) -> str:
    """Arguments as they are typed after a command, in quotes where a shell would take them apart."""
    words = [argument if re.fullmatch(r"[\w@+.,:/=%-]+", argument) else shlex.quote(argument) for argument in arguments]
    return " ".join([*(["--"] if any(word.startswith("-") for word in words) else []), *words])


WIDEST_CELL = 60
"""Columns of a terminal: one long name makes no table wider than the screen."""


def aligned(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:  # object: what str() takes
    """One line for each row, its cells below each other, two blanks between them.

    In a table with a header a cell of more than 60 columns ends in an ellipsis, but for the last one of a row, which
    nothing follows; --json has all of it.
    """
    texts = [[str(cell) for cell in row] for row in rows]
    if header:
        texts = [list(header), *([*map(shortened, row[:-1]), *row[-1:]] for row in texts)]
    widths = [max(map(width_of, column)) for column in zip(*texts, strict=True)]
    lines = ("  ".join(map(padded, row, widths)).rstrip() for row in texts)
    return "\n".join(lines)


def shortened(text: str, widest: int = WIDEST_CELL) -> str:
    """A text of at most that many columns of a terminal, whose last one is an ellipsis if something is left out."""
    if width_of(text) <= widest:
        return text
    while width_of(text) > widest - 1:
        text = text[: min(len(text) - 1, widest - 1)]
    return f"{text}…"


def padded(text: str, width: int) -> str:
    """A text filled up with blanks to that many columns of a terminal."""
    return text + " " * (width - width_of(text))


def width_of(text: str) -> int:
    """Terminal columns: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
