"""The one clock of all tests: it stands still until it is set or told to go on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIME_ZONE = "Europe/Berlin"


def noon(day: str | date, time_zone: str = TIME_ZONE) -> datetime:
    """Noon of a day in a time zone, as UTC."""
    of = day if isinstance(day, date) else date.fromisoformat(day)
    return datetime.combine(of, time(12), ZoneInfo(time_zone)).astimezone(UTC)


class SetClock:
    """Gives the moment `now` (UTC), which a test sets."""

    def __init__(self, now: str | date | datetime = "2026-04-01") -> None:
        self.set(now)

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: str | date | datetime, time_zone: str = TIME_ZONE) -> None:
        """Noon of that day, or that moment."""
        self.now = day if isinstance(day, datetime) else noon(day, time_zone)

    def go_on(self, **span: float) -> None:
        self.now += timedelta(**span)
