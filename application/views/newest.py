"""The projection of one installation, kept in memory and caught up with the log whenever it is read."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import accumulate, islice
from threading import Lock
from uuid import UUID

from application.log.failures import NoInstallation
from application.log.stored import LogReader, StoredEvent
from application.views.entitlement import Entitlement, fold, in_use_change
from domain.installation import Installation
from domain.refusals import Refused

LAST_POSITION = 2**53
"""The largest position that can be asked for; no log is that long, and JSON names no larger number exactly."""

KEPT_VIEWS = 64
"""How many earlier views are kept at most, from which history is folded."""


class NotThatOld(Refused):
    """Asked for a position or moment that the log does not have."""

    code = "no_such_position"


class NotYet(NotThatOld):
    """Asked as of a moment that has not come: what would be answered then is another question (A1)."""

    @property
    def says(self) -> str:
        return "not_yet"


class NewestView:
    """The newest view of an installation, and those of any earlier position.

    Asks the reader whether the log has grown; if not, the view is answered from memory. Views share their maps, so
    keeping some of them makes any earlier state a short fold away.
    """

    def __init__(
        self,
        open_reader: Callable[[], LogReader],
        to_domain_event: Callable[[StoredEvent], Installation.Event],
        installation_id: UUID,
    ) -> None:
        self._open_reader = open_reader
        self._reader = open_reader()
        self._to_domain_event = to_domain_event
        self._installation_id = installation_id
        self._lock = Lock()
        self._version: int | None = None
        self._view: Entitlement | None = None
        self._opened: datetime | None = None
        self._moments, self._positions = array("d"), array("q")
        """When events were recorded and at which positions, without those overtaken by a clock set back since."""
        self._in_use = array("q", [0])
        self._earlier: list[Entitlement] = []
        self._spacing = 1000

    def now(self) -> Entitlement:
        """The view after the newest event. Raises NoInstallation."""
        with self._lock:
            version = self._reader.version()
            if version != self._version:
                self._catch_up()
                self._version = version
            if self._view is None:
                raise NoInstallation
            return self._view

    def at(self, position: int) -> Entitlement:
        """The view after the event at `position`: the same fold over a shorter log (A1). Raises NotThatOld."""
        newest = self.now()
        if not 1 <= position <= newest.position:
            opened = self._opened.astimezone(UTC).isoformat(timespec="seconds") if self._opened else ""
            raise NotThatOld(newest=newest.position, opened=opened)
        if position == newest.position:
            return newest
        with self._lock:
            nearest = next((view for view in reversed(self._earlier) if view.position <= position), None)
        after = nearest.position if nearest else 0
        with closing(self._open_reader()) as reader:
            stored = reader.events(self._installation_id, after=after, upto=position)
            view = fold(nearest, map(self._to_domain_event, stored))
        if view is None or view.position != position:
            raise NoInstallation
        return view

    def position_as_of(self, moment: datetime) -> int:
        """The position of the last event that is not after the moment; 0 if there is none (A1)."""
        self.now()
        with self._lock:
            index = bisect_right(self._moments, moment.timestamp())
            return self._positions[index - 1] if index else 0

    def in_use_at(self, position: int) -> int:
        """In use after the event at `position`, which is not after the newest view given; 0 before the first."""
        return self._in_use[position]

    def close(self) -> None:
        self._reader.close()

    def _catch_up(self) -> None:
        position = self._view.position if self._view else 0
        stored = self._reader.events(self._installation_id, after=position)
        events = map(self._to_domain_event, stored)
        while batch := list(islice(events, self._spacing - position % self._spacing)):
            self._view = fold(self._view, batch)
            position += len(batch)
            self._opened = self._opened or batch[0].timestamp
            for event in batch:
                self._note_moment(event.timestamp.timestamp(), event.originator_version)
            in_use = accumulate(map(in_use_change, batch), initial=self._in_use[-1])
            self._in_use.extend(islice(list(in_use), 1, None))
            if self._view and self._view.position % self._spacing == 0:
                self._keep(self._view)

    def _note_moment(self, seconds: float, position: int) -> None:
        while self._moments and self._moments[-1] >= seconds:
            self._moments.pop()
            self._positions.pop()
        self._moments.append(seconds)
        self._positions.append(position)

    def _keep(self, view: Entitlement) -> None:
        self._earlier.append(view)
        if len(self._earlier) > KEPT_VIEWS:
            self._spacing *= 2
            self._earlier = [view for view in self._earlier if view.position % self._spacing == 0]
