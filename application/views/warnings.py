"""All that administrators are warned of on a day, in its stages (K11, K13, U4): a pure function of a day view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from application.views.curves import valid_steps
from application.views.day_view import DayView
from application.views.entitlement import Alarm
from application.views.foreseen import CoverGap, Foreseen, OptionsEnd, TooFewLicenses, foreseen
from application.views.tokens import TokenEnd, ends
from domain.installation import Installation
from domain.license import CoverWarning, fullness_stage
from domain.login import license_code


class NearlyFull(NamedTuple):
    """In use takes all of Valid, or nearly all: so many percent at least, without a break since that day."""

    stage: int
    valid: int
    in_use: int
    since: date


Cause = CoverWarning | Foreseen | NearlyFull | TokenEnd | Alarm | None


class DayWarning(NamedTuple):
    """Something that administrators are warned of on a day.

    `stage` is, of an end, how many days before it (60, 30, 14, 7, 1; 0 after it, K11), and of `nearly_full` how many
    percent (90, 95, 100); None for what has no stages. `day` is the day that it is about: the last day covered, the day
    on which something will go wrong, or since when it is so. `about` tells it from others of its code and stage.
    `cause` is what a sentence is made from, None if the standing of the day says all of it.
    """

    code: str
    is_urgent: bool
    """Whether users are turned away by it, or somebody has to look at the keyring or the clock."""
    day: date | None = None
    stage: int | None = None
    about: tuple[str, ...] = ()
    cause: Cause = None

    @property
    def key(self) -> str:
        """What names it for ever, on every day and in every process: `license_ends_soon:2027-03-31:30`.

        So each stage of each thing is delivered once. It holds no name of a person.
        """
        return ":".join((self.code, *self.about, *([] if self.stage is None else [str(self.stage)])))


def warnings(on_day: DayView) -> list[DayWarning]:
    """Everything that administrators are warned of on that day, the most urgent first.

    A successor in time silences the end that it follows (K8); what is known to go wrong all the same is told (K13).
    """
    of_ends = list(_of_ends(on_day))
    return [
        *_of_alarms(on_day),
        *_of_state(on_day),
        *(end for end in of_ends if end.is_urgent),
        *(_of_foreseen(one) for one in foreseen(on_day)),
        *_of_fullness(on_day),
        *(end for end in of_ends if not end.is_urgent),
        *(_of_token(end) for end in ends(on_day)),
    ]


def _of_alarms(on_day: DayView) -> Iterator[DayWarning]:
    """The newest registration that its signed license key contradicts, and a day that stands before the clock (L3)."""
    contradicted = [alarm for alarm in on_day.view.alarms if isinstance(alarm.event, Installation.LicenseRegistered)]
    for alarm in contradicted[-1:]:
        about = (str(alarm.position),)
        yield DayWarning("license_contradicted", is_urgent=True, day=alarm.day, about=about, cause=alarm)
    if on_day.is_ahead_of_clock:
        day = on_day.view.day
        yield DayWarning("day_ahead_of_clock", is_urgent=True, day=day, about=(day.isoformat(),))


def _of_state(on_day: DayView) -> Iterator[DayWarning]:
    """What keeps users out, but for the end of the license: that is an end, and has stages."""
    code, successor = license_code(on_day), on_day.standing.next
    if code == "no_license":
        yield DayWarning(code, is_urgent=True)
    elif code == "license_not_started" and successor is not None:
        day = successor.effect_day
        yield DayWarning(code, is_urgent=True, day=day, about=(day.isoformat(),))
    elif code == "licenses_exceeded":
        since = _since(on_day, lambda in_use, valid: 0 < valid < in_use)
        yield DayWarning(code, is_urgent=True, day=since, about=(since.isoformat(),))


def _of_ends(on_day: DayView) -> Iterator[DayWarning]:
    """The ends of cover (K8, K11); that the license is over only if nothing else keeps users out before that."""
    is_over = license_code(on_day) == "license_expired"
    for end in on_day.standing.warnings:
        if end.code != "license_over" or is_over:
            until = end.covered_until
            yield DayWarning(end.code, end.code == "license_over", until, end.stage, (until.isoformat(),), end)


def _of_foreseen(one: Foreseen) -> DayWarning:
    about: tuple[str, ...]
    match one:
        case TooFewLicenses(day, license_, _):
            code, about = "licenses_will_be_exceeded", (day.isoformat(), license_.key_id)
        case OptionsEnd(day, license_, _):
            code, about = "options_will_end", (day.isoformat(), license_.key_id)
        case CoverGap(part, days):
            code, about = "cover_gap", (part.value, days.start.isoformat(), days.last_day.isoformat())
    return DayWarning(code, is_urgent=False, day=one.day, about=about, cause=one)


def _of_fullness(on_day: DayView) -> Iterator[DayWarning]:
    """How full the license in force is, while it lets users in; of one that waits K13 tells if it has too few (U4)."""
    standing, in_use = on_day.standing, on_day.in_use
    stage = fullness_stage(in_use, standing.valid)
    if standing.license is None or stage is None or license_code(on_day) != "ok":
        return
    since = _since(on_day, lambda in_use, valid: 0 < stage * valid <= in_use * 100)
    cause = NearlyFull(stage, standing.valid, in_use, since)
    yield DayWarning("nearly_full", False, since, stage, (standing.license.key_id,), cause)


def _of_token(end: TokenEnd) -> DayWarning:
    is_urgent = end.code == "token_over" and end.stops_logins
    return DayWarning(end.code, is_urgent, end.token.expires_on, end.stage, (end.token.token_id,), end)


def _since(on_day: DayView, is_so: Callable[[int, int], bool]) -> date:
    """The first day from which on that has been so of In use and Valid, at the end of each day up to this one.

    It looks back only as far as that was so.
    """
    steps = [step for step in valid_steps(on_day.view, on_day.day) if step.day <= on_day.day]
    since = on_day.day
    for day, in_use in _in_use_backwards(on_day):
        while steps and steps[-1].day > day:
            if not is_so(in_use, steps[-1].number):
                return since
            since = steps.pop().day
        if not is_so(in_use, steps[-1].number if steps else 0):
            return since
        since = day
        if steps and steps[-1].day == day:
            steps.pop()
    return since


def _in_use_backwards(on_day: DayView) -> Iterator[tuple[date, int]]:
    """In use at the end of each day with an event, the newest first; without days that a corrected clock took back."""
    newer = None
    for end in on_day.view.days:
        if newer is None or end.day < newer:
            yield end.day, end.in_use
            newer = end.day
