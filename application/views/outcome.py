"""What the registration of a license key brought about: what it cancelled, and whose cover it shortened (K12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from application.views.entitlement import Chapter, Entitlement
from domain.license import FOREVER, Cancellation, Part, Period, PeriodStatus, Schedule, Standing


class Shortening(NamedTuple):
    """Cover that became shorter: the last day covered without a gap, before the registration and after it.

    `before` None is without end. `after` None is none at all: from the registration on there is no maintenance.
    """

    part: Part
    before: date | None
    after: date | None


class Outcome(NamedTuple):
    """What a registration brought about besides that the license is there."""

    cancellations: tuple[Cancellation, ...] = ()
    shortenings: tuple[Shortening, ...] = ()


def outcome(view: Entitlement, key_id: str) -> Outcome:
    """What registering the key of that number brought about; nothing, if its license is not in the schedule's past."""
    for before, chapter in pairwise((Chapter(0, view.day, Schedule()), *view.chapters)):
        if chapter.schedule.turn_of(key_id) is not None:
            cancelled = chapter.schedule.cancelled[len(before.schedule.cancelled) :]
            was, becomes = before.schedule.on(chapter.day), chapter.schedule.on(chapter.day)
            return Outcome(cancelled, tuple(_shortenings(was, becomes)))
    return Outcome()


def _shortenings(was: Standing, becomes: Standing) -> Iterator[Shortening]:
    ends = (
        (Part.LICENSE, _end(was.license_period, was.covered_until, was.day), becomes.license_period),
        (Part.MAINTENANCE, _end(was.maintenance, was.maintenance_covered_until, was.day), becomes.maintenance),
    )
    for part, before, period in ends:
        until = becomes.covered_until if part is Part.LICENSE else becomes.maintenance_covered_until
        after = _end(period, until, becomes.day)
        if before is None or (after is None and before < was.day):
            continue
        if after is None or after < before:
            yield Shortening(part, None if before == FOREVER else before, after)


def _end(period: Period | None, until: date | None, day: date) -> date | None:
    """The last day covered, FOREVER without an end; None if nothing has begun."""
    if until is None and period is not None and period.status(day) is PeriodStatus.ACTIVE:
        return FOREVER
    return until
