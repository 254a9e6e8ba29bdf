"""How Valid and In use went over time, and when which license was in force: pure functions of a view, for pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from application.views.calendar import ONE_DAY, chapters, turning_days
from application.views.entitlement import Entitlement
from domain.license import FOREVER, License, Period, Schedule, Turn


class Step(NamedTuple):
    """From `day` on the number is `number`."""

    day: date
    number: int


class Span(NamedTuple):
    """Days on which a license, or its maintenance, is in force; `end` None is without end."""

    start: date
    end: date | None
    license: License


def valid_steps(view: Entitlement, today: date) -> list[Step]:
    """Valid as it was on each day: a step where it changed. Empty before the first license."""
    steps: list[Step] = []
    for chapter, _, last_day in chapters(view, today):
        for day in [chapter.day, *turning_days(chapter.schedule, chapter.day, last_day)]:
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
    return _spans(schedule.in_order, lambda turn: turn.effect_day, lambda turn: turn.license.license_period)


def maintenance_spans(schedule: Schedule) -> list[Span]:
    """The same for maintenance (K10)."""
    return _spans(
        schedule.in_order_of_maintenance,
        lambda turn: turn.maintenance_effect_day,
        lambda turn: turn.license.maintenance_period,
    )


def _spans(
    turns: Sequence[Turn], begin_of: Callable[[Turn], date], period_of: Callable[[Turn], Period | None]
) -> list[Span]:
    spans = []
    for turn, successor in zip_longest(turns, turns[1:]):
        period = period_of(turn)
        if period is None:
            continue
        start = begin_of(turn)
        last = period.last_day if successor is None else min(period.last_day, begin_of(successor) - ONE_DAY)
        if last >= start:
            spans.append(Span(start, None if last == FOREVER else last, turn.license))
    return spans


def _step(steps: list[Step], day: date, number: int) -> None:
    """Add a step; after a clock correction, what was noted on later days is overtaken."""
    while steps and steps[-1].day >= day:
        steps.pop()
    if not steps or steps[-1].number != number:
        steps.append(Step(day, number))
