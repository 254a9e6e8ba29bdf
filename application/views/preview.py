"""What a license key would change, day by day: the days without it beside the days with it (C-21).

Pure: both sides are the fold over the log, without the event that registering the key records and with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from itertools import zip_longest
from typing import NamedTuple

from application.views.calendar import ONE_DAY, turning_days
from application.views.day_view import DayView
from application.views.foreseen import CoverGap, foreseen
from application.views.outcome import Outcome, Shortening, outcome
from application.views.replacements import replacements
from domain.license import FOREVER, License, Part, Period, PeriodStatus
from domain.login import last_release_covered, license_code
from domain.state import User


class PreviewDay(NamedTuple):
    """A day as it will be without the license key, and as it will be with it, if nothing else happens."""

    without_key: DayView
    with_key: DayView

    @property
    def day(self) -> date:
        return self.with_key.day

    @property
    def codes(self) -> tuple[str, str]:
        """What stands between every present user and the product, without the key and with it; "ok" if nothing does."""
        return license_code(self.without_key), license_code(self.with_key)

    @property
    def shuts_out(self) -> bool:
        """Whether present users are shut out who could come in without the key."""
        without_key, with_key = self.codes
        return without_key == "ok" != with_key

    @property
    def options_stop(self) -> tuple[str, ...]:
        """The optional products that the key takes away on this day."""
        return _products_in_one(self.without_key, self.with_key)

    @property
    def options_begin(self) -> tuple[str, ...]:
        """The optional products that the key brings on this day."""
        return _products_in_one(self.with_key, self.without_key)

    @property
    def license_is_lost(self) -> bool:
        """Whether a license period covers the day without the key alone."""
        without_key, with_key = self.without_key.standing, self.with_key.standing
        is_active = without_key.license_status is PeriodStatus.ACTIVE
        return is_active and with_key.license_status is not PeriodStatus.ACTIVE

    @property
    def maintenance_is_lost(self) -> bool:
        """Whether a maintenance period covers the day without the key alone."""
        without_key, with_key = self.without_key.standing, self.with_key.standing
        is_active = without_key.maintenance_status is PeriodStatus.ACTIVE
        return is_active and with_key.maintenance_status is not PeriodStatus.ACTIVE

    @property
    def releases(self) -> tuple[date | None, date | None]:
        """The last release covered, without the key and with it (L4)."""
        without_key, with_key = self.without_key, self.with_key
        return (
            last_release_covered(without_key.standing, without_key.time_zone),
            last_release_covered(with_key.standing, with_key.time_zone),
        )

    @property
    def last_release_lost(self) -> date | None:
        """The last release covered without the key, if with it only earlier ones are, on a day with a license."""
        without_key, with_key = self.releases
        is_earlier = without_key is not None and with_key is not None and with_key < without_key
        return without_key if is_earlier and self.without_key.standing.license_status is PeriodStatus.ACTIVE else None


def _products_in_one(on_day: DayView, other: DayView) -> tuple[str, ...]:
    """The optional products that may be used in the first of them alone."""
    others = other.standing.products_in_use
    return tuple(product for product in on_day.standing.products_in_use if product not in others)


class HarmKind(StrEnum):
    """What a license key makes worse."""

    USERS_SHUT_OUT = "users_shut_out"
    OPTIONS_STOP = "options_stop"
    LICENSE_LOST = "license_lost"
    MAINTENANCE_LOST = "maintenance_lost"
    RELEASES_LOST = "releases_lost"


class Harm(NamedTuple):
    """Something that is worse with the license key on the days from `days.start` on (its end None: for ever).

    `on` is the first of these days. `code` is what keeps users out, `products` those that stop.
    """

    kind: HarmKind
    days: Period
    on: PreviewDay
    code: str = "ok"
    products: tuple[str, ...] = ()
    last_release: date | None = None


@dataclass(frozen=True, repr=False)
class Preview:
    """What registering a license key would change from `today` on, by nothing but the calendar.

    `without_key` and `with_key` are the installation today. Of a key that is registered already, both are the same.
    """

    license: License
    fingerprint: str
    without_key: DayView
    with_key: DayView
    is_new: bool

    @property
    def today(self) -> date:
        return self.with_key.day

    @property
    def takes_effect_on(self) -> date | None:
        """The day on which the license takes effect, or did; None if it was replaced."""
        turn = self.with_key.view.schedule.turn_of(self.license.key_id)
        is_gone = self.license.key_id in replacements(self.with_key)
        return turn.effect_day if turn and not is_gone else None

    @cached_property
    def days(self) -> list[PreviewDay]:
        """Today, and every later day on which anything changes without the key or with it, up to the end of cover."""
        days = {
            day
            for view in (self.without_key.view, self.with_key.view)
            for day in turning_days(view.schedule, self.today, FOREVER)
        }
        changing = [day for day in sorted(days) if _facts(self.on(day)) != _facts(self.on(day - ONE_DAY))]
        return [self.on(self.today), *(self.on(day) for day in changing)]

    def on(self, day: date) -> PreviewDay:
        """A day from today on, also one on which nothing changes."""
        return PreviewDay(replace(self.without_key, day=day), replace(self.with_key, day=day))

    @cached_property
    def users(self) -> list[User]:
        """All present users by their names, administrators too: a license shuts out everybody or nobody."""
        users = (user for user in self.with_key.view.users.values() if not user.is_deleted)
        return sorted(users, key=lambda user: (user.login_name, user.user_id))

    @property
    def shut_out(self) -> list[User]:
        """Those of `users` who are shut out on any day who could come in without the key."""
        return self.users if any(on.shuts_out for on in self.days) else []

    @property
    def ordinary_users(self) -> list[User]:
        """Those whom nothing is left to when they are shut out; administrators keep the Admin screen."""
        return [user for user in self.users if not user.is_administrator]

    @cached_property
    def outcome(self) -> Outcome:
        """What registering the key would cancel, and whose cover it would shorten (K12)."""
        return outcome(self.with_key.view, self.license.key_id) if self.is_new else Outcome()

    @property
    def shortenings(self) -> list[Shortening]:
        """Whose cover the key would shorten by days to come; what was over before it makes nothing worse."""
        return [one for one in self.outcome.shortenings if one.before is None or one.before >= self.today]

    @property
    def gaps(self) -> list[CoverGap]:
        """The days to come that nothing covers between two licenses, or maintenances, with the key."""
        return [one for one in foreseen(self.with_key) if isinstance(one, CoverGap)]

    @property
    def ends_for_good(self) -> list[License]:
        """The licenses that the key replaces or cancels, or whose maintenance it cancels, before their last day.

        They never come back (K1, K10).
        """
        gone = replacements(replace(self.with_key, day=FOREVER))
        known = replacements(replace(self.without_key, day=FOREVER))
        lost = {each.license.key_id for each in self.outcome.cancellations if each.part is Part.MAINTENANCE}
        ending = []
        for turn in self.without_key.view.schedule.turns:
            replacement, other = gone.get(turn.license.key_id), known.get(turn.license.key_id)
            is_replaced = replacement is not None and replacement.on <= turn.last_day
            if (is_replaced and replacement != other) or turn.license.key_id in lost:
                ending.append(turn.license)
        return ending

    @cached_property
    def harms(self) -> list[Harm]:
        """Everything that is worse on some days than it would be without the key, by the first of these days."""
        kinds = (
            _runs(self.days, lambda on: (on.codes[1], on.with_key.valid) if on.shuts_out else None, _shut_out),
            _runs(self.days, lambda on: on.options_stop or None, _options_stop),
            _runs(self.days, lambda on: (HarmKind.LICENSE_LOST,) if on.license_is_lost else None, _lost),
            _runs(self.days, lambda on: (HarmKind.MAINTENANCE_LOST,) if on.maintenance_is_lost else None, _lost),
            _runs(self.days, lambda on: on.releases if on.last_release_lost else None, _releases_lost),
        )
        return sorted((harm for harms in kinds for harm in harms), key=lambda harm: harm.days.start)

    @property
    def is_harmful(self) -> bool:
        """Whether the key shuts users out, takes an optional product away or shortens cover: then it asks first."""
        return bool(self.harms or self.shortenings)

    @cached_property
    def confirmation(self) -> str:
        """What is confirmed by whoever has seen this preview: another key, day or change has another one.

        The same in every process; who is shut out counts by id and not by name.
        """
        contents = {
            "fingerprint": self.fingerprint,
            "days": [[on.day, _facts(on)] for on in self.days],
            "cancelled": [(each.part, each.license.key_id, each.on) for each in self.outcome.cancellations],
            "shortened": self.outcome.shortenings,
            "shut_out": sorted(user.user_id for user in self.shut_out),
        }
        return sha256(json.dumps(contents, default=str).encode()).hexdigest()


Value = tuple[object, ...]  # object: whatever is compared from day to day


def _runs(
    days: Sequence[PreviewDay],
    value_of: Callable[[PreviewDay], Value | None],
    harm_of: Callable[[PreviewDay, Period, Value], Harm],
) -> Iterator[Harm]:
    """A harm for each run of days that have the same value; None is no harm."""
    begin: PreviewDay | None = None
    for on, following in zip_longest(days, days[1:]):
        value = value_of(on)
        if value is None:
            continue
        begin = begin or on
        if following is None or value_of(following) != value:
            yield harm_of(begin, Period(begin.day, following.day - ONE_DAY if following else None), value)
            begin = None


def _shut_out(on: PreviewDay, days: Period, _: Value) -> Harm:
    return Harm(HarmKind.USERS_SHUT_OUT, days, on, code=on.codes[1])


def _options_stop(on: PreviewDay, days: Period, _: Value) -> Harm:
    return Harm(HarmKind.OPTIONS_STOP, days, on, products=on.options_stop)


def _lost(on: PreviewDay, days: Period, value: Value) -> Harm:
    return Harm(HarmKind(str(value[0])), days, on)


def _releases_lost(on: PreviewDay, days: Period, _: Value) -> Harm:
    return Harm(HarmKind.RELEASES_LOST, days, on, last_release=on.releases[1])


def _facts(on: PreviewDay) -> list[list[object]]:  # object: whatever is compared from day to day
    """All that a preview tells of a day, but for how many days are left."""
    return [_side(on.without_key, on.codes[0], on.releases[0]), _side(on.with_key, on.codes[1], on.releases[1])]


def _side(on_day: DayView, code: str, last_release: date | None) -> list[object]:  # object: as above
    standing = on_day.standing
    is_maintained = standing.maintenance_status is PeriodStatus.ACTIVE
    return [
        standing.license.key_id if standing.license else None,
        standing.license_status,
        standing.valid,
        on_day.in_use,
        standing.maintenance if is_maintained else None,
        standing.products_in_use,
        code,
        last_release,
    ]
