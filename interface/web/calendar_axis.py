"""An axis of days: where each day lies between its edges, and at which of them a date is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from application.words.language import Language

MOST_TICKS = 4

DAY_STEPS = (1, 2, 5, 10, 15)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000)


class Axis(NamedTuple):
    """The days from the first to the last, both inclusive: each is as wide as the others."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return max((self.last - self.first).days + 1, 1)

    def share(self, day: date) -> float:
        """Where a day begins: 0 at the left edge, 1 at the right."""
        return min(max((day - self.first).days / self.days, 0.0), 1.0)

    def share_after(self, day: date) -> float:
        """Where a day ends."""
        return min(max(((day - self.first).days + 1) / self.days, 0.0), 1.0)

    def ticks(self, language: Language) -> list[tuple[float, str]]:
        """At most four places with what is written there: years, else months, else days."""
        for step in MONTH_STEPS:
            months = list(self._months(step))
            if 2 <= len(months) <= MOST_TICKS:
                spell = language.year if step % 12 == 0 else language.month
                return [(self.share(day), spell(day)) for day in months]
        for step in DAY_STEPS:
            if self.days <= step * (MOST_TICKS - 1):
                days = range(0, self.days, step)
                return [(self.share(day), language.day(day)) for day in map(self._day, days)]
        return [(0.0, language.day(self.first))]

    def _day(self, number: int) -> date:
        return date.fromordinal(self.first.toordinal() + number)

    def _months(self, step: int) -> Iterator[date]:
        """The first days of months within the axis, every `step` months, counted from January of the year 0."""
        first = self.first.year * 12 + self.first.month - 1 + (self.first.day > 1)
        for number in range(-(-first // step) * step, (self.last.year * 12 + self.last.month - 1) + 1, step):
            yield date(number // 12, number % 12 + 1, 1)
            if number - first > step * MOST_TICKS:
                return
