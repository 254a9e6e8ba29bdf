"""What is known to go wrong from the licenses registered so far (K13): a pure function of a day view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from application.views.calendar import ONE_DAY, turning_days
from application.views.curves import Span, license_spans, maintenance_spans
from application.views.day_view import DayView
from domain.license import FOREVER, License, Part, Period


class TooFewLicenses(NamedTuple):
    """From `day` on a license that waits is in force, which has `excess` licenses fewer than In use of now."""

    day: date
    license: License
    excess: int


class OptionsEnd(NamedTuple):
    """On `day` a maintenance that waits has its turn, which lacks these of the optional products of today.

    A license without a maintenance period lacks all of them.
    """

    day: date
    license: License
    products: tuple[str, ...]


class CoverGap(NamedTuple):
    """Days between two licenses, or two maintenances, that nothing covers; they may have begun."""

    part: Part
    days: Period

    @property
    def day(self) -> date:
        return self.days.start


Foreseen = TooFewLicenses | OptionsEnd | CoverGap


def foreseen(on_day: DayView) -> list[Foreseen]:
    """Everything that is known to go wrong after that day, or is between two licenses now, by its day (K13).

    A thing is told once, on its first day: a later license is told only if it takes more than what came before it.
    """
    everything: list[Foreseen] = [*_too_few(on_day), *_option_ends(on_day), *_gaps(on_day)]
    return sorted(everything, key=lambda one: one.day)


def gap_after(on_day: DayView, part: Part, until: date) -> Period | None:
    """The days that nothing covers after the last day covered, if something comes after them."""
    gaps = (gap.days for gap in _gaps(on_day) if gap.part is part)
    return next((days for days in gaps if days.start == until + ONE_DAY), None)


def _too_few(on_day: DayView) -> Iterator[TooFewLicenses]:
    schedule, most = on_day.view.schedule, 0
    for day in turning_days(schedule, on_day.day, FOREVER):
        becomes = schedule.on(day)
        excess = on_day.in_use - becomes.valid
        if becomes.license is not None and becomes.license is not schedule.on(day - ONE_DAY).license and excess > most:
            yield TooFewLicenses(day, becomes.license, excess)
            most = excess


def _option_ends(on_day: DayView) -> Iterator[OptionsEnd]:
    schedule = on_day.view.schedule
    lasting = list(on_day.standing.products_in_use)
    turns = {turn.maintenance_effect_day: turn for turn in schedule.in_order_of_maintenance}
    for day in sorted(day for day in turns if day > on_day.day):
        included = schedule.on(day).products_in_use
        ending = tuple(product for product in lasting if product not in included)
        if ending:
            yield OptionsEnd(day, turns[day].license, ending)
            lasting = [product for product in lasting if product in included]


def _gaps(on_day: DayView) -> Iterator[CoverGap]:
    schedule = on_day.view.schedule
    spans: tuple[tuple[Part, Sequence[Span]], ...] = (
        (Part.LICENSE, license_spans(schedule)),
        (Part.MAINTENANCE, maintenance_spans(schedule)),
    )
    for part, spans_of_part in spans:
        for span, successor in pairwise(spans_of_part):
            if span.end is None or successor.start <= max(on_day.day, span.end + ONE_DAY):
                continue
            yield CoverGap(part, Period(span.end + ONE_DAY, successor.start - ONE_DAY))
