"""What a license key says, and on which day which license is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple

FOREVER = date.max
"""Stands for "without end" in comparisons; it is never shown and never stored."""

PERIOD = "_period"
"""How the names of a license's periods end."""

WARNING_STAGES = (1, 7, 14, 30, 60)
"""Days before the end of cover at which administrators are warned (K11)."""

FULLNESS_STAGES = (100, 95, 90)
"""Percent of Valid that In use takes at which administrators are warned."""


class PeriodStatus(StrEnum):
    """Where a day stands to a period."""

    UPCOMING = "upcoming"
    ACTIVE = "active"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days from `start` to `end`, both inclusive; `end` None is perpetual."""

    start: date
    end: date | None

    @property
    def last_day(self) -> date:
        return self.end or FOREVER

    def status(self, day: date) -> PeriodStatus:
        if day < self.start:
            return PeriodStatus.UPCOMING
        return PeriodStatus.ACTIVE if day <= self.last_day else PeriodStatus.EXPIRED

    def days_left(self, day: date) -> int | None:
        """Days from `day` to the end: 0 on the last day, negative after it, None without an end or before the start."""
        if self.end is None or day < self.start:
            return None
        return (self.end - day).days

    def shares_a_day_with(self, other: Period) -> bool:
        return self.start <= other.last_day and other.start <= self.last_day


@dataclass(frozen=True, slots=True)
class License:
    """What a license key says: edition, number of licenses, both periods, optional products, and for whom.

    `issued_at` is in seconds since 1970 (UTC). `audience` is an installation's UUID, or "*" for any.
    """

    edition: str
    licenses: int
    license_period: Period
    maintenance_period: Period | None
    optional_products: tuple[str, ...]
    customer: str
    issuer: str
    audience: str
    product: str
    key_id: str
    issued_at: int
    other_claims: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LicenseKey:
    """A license key whose signature was verified: the folded one-line text and the license it carries.

    `fingerprint` is the SHA-256 of the folded text, in lower-case hex (K2).
    """

    text: str
    fingerprint: str
    signing_key_id: str
    license: License


LICENSE_FIELDS = tuple(each.name for each in fields(License) if each.name != "other_claims")
"""What a license says by itself. An event stores each under its own name, a period as two days (`_stored`)."""


def fields_of_key(key: LicenseKey) -> dict[str, Any]:  # Any: as the library takes the fields of an event
    """What the event of a registration stores of a license key: plain values, dates as ISO text."""
    stored: dict[str, Any] = {}  # Any: an event's fields
    for name in LICENSE_FIELDS:
        stored |= _stored(name, getattr(key.license, name))
    return {
        **stored,
        "signing_key_id": key.signing_key_id,
        "fingerprint": key.fingerprint,
        "key_text": key.text,
        "other_claims": dict(key.license.other_claims),
    }


def license_of_fields(fields: Mapping[str, Any]) -> License:  # Any: an event's fields, of many types
    """The license that the event of a registration stores: the reverse of `fields_of_key`.

    A field that the event does not have, since it is older than the field, is left to its default.
    """
    values = {name: _read(name, fields) for name in LICENSE_FIELDS if name in fields or _start_of(name) in fields}
    return License(**values, other_claims=fields["other_claims"])


def _stored(name: str, value: Any) -> dict[str, Any]:  # Any: a field of a license, of any of its types
    if name.endswith(PERIOD):
        start, end = (value.start, value.end) if value else (None, None)
        return {_start_of(name): start and start.isoformat(), _end_of(name): end and end.isoformat()}
    return {name: list(value) if isinstance(value, tuple) else value}


def _read(name: str, fields: Mapping[str, Any]) -> Any:  # Any: the reverse of `_stored`
    if name.endswith(PERIOD):
        start, end = fields[_start_of(name)], fields[_end_of(name)]
        return Period(date.fromisoformat(start), date.fromisoformat(end) if end else None) if start else None
    value = fields[name]
    return tuple(value) if isinstance(value, list) else value


def _start_of(name: str) -> str:
    return f"{name.removesuffix(PERIOD)}_start"


def _end_of(name: str) -> str:
    return f"{name.removesuffix(PERIOD)}_end"


@dataclass(frozen=True, slots=True)
class Turn:
    """A registered license that was not cancelled, and the day from which it counts (K1).

    Its maintenance may have been cancelled by itself (K10).
    """

    license: License
    registered_on: date
    maintenance_is_cancelled: bool = False

    @property
    def effect_day(self) -> date:
        return max(self.registered_on, self.license.license_period.start)

    @property
    def last_day(self) -> date:
        return self.license.license_period.last_day

    @property
    def maintenance_effect_day(self) -> date:
        """The later of the effect day and the first maintenance day; without maintenance, the effect day (K10)."""
        period = self.license.maintenance_period
        return max(self.effect_day, period.start) if period else self.effect_day

    @property
    def maintenance_last_day(self) -> date:
        """The last maintenance day; "no maintenance" lasts as long as the license (K10)."""
        period = self.license.maintenance_period
        return period.last_day if period else self.last_day

    @property
    def maintenance_period(self) -> Period | None:
        """The license's maintenance period; None if it was cancelled."""
        return None if self.maintenance_is_cancelled else self.license.maintenance_period

    @property
    def optional_products(self) -> tuple[str, ...]:
        """The license's optional products; none if its maintenance was cancelled."""
        return () if self.maintenance_is_cancelled else self.license.optional_products

    @property
    def would_be_maintained(self) -> bool:
        """Whether there is a day on which its maintenance period could be in force."""
        return self.license.maintenance_period is not None and self.maintenance_effect_day <= self.maintenance_last_day

    def cancels(self, earlier: Turn) -> bool:
        """Whether one that was registered before would take effect during this one (K1)."""
        return self.effect_day <= earlier.effect_day <= self.last_day

    def cancels_maintenance_of(self, earlier: Turn) -> bool:
        """Whether the maintenance of one that was registered before would have its turn during this one's (K10)."""
        if self.maintenance_is_cancelled or earlier.maintenance_is_cancelled:
            return False
        return self.maintenance_effect_day <= earlier.maintenance_effect_day <= self.maintenance_last_day


