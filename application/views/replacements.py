"""Which registered license was replaced by which, never to come back (K1): a pure function of a view."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import NamedTuple

from application.views.day_view import DayView
from domain.license import Cancellation, License, Part, Schedule


class Replacement(NamedTuple):
    """A license that was replaced: by which one, and from which day on."""

    license: License
    by: License
    on: date


def replacements(on_day: DayView) -> dict[str, Replacement]:
    """Every license that was replaced by that day, by the number of its key.

    One is replaced when another takes effect after it, or cancels it before that, on the day of the registration.
    """
    cancelled = cancellations(on_day.view.schedule, Part.LICENSE)
    replaced = {key_id: Replacement(each.license, each.by, each.on) for key_id, each in cancelled.items()}
    for turn, successor in pairwise(on_day.view.schedule.in_order):
        if successor.effect_day <= on_day.day:
            replaced[turn.license.key_id] = Replacement(turn.license, successor.license, successor.effect_day)
    return replaced


def cancellations(schedule: Schedule, part: Part) -> dict[str, Cancellation]:
    """Every license that was cancelled (K1), or every maintenance (K10), by the number of its key."""
    return {each.license.key_id: each for each in schedule.cancelled if each.part is part}
