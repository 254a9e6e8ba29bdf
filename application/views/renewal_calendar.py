"""The days ahead that whoever renews licenses wants to see in a calendar: a pure function of a day view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from application.views.day_view import DayView
from application.views.foreseen import CoverGap, Foreseen, OptionsEnd, TooFewLicenses, foreseen
from application.views.if_nobody_acts import Coming, ComingEvent, if_nobody_acts
from domain.license import WARNING_STAGES, Part, Period

BEGINNINGS = (ComingEvent.LICENSE_TAKES_EFFECT, ComingEvent.MAINTENANCE_BEGINS)


class RenewalDay(NamedTuple):
    """So many days before the end of what these license keys cover (K11): it is time to renew."""

    day: date
    parts: tuple[Part, ...]
    days_left: int
    covered_until: date

    @property
    def name(self) -> str:
        return f"renewal:{'+'.join(self.parts)}:{self.covered_until}:{self.days_left}"

    @property
    def days(self) -> Period:
        return Period(self.day, self.day)


class LastDay(NamedTuple):
    """The last day that is covered without a gap, of the license, the maintenance or both."""

    day: date
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        return f"last-day:{'+'.join(self.parts)}:{self.day}"

    @property
    def days(self) -> Period:
        return Period(self.day, self.day)


class Beginning(NamedTuple):
    """The day on which what waits takes its turn: a license, a maintenance period or both."""

    day: date
    coming: tuple[Coming, ...]

    @property
    def name(self) -> str:
        return f"beginning:{self.day}"

    @property
    def days(self) -> Period:
        return Period(self.day, self.day)


class Trouble(NamedTuple):
    """What is known to go wrong from that day on, or on the days of a gap (K13).

    `is_of_both`: a gap in the licenses that is one in the maintenance as well, which is not told apart.
    """

    cause: Foreseen
    is_of_both: bool = False

    @property
    def day(self) -> date:
        return self.cause.day

    @property
    def name(self) -> str:
        match self.cause:
            case TooFewLicenses(day, license_, _):
                return f"too-few:{day}:{license_.key_id}"
            case OptionsEnd(day, license_, _):
                return f"options-end:{day}:{license_.key_id}"
            case CoverGap(part, days):
                return f"gap:{'both' if self.is_of_both else part}:{days.start}:{days.end}"

    @property
    def days(self) -> Period:
        return self.cause.days if isinstance(self.cause, CoverGap) else Period(self.day, self.day)


class NothingAhead(NamedTuple):
    """That no day ahead needs anybody: a calendar without an entry is none (RFC 5545). On the day of the newest event.

    So it does not move from day to day.
    """

    day: date

    @property
    def name(self) -> str:
        return "nothing-ahead"

    @property
    def days(self) -> Period:
        return Period(self.day, self.day)


Entry = RenewalDay | LastDay | Beginning | Trouble | NothingAhead
"""What stands in the calendar: its `days`, and the `name` that is its own for ever."""


def entries(on_day: DayView) -> list[Entry]:
    """All that is ahead, by its first day; the end of cover also when it is past, since nobody has renewed.

    A successor in time moves the end, and all that is told of it, to its own (K8).
    """
    ahead: list[Entry] = [*_of_ends(on_day), *_of_beginnings(on_day), *_of_troubles(on_day)]
    return sorted(ahead, key=lambda entry: entry.days.start) or [NothingAhead(on_day.view.day)]


def _of_ends(on_day: DayView) -> Iterator[Entry]:
    """Where license and maintenance end on one day, they are told of together."""
    standing = on_day.standing
    ends = ((standing.covered_until, Part.LICENSE), (standing.maintenance_covered_until, Part.MAINTENANCE))
    by_day: Iterable[tuple[date, Part]] = sorted((end, part) for end, part in ends if end is not None)
    for until, alike in groupby(by_day, lambda end: end[0]):
        parts = tuple(part for _, part in alike)
        for days_left in WARNING_STAGES:
            day = until - timedelta(days=days_left)
            if day >= on_day.day:
                yield RenewalDay(day, parts, days_left, until)
        yield LastDay(until, parts)


def _of_beginnings(on_day: DayView) -> Iterator[Entry]:
    beginnings = (one for one in if_nobody_acts(on_day) if one.event in BEGINNINGS)
    for day, alike in groupby(beginnings, lambda one: one.day):
        yield Beginning(day, tuple(alike))


def _of_troubles(on_day: DayView) -> Iterator[Trouble]:
    causes = foreseen(on_day)
    gaps = [cause for cause in causes if isinstance(cause, CoverGap)]
    for cause in causes:
        if isinstance(cause, CoverGap) and sum(cause.days == gap.days for gap in gaps) > 1:
            if cause.part is Part.LICENSE:
                yield Trouble(cause, is_of_both=True)
        else:
            yield Trouble(cause)
