"""The history as people read it: lines with what they changed, what one command did to many in one of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator
from contextlib import closing
from datetime import date
from itertools import islice
from typing import NamedTuple

from application.log.mapper import ReadEvents
from application.log.stored import EventReader
from application.views.calendar import CalendarLine, calendar_lines
from application.views.deeds import Deed
from application.views.entitlement import Entitlement
from application.views.history import Filter, History, HistoryEntry
from application.views.newest import NewestView
from domain.installation import Installation

SHOWN_PARTS = 20
"""How many events of a line that stands for many are read; each of them can be asked for by itself."""


class Effect(NamedTuple):
    """What an event changed: Valid, In use and edition before it and after it, on its own day.

    For a corrected clock, before it is on the day that was wrong.
    """

    valid: tuple[int, int]
    in_use: tuple[int, int]
    edition: tuple[str | None, str | None]


class HistoryLine(NamedTuple):
    """One line of the history that people read: an event, or what the calendar alone did, with its effect.

    A line with a `deed` stands for the events that are counted in it; `parts` are the first of them in the order of the
    page, and `entry` is the first of these.
    """

    day: date
    entry: HistoryEntry | None = None
    effect: Effect | None = None
    calendar: CalendarLine | None = None
    deed: Deed | None = None
    parts: tuple[HistoryLine, ...] = ()


class HistoryPage(NamedTuple):
    """Lines in their order, and the position before which, or after which, the next page goes on; None at the end."""

    lines: list[HistoryLine]
    beyond: int | None


class HistoryLines:
    """Reads the history of one installation up to the position of a view, with what the calendar did up to `today`."""

    def __init__(
        self,
        reader: EventReader,
        read_events: ReadEvents,
        view: Entitlement,
        today: date,
        newest: NewestView,
    ) -> None:
        self._history = History(reader, read_events, view, newest.people)
        self._view, self._today, self._newest = view, today, newest

    def before(self, position: int | None, *, limit: int, only: Filter, one_by_one: bool = False) -> HistoryPage:
        """At most `limit` lines of fitting events before `position` (None: all), newest first.

        Between them stands what the calendar brought about, unless events are filtered by their kind or by people.
        A deed that `position` divides is told event by event.
        """
        upto = self._view.position if position is None else min(position - 1, self._view.position)
        every = self._lines(0, upto, only, newest_first=True, one_by_one=one_by_one)
        with closing(every):
            lines = list(islice(every, limit + 1))
        lowest = _ends(lines[limit - 1])[0] if len(lines) > limit else None
        calendar = self._calendar(only, lowest or 0, upto)
        return HistoryPage(_merged(lines[:limit], calendar)[::-1], lowest)

    def after(self, position: int, *, limit: int, only: Filter, one_by_one: bool = False) -> HistoryPage:
        """The same, at most `limit` lines after `position`, oldest first."""
        every = self._lines(position, self._view.position, only, newest_first=False, one_by_one=one_by_one)
        with closing(every):
            lines = list(islice(every, limit + 1))
        highest = _ends(lines[limit - 1])[1] if len(lines) > limit else None
        # What the calendar did after the last event of a page stands on the next.
        calendar = self._calendar(only, position, self._view.position if highest is None else highest - 1)
        return HistoryPage(_merged(lines[:limit], calendar), highest)

    def _lines(
        self, after: int, upto: int, only: Filter, *, newest_first: bool, one_by_one: bool
    ) -> Generator[HistoryLine, None, None]:
        """Every line between two positions. What a line leaves out is not read: it goes on behind it."""
        together = not one_by_one and only.about is None
        while after < upto:
            jumped = False
            with closing(self._history.between(after, upto, only, newest_first=newest_first)) as entries:
                for entry in entries:
                    deed = self._deed_around(entry, only) if together else None
                    if deed is None or deed.first <= after or deed.last > upto:
                        yield self._line(entry)
                        continue
                    shown = [entry, *islice(entries, min(deed.number, SHOWN_PARTS) - 1)]
                    yield self._line_of_deed(deed, shown)
                    if deed.number > SHOWN_PARTS:
                        after, upto = (after, deed.first - 1) if newest_first else (deed.last, upto)
                        jumped = True
                        break
            if not jumped:
                return

    def _deed_around(self, entry: HistoryEntry, only: Filter) -> Deed | None:
        """The deed of which an event is one of several that fit."""
        deed = self._newest.deed_around(entry.position)
        if deed is not None and only.events:
            deed = deed.of_kinds(only.events)
        return deed if deed is not None and deed.number > 1 else None

    def _line(self, entry: HistoryEntry) -> HistoryLine:
        return HistoryLine(entry.day, entry, self._effect(entry, entry.position))

    def _line_of_deed(self, deed: Deed, entries: list[HistoryEntry]) -> HistoryLine:
        entry = entries[0]
        is_whole = deed.number == deed.last - deed.first + 1
        effect = self._effect(entry, deed.first, deed.last) if is_whole else None
        return HistoryLine(entry.day, entry, effect, deed=deed, parts=tuple(map(self._line, entries)))

    def _effect(self, entry: HistoryEntry, first: int, last: int | None = None) -> Effect:
        """What the events at the positions `first` to `last` changed: on the day of `entry`, which is one of them."""
        last = last or first
        day_before = self._day_before(entry) if isinstance(entry.event, Installation.ClockCorrected) else entry.day
        before, after = self._standing_at(first - 1, day_before), self._standing_at(last, entry.day)
        in_use = self._newest.in_use_at(first - 1), self._newest.in_use_at(last)
        return Effect((before[0], after[0]), in_use, (before[1], after[1]))

    def _day_before(self, entry: HistoryEntry) -> date:
        """The day of the event before, if it is another one."""
        return next((end.day for end in self._view.days if end.position < entry.position), entry.day)

    def _standing_at(self, position: int, day: date) -> tuple[int, str | None]:
        chapters = self._view.chapters
        number = bisect_right(chapters, position, key=lambda chapter: chapter.position)
        if number == 0:
            return 0, None
        standing = chapters[number - 1].schedule.on(day)
        return standing.valid, standing.edition

    def _calendar(self, only: Filter, lowest: int, upto: int) -> list[CalendarLine]:
        """What the calendar did after the events at these positions, if the filter lets it through."""
        if only.events or only.about is not None or only.by:
            return []
        return [
            line
            for line in calendar_lines(self._view, self._today)
            if lowest <= line.after <= upto
            and (only.first_day is None or line.day >= only.first_day)
            and (only.last_day is None or line.day <= only.last_day)
        ]


def _ends(line: HistoryLine) -> tuple[int, int]:
    """The first and the last position of a line."""
    if line.deed is not None:
        return line.deed.first, line.deed.last
    return (line.entry.position, line.entry.position) if line.entry else (0, 0)


def _merged(lines: list[HistoryLine], calendar: list[CalendarLine]) -> list[HistoryLine]:
    """Both kinds of lines, oldest first: a calendar's line stands right after the event that it follows."""
    keyed = [((_ends(line)[1], 0), line) for line in lines]
    for number, one in enumerate(calendar, 1):
        effect = Effect(one.valid, (0, 0), one.edition)  # by the calendar alone, In use stays what it was
        keyed.append(((one.after, number), HistoryLine(one.day, effect=effect, calendar=one)))
    return [line for _, line in sorted(keyed, key=lambda item: item[0])]