class Part(StrEnum):
    """What of a registered license can be cancelled by another one."""

    LICENSE = "license"
    MAINTENANCE = "maintenance"


class Cancellation(NamedTuple):
    """A license, or the maintenance of one, that never comes or never came back: cancelled by another one on a day.

    `turn` is the license as it stood until then. The maintenance of a license that is cancelled goes with it, and has
    a cancellation of its own.
    """

    part: Part
    turn: Turn
    by: License
    on: date

    @property
    def license(self) -> License:
        return self.turn.license

    @property
    def days(self) -> Period:
        """The days on which it would have counted: from its turn to its last day."""
        is_license = self.part is Part.LICENSE
        start = self.turn.effect_day if is_license else self.turn.maintenance_effect_day
        last = self.turn.last_day if is_license else self.turn.maintenance_last_day
        return Period(start, None if last == FOREVER else last)


class CoverWarning(NamedTuple):
    """A warning to administrators (K11): of what, the days left (negative: over), and the last day covered."""

    part: Part
    days_left: int
    covered_until: date

    @property
    def code(self) -> str:
        return f"{self.part.value}_over" if self.days_left < 0 else f"{self.part.value}_ends_soon"

    @property
    def stage(self) -> int:
        return warning_stage(self.days_left)


def warning_stage(days_left: int) -> int:
    """The stage of a warning of an end (K11): the smallest of WARNING_STAGES that has come, 0 after the end."""
    return 0 if days_left < 0 else next(days for days in WARNING_STAGES if days_left <= days)


