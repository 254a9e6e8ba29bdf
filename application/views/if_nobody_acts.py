"""What the calendar alone will begin and end from a day on, if nobody acts (K13): a pure function of a day view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from application.views.calendar import ONE_DAY, CalendarEvent, changes, turning_days
from application.views.day_view import DayView
from domain.license import FOREVER, Standing
from domain.login import license_code


class ComingEvent(StrEnum):
    """What will be otherwise than on the day before."""

    LICENSE_TAKES_EFFECT = "license_takes_effect"
    LICENSE_ENDS = "license_ends"
    MAINTENANCE_BEGINS = "maintenance_begins"
    MAINTENANCE_ENDS = "maintenance_ends"
    OPTIONS_BEGIN = "options_begin"
    OPTIONS_STOP = "options_stop"
    USERS_ADMITTED = "users_admitted"
    USERS_SHUT_OUT = "users_shut_out"
    """Nobody but administrators can log in; told again when the reason changes, or nobody would think so any more."""


FROM_CALENDAR = {
    CalendarEvent.LICENSE_BEGAN: ComingEvent.LICENSE_TAKES_EFFECT,
    CalendarEvent.LICENSE_ENDED: ComingEvent.LICENSE_ENDS,
    CalendarEvent.MAINTENANCE_BEGAN: ComingEvent.MAINTENANCE_BEGINS,
    CalendarEvent.MAINTENANCE_ENDED: ComingEvent.MAINTENANCE_ENDS,
}


class Coming(NamedTuple):
    """Something that will be so from `day` on. `was` and `becomes` are the day before and the day itself.

    `code` is what keeps users out from then on, as at a login; "ok" if nothing does. `products` are the optional
    products that begin or stop.
    """

    day: date
    event: ComingEvent
    was: Standing
    becomes: Standing
    in_use: int
    code: str
    products: tuple[str, ...] = ()

    @property
    def beyond(self) -> int:
        """By how many In use will be above Valid; 0 if it is not."""
        return max(0, self.in_use - self.becomes.valid)


def if_nobody_acts(on_day: DayView) -> list[Coming]:
    """All that will begin and end after the day, in the order of days; users stay those of now."""
    return [
        one
        for day in turning_days(on_day.view.schedule, on_day.day, FOREVER)
        for one in _coming(replace(on_day, day=day - ONE_DAY), replace(on_day, day=day))
    ]


def _coming(before: DayView, after: DayView) -> Iterator[Coming]:
    was, becomes, code = before.standing, after.standing, license_code(after)

    def coming(event: ComingEvent, products: tuple[str, ...] = ()) -> Coming:
        return Coming(after.day, event, was, becomes, after.in_use, code, products)

    for event, _, _ in changes(was, becomes):
        yield coming(FROM_CALENDAR[event])
    had, has = was.products_in_use, becomes.products_in_use
    stopping, beginning = tuple(p for p in had if p not in has), tuple(p for p in has if p not in had)
    if stopping:
        yield coming(ComingEvent.OPTIONS_STOP, stopping)
    if beginning:
        yield coming(ComingEvent.OPTIONS_BEGIN, beginning)
    if _keeping_out(before) != _keeping_out(after):
        yield coming(ComingEvent.USERS_ADMITTED if code == "ok" else ComingEvent.USERS_SHUT_OUT)


def _keeping_out(on_day: DayView) -> tuple[str, int]:
    """What keeps users out, "ok" if nothing does, and the licenses that are too few."""
    code = license_code(on_day)
    return code, on_day.valid if code == "licenses_exceeded" else 0
