"""For which state and day a question is answered: now, on a day to come, as of a moment, or at a position (A1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, NamedTuple

import click

from application.views.day_view import DayView
from application.views.newest import LAST_POSITION
from interface.cli.database import Opened
from interface.cli.values import day, moment


class When(NamedTuple):
    """What was asked for; at most one of the three is given."""

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
    def with_when(*args: Any, on: date | None, as_of: datetime | None, position: int | None, **kwargs: Any) -> None:
        given = [
            name for name, value in (("--on", on), ("--as-of", as_of), ("--position", position)) if value is not None
        ]
        if len(given) > 1:
            raise click.UsageError(f"{given[0]} and {given[1]} ask different questions; give one of them.")
        command(*args, when=When(on, as_of, position), **kwargs)

    return with_when
