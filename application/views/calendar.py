"""What the calendar alone brings about, and how Valid and In use went over time: pure functions of a view."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from application.views.entitlement import Chapter, DayEnd, Entitlement
from domain.license import FOREVER, License, Period, PeriodStatus, Schedule, Standing, Turn

ONE_DAY = timedelta(days=1)


class CalendarEvent(StrEnum):
    """What begins or ends without anybody doing anything."""

    LICENSE_BEGAN = "LicenseBegan"
    LICENSE_ENDED = "LicenseEnded"
    MAINTENANCE_BEGAN = "MaintenanceBegan"
    MAINTENANCE_ENDED = "MaintenanceEnded"


class CalendarLine(NamedTuple):
    """A line of the history that is no event: it happened at the beginning of `day`, after the event at `after`."""

    day: date
    after: int
    event: CalendarEvent
    license: License
    period: Period
    """The license period or the maintenance period that began or ended; maintenance has its own turn (K10)."""
    valid: tuple[int, int]
    edition: tuple[str | None, str | None]
    """Before and after, different only where a license took effect."""


class Step(NamedTuple):
    """From `day` on the number is `number`."""

    day: date
    number: int


class Span(NamedTuple):
    """Days on which a license, or its maintenance, is in force; `end` None is without end."""

    start: date
    end: date | None
    license: License


def calendar_lines(view: Entitlement, today: date) -> list[CalendarLine]:
    """Everything that began or ended by the calendar up to `today`, in the order of the history."""
    lines = []
    for chapter, days, last_day in _chapters(view, today):
        for day in _turning_days(chapter.schedule, chapter.day, last_day):
            before = bisect_left(days, day, key=lambda entry: entry.day)
            after = days[before - 1].position if before else chapter.position
            was, becomes = chapter.schedule.on(day - ONE_DAY), chapter.schedule.on(day)
            for event, license_, period in _changes(was, becomes):
                then = becomes if event is CalendarEvent.LICENSE_BEGAN else was
                valid, edition = (was.valid, then.valid), (was.edition, then.edition)
                lines.append(CalendarLine(day, max(after, chapter.position), event, license_, period, valid, edition))
    return lines


def valid_steps(view: Entitlement, today: date) -> list[Step]:
    """Valid as it was on each day: a step where it changed. Empty before the first license."""
    steps: list[Step] = []
    for chapter, _, last_day in _chapters(view, today):
        for day in [chapter.day, *_turning_days(chapter.schedule, chapter.day, last_day)]:
            _step(steps, day, chapter.schedule.on(day).valid)
    return steps


def in_use_steps(view: Entitlement) -> list[Step]:
    """In use at the end of each day on which it changed."""
    steps: list[Step] = []
    for entry in reversed(list(view.days)):
        _step(steps, entry.day, entry.in_use)
    return steps


def license_spans(schedule: Schedule) -> list[Span]:
    """When which license was, is or will be in force, of those that were not cancelled."""
    return _spans(schedule, lambda turn: turn.effect_day, lambda turn: turn.license.license_period)


def maintenance_spans(schedule: Schedule) -> list[Span]:
    """The same for maintenance (K10)."""
    return _spans(schedule, lambda turn: turn.maintenance_effect_day, lambda turn: turn.license.maintenance_period)


def _spans(
    schedule: Schedule, effect: Callable[[Turn], date], period_of: Callable[[Turn], Period | None]
) -> list[Span]:
    spans = []
    turns = schedule.in_order(effect)
    for turn, successor in zip_longest(turns, turns[1:]):
        period = period_of(turn)
        if period is None:
            continue
        start = effect(turn)
        last = period.last_day if successor is None else min(period.last_day, effect(successor) - ONE_DAY)
        if last >= start:
            spans.append(Span(start, None if last == FOREVER else last, turn.license))
    return spans


def _step(steps: list[Step], day: date, number: int) -> None:
    """Add a step; after a clock correction, what was noted on later days is overtaken."""
    while steps and steps[-1].day >= day:
        steps.pop()
    if not steps or steps[-1].number != number:
        steps.append(Step(day, number))


def _chapters(view: Entitlement, today: date) -> Iterator[tuple[Chapter, list[DayEnd], date]]:
    """Each chapter with the days of its events, the oldest first, and the last day that it saw."""
    days = list(view.days)[::-1]
    begin = 0
    for number, chapter in enumerate(view.chapters):
        successor = view.chapters[number + 1] if number + 1 < len(view.chapters) else None
        begin = next((i for i in range(begin, len(days)) if days[i].position >= chapter.position), len(days))
        if successor is None:
            yield chapter, days[begin:], today
            continue
        end = next((i for i in range(begin, len(days)) if days[i].position >= successor.position), len(days))
        own = days[begin:end]
        last_day = max(successor.day, own[-1].day) if own else successor.day
        yield chapter, own, last_day


def _turning_days(schedule: Schedule, after: date, upto: date) -> list[date]:
    """The days after `after` up to `upto` on which the calendar may change something."""
    found = set()
    for turn in schedule.turns:
        found |= {turn.effect_day, turn.maintenance_effect_day}
        for period in (turn.license.license_period, turn.license.maintenance_period):
            if period and period.last_day < FOREVER:
                found.add(period.last_day + ONE_DAY)
    return sorted(day for day in found if after < day <= upto)


def _changes(was: Standing, becomes: Standing) -> Iterator[tuple[CalendarEvent, License, Period]]:
    before, after = was.license, becomes.license
    if before is not None and before is after:
        period = before.license_period
        if _is_active(period, was.day) and not _is_active(period, becomes.day):
            yield CalendarEvent.LICENSE_ENDED, before, period
    elif after is not None:
        yield CalendarEvent.LICENSE_BEGAN, after, after.license_period
    had, has = _is_active(was.maintenance, was.day), _is_active(becomes.maintenance, becomes.day)
    if before and was.maintenance and had and not has:
        yield CalendarEvent.MAINTENANCE_ENDED, before, was.maintenance
    if after and becomes.maintenance and has and (not had or was.maintenance != becomes.maintenance):
        yield CalendarEvent.MAINTENANCE_BEGAN, after, becomes.maintenance


def _is_active(period: Period | None, day: date) -> bool:
    return period is not None and period.status(day) is PeriodStatus.ACTIVE
