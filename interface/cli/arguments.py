"""What commands take: days, moments, installations, keys, and the state that is asked about (A1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import click

from application.files import FileUnfit, read_small
from application.license_keys import day_from
from application.views.day_view import DayView
from application.views.newest import LAST_POSITION
from interface.cli.database import Opened
from interface.cli.output import language
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


def read_own(path: Path) -> bytes:
    """What stands in an auditor's or a vendor's own small file. Wrong usage if it is no such file. Raises OSError."""
    try:
        return read_small(path)
    except FileUnfit as unfit:
        text = language().say("{file} cannot be read: {problem}.", file=str(path), problem=unfit.problem)
        raise click.UsageError(text) from None


port = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)


class When(NamedTuple):
    """For which state and day a question is: now, or what one of the three says."""

    on: date | None
    as_of: datetime | None
    position: int | None

    @property
    def is_past(self) -> bool:
        return self.as_of is not None or self.position is not None

    def answered(self, at: Opened) -> DayView:
        """The installation on the day that is asked about. Raises NotThatOld, NotYet; wrong usage if --on is past."""
        if self.as_of is not None:
            return at.licensing.as_of(at.installation_id, self.as_of)
        if self.position is not None:
            return at.licensing.at(at.installation_id, self.position)
        return at.now() if self.on is None else at.on(self.on)


def when(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options --on, --as-of and --position, which exclude each other, as its argument `when`."""

    @click.option("--on", type=day, help="A day from today on: the answer if nothing else happened until then.")
    @click.option(
        "--as-of", type=moment, metavar="MOMENT", help="The answer at that moment, such as 2026-04-01T09:00:00Z."
    )
    @click.option(
        "--position", type=click.IntRange(1, LAST_POSITION), help="The answer after the event at this position."
    )
    @wraps(command)
    def with_when(  # Any: whatever else the command takes
        *args: Any,  # Any: the command's own
        on: date | None,
        as_of: datetime | None,
        position: int | None,
        **kwargs: Any,  # Any: the command's own
    ) -> None:
        options = [
            name for name, value in (("--on", on), ("--as-of", as_of), ("--position", position)) if value is not None
        ]
        if len(options) > 1:
            raise click.UsageError(
                language().say(
                    "{one} and {other} ask different questions; give one of them.", one=options[0], other=options[1]
                )
            )
        command(*args, when=When(on, as_of, position), **kwargs)

    return with_when