def fullness_stage(in_use: int, valid: int) -> int | None:
    """The greatest of FULLNESS_STAGES that In use has reached; None below all of them, beyond Valid, and without any.

    Counted in whole numbers, so that 9 of 10 are 90 percent, and 899 of 1,000 are not.
    """
    if valid == 0 or in_use > valid:
        return None
    return next((percent for percent in FULLNESS_STAGES if in_use * 100 >= percent * valid), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The licenses as they stand on one day: all that screens, login checks and warnings need to know."""

    day: date
    license: License | None
    maintenance: Period | None
    optional_products: tuple[str, ...]
    covered_until: date | None
    maintenance_covered_until: date | None
    next: Turn | None

    @property
    def edition(self) -> str | None:
        return self.license.edition if self.license else None

    @property
    def valid(self) -> int:
        """Contracted licenses; an expired license keeps its number, before any license it is 0."""
        return self.license.licenses if self.license else 0

    @property
    def license_period(self) -> Period | None:
        return self.license.license_period if self.license else None

    @property
    def license_status(self) -> PeriodStatus | None:
        return self.license.license_period.status(self.day) if self.license else None

    @property
    def maintenance_status(self) -> PeriodStatus | None:
        return self.maintenance.status(self.day) if self.maintenance else None

    @property
    def products_in_use(self) -> tuple[str, ...]:
        """The optional products that may be used on the day (L1)."""
        return self.optional_products if self.maintenance_status is PeriodStatus.ACTIVE else ()

    @property
    def warnings(self) -> tuple[CoverWarning, ...]:
        """What administrators are warned of (K8, K11); license first, then maintenance."""
        ends = ((Part.LICENSE, self.covered_until), (Part.MAINTENANCE, self.maintenance_covered_until))
        warnings = (CoverWarning(part, (end - self.day).days, end) for part, end in ends if end is not None)
        return tuple(warning for warning in warnings if warning.days_left <= WARNING_STAGES[-1])


@dataclass(frozen=True)
class Schedule:
    """The licenses registered so far that were not cancelled, in the order of their registration (K1, K10).

    `cancelled` tells what was cancelled, in the order in which it was.
    """

    turns: tuple[Turn, ...] = ()
    cancelled: tuple[Cancellation, ...] = ()
    _standings: dict[date, Standing] = field(default_factory=dict, compare=False, repr=False)

    def register(self, license: License, day: date) -> Schedule:
        """The schedule after `license` was registered on `day`.

        It cancels what would take effect during it (K1), and the maintenance that would have its turn during its own
        (K10).
        """
        return self._with(Turn(license, day), day)

    def correct_clock(self, day: date) -> Schedule:
        """The schedule after the clock was corrected to `day`: as if what was registered later had been that day (L3).

        So the registrations are gone through again: on their new days they may cancel one another (K1, K10). What was
        cancelled before stays cancelled, and cancels nothing itself.
        """
        schedule = Schedule(cancelled=self.cancelled)
        for turn in self.turns:
            schedule = schedule._with(replace(turn, registered_on=min(turn.registered_on, day)), day)
        return schedule

    def _with(self, new: Turn, day: date) -> Schedule:
        staying: list[Turn] = []
        cancelled: list[Cancellation] = []
        for turn in self.turns:
            is_cancelled = new.cancels(turn)
            loses = not turn.maintenance_is_cancelled and (is_cancelled or new.cancels_maintenance_of(turn))
            parts = [Part.LICENSE] * is_cancelled + [Part.MAINTENANCE] * (loses and turn.would_be_maintained)
            cancelled += [Cancellation(part, turn, new.license, day) for part in parts]
            if not is_cancelled:
                staying.append(replace(turn, maintenance_is_cancelled=True) if loses else turn)
        return Schedule((*staying, new), (*self.cancelled, *cancelled))

    def turn_of(self, key_id: str) -> Turn | None:
        """The turn of the license whose key has that number; None if it was cancelled, or never there."""
        return next((turn for turn in self.turns if turn.license.key_id == key_id), None)

    def on(self, day: date) -> Standing:
        """The licenses as they stand on `day`."""
        standing = self._standings.get(day)
        if standing is None:
            if len(self._standings) >= 8:
                self._standings.clear()
            standing = self._standings[day] = self._standing(day)
        return standing

    @cached_property
    def in_order(self) -> tuple[Turn, ...]:
        """The turns by the day on which they take effect; on the same day, the one registered last comes last."""
        return tuple(sorted(self.turns, key=lambda turn: turn.effect_day))

    @cached_property
    def in_order_of_maintenance(self) -> tuple[Turn, ...]:
        """The turns whose maintenance was not cancelled, by the day of its turn (K10).

        On the same day the one that took effect, then was registered, last comes last.
        """
        turns = [turn for turn in self.turns if not turn.maintenance_is_cancelled]
        return tuple(sorted(turns, key=lambda turn: (turn.maintenance_effect_day, turn.effect_day)))

    def _standing(self, day: date) -> Standing:
        licenses, maintenances = self.in_order, self.in_order_of_maintenance
        in_force = next((turn for turn in reversed(licenses) if turn.effect_day <= day), None)
        maintained = next((turn for turn in reversed(maintenances) if turn.maintenance_effect_day <= day), None)
        # Before the first maintenance period begins, the license in force shows its own, as upcoming (L1).
        own = in_force if in_force and not in_force.maintenance_is_cancelled else None
        shown = maintained or own
        return Standing(
            day=day,
            license=in_force.license if in_force else None,
            maintenance=shown.license.maintenance_period if shown else None,
            optional_products=shown.license.optional_products if shown else (),
            covered_until=_covered(licenses, lambda t: t.effect_day, lambda t: t.license.license_period, day),
            maintenance_covered_until=_covered(
                maintenances, lambda t: t.maintenance_effect_day, lambda t: t.license.maintenance_period, day
            ),
            next=next((turn for turn in licenses if turn.effect_day > day), None),
        )


def _covered(
    turns: Sequence[Turn], begin_of: Callable[[Turn], date], period_of: Callable[[Turn], Period | None], day: date
) -> date | None:
    """The last day covered without a gap, from `day` on or, if nothing covers it, before it.

    None if there is no end, or if nothing has begun by that day.
    """
    covered: date | None = None
    for turn, successor in zip_longest(turns, turns[1:]):
        begins, period = begin_of(turn), period_of(turn)
        if begins > day and (covered is None or begins > covered + timedelta(days=1)):
            break
        if period is None:
            # "No maintenance" ends what was covered before it, and is itself nothing to be warned of.
            if begins > day:
                break
            covered = None
            continue
        end = period.last_day
        if successor is not None and begin_of(successor) <= end:
            end = begin_of(successor) - timedelta(days=1)
        if end == FOREVER:
            return None
        covered = end if begins <= day or covered is None else max(covered, end)
    return covered
