"""Which registered license was replaced by which, never to come back (K1): a pure function of a view."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from application.views.day_view import DayView
from application.views.entitlement import Chapter
from domain.license import License, Turn


class Replacement(NamedTuple):
    """A license that was replaced: by which one, and from which day on."""

    license: License
    by: License
    on: date


def replacements(on_day: DayView) -> dict[str, Replacement]:
    """Every license that was replaced by that day, by the number of its key.

    One is replaced when another takes effect after it, or cancels it before that, on the day of the registration.
    """
    replaced = {key_id: each.replacement for key_id, each in cancellations(on_day.view.chapters).items()}
    for turn, successor in pairwise(on_day.view.schedule.in_order(lambda turn: turn.effect_day)):
        if successor.effect_day <= on_day.day:
            replaced[turn.license.key_id] = Replacement(turn.license, successor.license, successor.effect_day)
    return replaced


class Cancellation(NamedTuple):
    """A license as it stood until another one cancelled it, and that one, on the day of its registration."""

    turn: Turn
    replacement: Replacement


def cancellations(chapters: Iterable[Chapter]) -> dict[str, Cancellation]:
    """Every license that was cancelled (K1), by the number of its key."""
    cancelled: dict[str, Cancellation] = {}
    turns: tuple[Turn, ...] = ()
    for chapter in chapters:
        staying = {turn.license.key_id for turn in chapter.schedule.turns}
        # A corrected clock lets every registration count from that day on at the latest (L3).
        there = [Turn(each.license, min(each.registered_on, chapter.day)) for each in turns]
        there += chapter.schedule.turns[-1:]
        for number, turn in enumerate(there):
            if turn.license.key_id not in staying:
                by = next(later for later in there[number + 1 :] if later.cancels(turn))
                replacement = Replacement(turn.license, by.license, chapter.day)
                cancelled[turn.license.key_id] = Cancellation(turn, replacement)
        turns = chapter.schedule.turns
    return cancelled
