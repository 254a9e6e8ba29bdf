"""Today: a view as it is seen on the installation's day."""

from __future__ import annotations

from datetime import datetime, timedelta

from application.clock import Clock
from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from domain.installation import local_day

NO_TIME, A_SECOND = timedelta(), timedelta(seconds=1)


class Today:
    """Gives the very same DayView as long as view and day are the same: whoever has seen it needs to compare nothing.

    Threads may share it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: tuple[DayView, datetime] | None = None
        """The newest of them, and the beginning of the second in which it was given: no day ends in it."""

    def of(self, view: Entitlement, stale_since: datetime | None = None) -> DayView:
        """The view on the day that the clock and its newest event say (L3)."""
        moment = self._clock()
        if stale_since is None and self._newest is not None:
            newest, second = self._newest
            if newest.view is view and NO_TIME <= moment - second < A_SECOND:
                return newest
        clock_day = local_day(moment, view.time_zone)
        today = DayView(view, max(clock_day, view.day), clock_day, stale_since)
        return today if stale_since is not None else self._keep(today, moment)

    def _keep(self, today: DayView, moment: datetime) -> DayView:
        if self._newest is not None:
            newest, _ = self._newest
            if newest.view is today.view and newest.clock_day == today.clock_day:
                today = newest
        self._newest = today, moment.replace(microsecond=0)
        return today
