"""What the calendar alone began and ended: pure functions of a view."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from application.views.entitlement import Chapter, DayEnd, Entitlement
from domain.license import FOREVER, License, Period, PeriodStatus, Schedule, Standing

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


def calendar_lines(view: Entitlement, today: date) -> list[CalendarLine]:
    """Everything that began or ended by the calendar up to `today`, in the order of the history."""
    lines = []
    for chapter, days, last_day in chapters(view, today):
        for day in turning_days(chapter.schedule, chapter.day, last_day):
            before = bisect_left(days, day, key=lambda entry: entry.day)
            after = days[before - 1].position if before else chapter.position
            was, becomes = chapter.schedule.on(day - ONE_DAY), chapter.schedule.on(day)
            for event, license_, period in changes(was, becomes):
                then = becomes if event is CalendarEvent.LICENSE_BEGAN else was
                valid, edition = (was.valid, then.valid), (was.edition, then.edition)
                lines.append(CalendarLine(day, max(after, chapter.position), event, license_, period, valid, edition))
    return lines


def chapters(view: Entitlement, today: date) -> Iterator[tuple[Chapter, list[DayEnd], date]]:
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


def turning_days(schedule: Schedule, after: date, upto: date) -> list[date]:
    """The days after `after` up to `upto` on which the calendar may change something."""
    days = set()
    for turn in schedule.turns:
        days |= {turn.effect_day, turn.maintenance_effect_day}
        for period in (turn.license.license_period, turn.license.maintenance_period):
            if period and period.last_day < FOREVER:
                days.add(period.last_day + ONE_DAY)
    return sorted(day for day in days if after < day <= upto)


def changes(was: Standing, becomes: Standing) -> Iterator[tuple[CalendarEvent, License, Period]]:
    """What began or ended from one day to the next: with the license in force, and the period that it is about."""
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
