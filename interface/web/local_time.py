"""Moments as people read them: in the installation's time zone, their day as the language of the page spells it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from domain.local_time import shown_at
from interface.web import caller


def local_time(moment: datetime | int, time_zone: str) -> str:
    """A moment, or seconds since 1970, as local date and time to the second; with its offset if that was twice."""
    at = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    day, _, time = shown_at(at, time_zone).partition(" ")
    return f"{caller.language().day(date.fromisoformat(day))} {time}"
