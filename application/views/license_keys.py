"""All license keys that were registered: what each is on a day, and which took the place of which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from application.views.day_view import DayView
from application.views.replacements import Replacement, cancellations
from domain.installation import Installation
from domain.license import Cancellation, License, Part, PeriodStatus, Schedule, Turn

Registration = Installation.LicenseRegistered


class KeyStatus(StrEnum):
    """What a registered license key is on a day."""

    IN_FORCE = "in_force"
    COMING = "coming"
    OVER = "over"
    REPLACED = "replaced"
    CONTRADICTED = "contradicted"
    """Its registration is not what the vendor signed: it never counts."""


class KeyLine(NamedTuple):
    """A registered license key on a day. `takes_effect_on` is None if it never took effect and never will.

    `lost_maintenance` tells by which one its maintenance was cancelled, with it or by itself (K10).
    """

    registration: Registration
    status: KeyStatus
    takes_effect_on: date | None = None
    replacement: Replacement | None = None
    lost_maintenance: Cancellation | None = None

    @property
    def license(self) -> License:
        return self.registration.license

    @property
    def registered_on(self) -> date:
        return date.fromisoformat(self.registration.day)


def license_keys(registrations: Iterable[Registration], on_day: DayView) -> list[KeyLine]:
    """The keys registered up to the view's position, in the order of their registration, as they are on its day (K1).

    One that is replaced before its day was cancelled when the other was registered; one in force, when the other took
    effect.
    """
    view = on_day.view
    registered = [each for each in registrations if each.originator_version <= view.position]
    contradicted = {alarm.position for alarm in view.alarms if isinstance(alarm.event, Registration)}
    standing = {turn.license.key_id: turn for turn in view.schedule.turns}
    cancelled = cancellations(view.schedule, Part.LICENSE)
    lost = cancellations(view.schedule, Part.MAINTENANCE)
    lines = []
    for registration in registered:
        key_id = registration.key_id
        if registration.originator_version in contradicted:
            lines.append(KeyLine(registration, KeyStatus.CONTRADICTED))
        elif key_id in standing:
            lines.append(_of_turn(registration, standing[key_id], view.schedule, on_day.day))
        else:
            _, turn, by, on = cancelled[key_id]
            effect_day = turn.effect_day if turn.effect_day <= on else None
            lines.append(KeyLine(registration, KeyStatus.REPLACED, effect_day, Replacement(turn.license, by, on)))
    return [line._replace(lost_maintenance=lost.get(line.registration.key_id)) for line in lines]


def _of_turn(registration: Registration, turn: Turn, schedule: Schedule, day: date) -> KeyLine:
    """A license that was not cancelled: it waits, is in force or over, or another has taken effect during it."""
    if turn.effect_day > day:
        return KeyLine(registration, KeyStatus.COMING, turn.effect_day)
    order = schedule.in_order
    successor = next((each for each in order[order.index(turn) + 1 :] if each.effect_day <= day), None)
    if successor is not None and successor.effect_day <= turn.last_day:
        replacement = Replacement(turn.license, successor.license, successor.effect_day)
        return KeyLine(registration, KeyStatus.REPLACED, turn.effect_day, replacement)
    is_active = turn.license.license_period.status(day) is PeriodStatus.ACTIVE
    return KeyLine(registration, KeyStatus.IN_FORCE if is_active else KeyStatus.OVER, turn.effect_day)
