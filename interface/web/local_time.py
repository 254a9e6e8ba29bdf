"""Moments as people read them: in the installation's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def local_time(moment: datetime | int, time_zone: str) -> str:
    """A moment, or seconds since 1970, as local date and time to the second."""
    at = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    return f"{at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M:%S}"
