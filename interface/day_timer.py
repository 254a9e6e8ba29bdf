"""The timer that records a day which the calendar has reached, once the clock has shown it for an hour (L3)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from interface.composition import Seatledger
from interface.timer import Timer

INTERVAL = 60.0
"""Seconds between two looks at the clock."""

HOUR = 3600.0
"""Seconds of the process's own time for which the clock must have shown the day."""

STEP = timedelta(minutes=5)
"""By how much the clock may differ from the process's own time between two looks: machines are set right by steps."""

log = logging.getLogger("seatledger.licensing")


class DayTimer(Timer):
    """What the server saw begin or end for an hour stays so, also if the clock is set back afterwards (ADR 34).

    A clock that jumps begins the hour anew, so a jump that is mended within it leaves nothing.
    """

    def __init__(
        self, seatledger: Seatledger, *, interval: float = INTERVAL, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`monotonic` gives the process's own time in seconds, which nobody sets."""
        super().__init__("days", interval=interval)
        self._seatledger = seatledger
        self._monotonic = monotonic
        self._since: float | None = None
        self._looked_at: tuple[float, datetime] | None = None

    def work(self) -> None:
        """Record the day, if it is time."""
        own_time, moment = self._monotonic(), self._seatledger.clock()
        if self._has_jumped(own_time, moment):
            self._since = None
        self._looked_at = own_time, moment
        id_ = self._seatledger.installation_id
        day = self._seatledger.licensing.day_to_reach(id_)
        if day is None:
            self._since = None
        elif self._since is None:
            self._since = own_time
        elif own_time - self._since >= HOUR:
            self._seatledger.licensing.reach_day(id_, day)

    def complain(self, reason: str) -> None:
        log.error("A day that has come could not be recorded: %s", reason)

    def _has_jumped(self, own_time: float, moment: datetime) -> bool:
        """Whether the clock was set since the last look."""
        if self._looked_at is None:
            return False
        before, shown = self._looked_at
        return abs(moment - shown - timedelta(seconds=own_time - before)) > STEP
