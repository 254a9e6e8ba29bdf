"""What commands take: days, moments, installations, keys, and the state that is asked about (A1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import click

from application.exported import Exported
from application.files import MAX_SMALL, FileUnfit, read_small
from application.license_keys import day_from
from application.licensing import DayPast
from application.views.day_view import DayView
from application.views.newest import LAST_POSITION, DayBeforeEvent
from application.words.refusals import sentence
from interface.cli.database import Opened
from interface.cli.output import language, say
from interface.cli.standard_input import whole_text
from interface.moments import EXAMPLE, moment_from


def day(text: str) -> date:
    """A day YYYY-MM-DD; for `type=` of an option."""
    try:
        return day_from(text)
    except ValueError:
        raise click.BadParameter(language().say("“{text}” is not a date YYYY-MM-DD.", text=text)) from None


def moment(text: str) -> datetime:
    """A moment as RFC 3339 spells it, with its offset."""
    try:
        return moment_from(text)
    except ValueError:
        raise click.BadParameter(
            language().say("“{text}” is not a moment such as {example}.", text=text, example=EXAMPLE)
        ) from None


def moment_or_day(text: str) -> datetime | date:
    """A moment as RFC 3339 spells it, or a day, which stands for its end."""
    try:
        return day_from(text) if len(text) == len("2026-04-01") else moment_from(text)
    except ValueError:
        raise click.BadParameter(
            language().say(
                "“{text}” is neither a date YYYY-MM-DD nor a moment such as {example}.", text=text, example=EXAMPLE
            )
        ) from None


def installation(text: str) -> str:
    """An installation's UUID in lower case; "*" is any installation."""
    try:
        return "*" if text == "*" else str(UUID(text))
    except ValueError:
        raise click.BadParameter(language().say("“{text}” is not an installation's UUID.", text=text)) from None


def license_key_text(argument: str) -> str:
    """A license key as given: the argument, or standard input for "-". Raises InputUnreadable."""
    if argument != "-":
        return argument
    return whole_text()


def read_own(path: Path, most: int = MAX_SMALL) -> bytes:
    """What stands in an auditor's or a vendor's own file. Wrong usage if it is no such file. Raises OSError."""
    try:
        return read_small(path, most)
    except FileUnfit as unfit:
        text = language().say("{file} cannot be read: {problem}.", file=str(path), problem=unfit.problem)
        raise click.UsageError(text) from None


LAST_PORT = 65535

port = click.option(
    "--port", type=click.IntRange(1, LAST_PORT), default=8000, show_default=True, help="The port to listen at."
)


class When(NamedTuple):
    """For which state and day a question is: now, or what the options say."""

    on: date | None
    as_of: datetime | date | None
    position: int | None

    def answered(self, at: Opened | Exported) -> DayView:
        """The installation on the day that is asked about. Raises NotThatOld, NotYet; wrong usage if --on is past."""
        try:
            if self.position is not None:
                return at.at(self.position, self.on)
            if self.as_of is not None:
                return self._as_of(at, self.as_of)
            return at.now() if self.on is None else at.on(self.on)
        except (DayPast, DayBeforeEvent) as past:
            raise click.BadParameter(sentence(past, language()), param_hint="'--on'") from None

    def _as_of(self, at: Opened | Exported, when: datetime | date) -> DayView:
        on_day = at.as_of(when)
        if isinstance(at, Exported) and on_day.position == at.now().position:
            say(
                "Warning: The export ends with event {position}. What was recorded after that, it cannot tell.",
                err=True,
                position=on_day.position,
            )
        return on_day


NOW = When(on=None, as_of=None, position=None)


def when(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options --on, --as-of and --position as its argument `when`.

    A moment excludes the two others; a position and a day together name any answer of then.
    """

    @click.option(
        "--on",
        type=day,
        help="A day from today on: the answer if nothing else happened until then. With --position, from its day on.",
    )
    @click.option(
        "--as-of",
        type=moment_or_day,
        metavar="MOMENT|DATE",
        help="The answer at that moment, such as 2026-04-01T09:00:00Z, or at the end of that day.",
    )
    @click.option(
        "--position", type=click.IntRange(1, LAST_POSITION), help="The answer after the event at this position."
    )
    @wraps(command)
    def with_when(
        *args: Any,  # Any: the command's own
        on: date | None,
        as_of: datetime | date | None,
        position: int | None,
        **kwargs: Any,  # Any: the command's own
    ) -> None:
        other = "--on" if on is not None else "--position" if position is not None else None
        if as_of is not None and other:
            raise click.UsageError(
                language().say(
                    "{one} and {other} ask different questions; give one of them.", one="--as-of", other=other
                )
            )
        command(*args, when=When(on, as_of, position), **kwargs)

    return with_when
