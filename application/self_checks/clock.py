"""Whether the machine's clock can be right: what was recorded, signed or signed in cannot lie ahead of it (S-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from application.self_checks.finding import Finding, alarm, warning
from application.views.day_view import DayView
from domain.local_time import spelled_at
from domain.refusals import Problem

TOLERANCE = timedelta(minutes=10)
"""By how much a moment may lie ahead of the clock: machines are set right by steps."""

APART = timedelta(minutes=1)
"""By how much the clocks of this machine and of the database's server may differ."""


def of_server(before: datetime, server: datetime | None, after: datetime, time_zone: str = "UTC") -> Iterator[Finding]:
    """That the server's clock says another time than this machine's, which was looked at before and after it.

    Each server counts days by its own clock: where they differ, something has begun on one and not yet on the other.
    """
    apart = max(before - server, server - after) if server is not None else timedelta()
    if server is not None and apart > APART:
        tell = alarm if apart > TOLERANCE else warning
        yield tell("clocks_apart", "clock", clock=spelled_at(after, time_zone), server=spelled_at(server, time_zone))


def of_clock(now: datetime, moments: Mapping[str, datetime | None], time_zone: str = "UTC") -> Iterator[Finding]:
    """That the clock is behind; `moments` has the newest moment of each kind: event, checkpoint, session, attempt."""
    ahead = {kind: moment for kind, moment in moments.items() if moment is not None and moment > now + TOLERANCE}
    if ahead:
        kind = max(ahead, key=lambda each: ahead[each])
        clock, moment = (spelled_at(each, time_zone) for each in (now, ahead[kind]))
        yield alarm("clock_behind", "clock", clock=clock, moment=moment, what=Problem(kind))


def of_day(on_day: DayView) -> Iterator[Finding]:
    """That days were counted which the clock does not know yet: a clock had jumped forward, or went back since (L3)."""
    if on_day.is_ahead_of_clock:
        yield warning("day_ahead_of_clock", "clock", day=on_day.view.day, clock_day=on_day.clock_day)
