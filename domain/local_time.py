"""Local time: which moments a wall clock shows, when a day ends, and what is refused because it never was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.refusals import Refused

A_MOMENT = timedelta(microseconds=1)
"""The shortest time that a moment here can tell from another."""


class TimeNeverWas(Refused):
    """A local time that no clock of the zone showed: the clocks went forward over it, or the day was left out."""

    code = "time_never_was"


class TimeTwice(Refused):
    """A local time that the clocks of the zone showed twice: `choices` are both moments, with their offsets."""

    code = "time_twice"

    @property
    def choices(self) -> tuple[str, str]:
        return str(self.facts["first"]), str(self.facts["second"])


class DayNeverWas(Refused):
    """A day that a zone left out, such as 2011-12-30 in Pacific/Apia."""

    code = "day_never_was"


def moments_of(local: datetime, time_zone: str) -> list[datetime]:
    """The moments at which clocks in the zone show this time without offset: none, one, or two in their order.

    On the first and the last day that there is, where an offset may lead over the edge, it is taken for UTC.
    """
    zone = ZoneInfo(time_zone)
    try:
        readings = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        return sorted(moment for moment in readings if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local)
    except OverflowError:
        return [local.replace(tzinfo=UTC)]


def moment_at(local: datetime, time_zone: str) -> datetime:
    """The one moment at which clocks in the zone show this time. Raises TimeNeverWas, TimeTwice."""
    moments = [in_zone(moment, time_zone) for moment in moments_of(local, time_zone)]
    if len(moments) == 1:
        return moments[0]
    shown = local.isoformat(sep=" ")
    if moments:
        first, second = (moment.isoformat(sep=" ") for moment in moments)
        raise TimeTwice(local=shown, time_zone=time_zone, first=first, second=second)
    before, after = _around_gap(local, time_zone)
    raise TimeNeverWas(local=shown, time_zone=time_zone, before=before, after=after)


def _around_gap(local: datetime, time_zone: str) -> tuple[str, str]:
    """What the clocks showed last before they left out this time, and what first after it."""
    zone = ZoneInfo(time_zone)
    # The zone's offsets before and after, taken for the time that was left out, lie on either side of the change.
    earlier, later = sorted(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    offset = earlier.astimezone(zone).utcoffset()
    while later - earlier > A_MOMENT:
        middle = earlier + (later - earlier) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            earlier = middle
        else:
            later = middle
    change = later.astimezone(zone)
    before = (later + (offset or timedelta())).replace(tzinfo=None)  # what they would have shown, had they gone on
    return before.isoformat(sep=" ", timespec="minutes"), change.isoformat(sep=" ", timespec="minutes")


def end_of_day(day: date, time_zone: str) -> datetime:
    """The last moment at which it is this day in the zone. Raises DayNeverWas."""
    zone = ZoneInfo(time_zone)
    try:
        midnight = datetime.combine(day + timedelta(days=1), time(), zone)
        end = max(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1)) - A_MOMENT
        is_own_day = end.astimezone(zone).date() == day
    except OverflowError:  # the first or the last day that there is
        return datetime.combine(day, time.max, UTC)
    if not is_own_day:
        raise DayNeverWas(day=day, time_zone=time_zone)
    return end


def in_zone(moment: datetime, time_zone: str) -> datetime:
    """The moment as clocks in the zone show it; in UTC where that leads over the edge of the calendar."""
    try:
        return moment.astimezone(ZoneInfo(time_zone))
    except OverflowError:
        return moment.astimezone(UTC)


def shown_at(moment: datetime, time_zone: str, timespec: str = "seconds") -> str:
    """The local time of a moment, as people read it; with its offset where the clocks show the time twice."""
    local = in_zone(moment, time_zone)
    text = local.replace(tzinfo=None).isoformat(sep=" ", timespec=timespec)
    return f"{text} ({offset_of(local)})" if is_twice(local, time_zone) else text


def spelled_at(moment: datetime, time_zone: str) -> str:
    """A moment in local time as RFC 3339 has it, to the second: for sentences on a page of no zone."""
    return in_zone(moment, time_zone).isoformat(timespec="seconds")


def spelled_anew(text: str, time_zone: str) -> str:
    """A stored moment in local time; what is no moment, as somebody may have written it, stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return spelled_at(moment, time_zone) if moment.tzinfo else text


def offset_of(local: datetime) -> str:
    """A local time's offset from UTC, such as +02:00."""
    return local.isoformat()[len(local.replace(tzinfo=None).isoformat()) :]


def is_twice(local: datetime, time_zone: str) -> bool:
    """Whether clocks in the zone show this local time twice."""
    return len(moments_of(local.replace(tzinfo=None, fold=0), time_zone)) == 2
