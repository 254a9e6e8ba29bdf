"""The projection of one installation, kept in memory and caught up with the log whenever it is read."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from threading import Lock
from time import perf_counter
from uuid import UUID

from application.clock import Clock
from application.log.failures import DatabaseAway, NoInstallation, database_errors
from application.log.mapper import ReadEvents
from application.log.stored import EventReader, LogVersion
from application.proof.verify_export import leaf
from application.views.absence import Absence
from application.views.day_view import DayView
from application.views.deeds import Deed, Deeds
from application.views.entitlement import Entitlement, fold
from domain.installation import Installation
from domain.local_time import end_of_day, spelled_at
from domain.refusals import Refused

LAST_POSITION = 2**53
"""The largest position that can be asked for; no log is that long, and JSON names no larger number exactly."""

KEPT_VIEWS = 64
"""How many earlier views are kept at most, from which history is folded."""


class NotThatOld(Refused):
    """Asked for a position or moment that the log does not have."""

    code = "no_such_position"


class NotYet(NotThatOld):
    """Asked as of a moment that has not come: what would be answered then is another question (A1).

    With a fact `day`, it is a day that is not over.
    """

    @property
    def says(self) -> str:
        return "day_not_over" if "day" in self.facts else "not_yet"


class DayBeforeEvent(Refused):
    """Asked what an event would have meant on a day before its own."""

    code = "day_past"

    @property
    def says(self) -> str:
        return "day_before_event"


Registration = Installation.LicenseRegistered

Judge = Callable[[Registration, str], bool]
"""Whether the license key that a registration carries contradicts it; asked with the installation's product."""


class NewestView:
    """The newest view of an installation, and those of any earlier position.

    Asks the reader whether the log has grown; if not, the view is answered from memory. Whoever has waited for a
    thread since before somebody else's look needs none: many questions at once share one. Views share their maps, so
    keeping some of them makes any earlier state a short fold away.

    Whenever the log has changed, the newest known event must still stand there with its leaf. If not, the store went
    back (rows were removed, its file was replaced): `on_loss` is told that position, and all is folded from nothing.
    It is told with True if the event was altered in its place.
    """

    def __init__(
        self,
        open_reader: Callable[[], EventReader],
        read_events: ReadEvents,
        installation_id: UUID,
        *,
        contradicts: Judge = lambda _registration, _product: False,
        on_loss: Callable[[int, bool], None] = lambda _position, _is_altered: None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._open_reader = open_reader
        self._reader = open_reader()
        self._read_events = read_events
        self._installation_id = installation_id
        self._contradicts, self._on_loss = contradicts, on_loss
        self._clock = clock
        self._lock = Lock()
        self._absence = Absence(self._is_back)
        self._recorded_at = -math.inf
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Know nothing of the log."""
        self._version: LogVersion | None = None
        self._looked_at = -math.inf
        self._view: Entitlement | None = None
        self._newest_moment: datetime | None = None
        self._newest_leaf = b""
        self._product = ""
        self._registrations: dict[int, Registration] = {}
        self._contradicted: set[int] = set()
        self._opened: datetime | None = None
        self._moments, self._positions = array("d"), array("q")
        """When events were recorded and at which positions, without those overtaken by a clock set back since."""
        self._in_use = array("q", [0])
        self._deeds = Deeds()
        self._earlier: list[Entitlement] = []
        self._spacing = 1000

    def now(self, since: float | None = None) -> Entitlement:
        """The view after the newest event. Raises NoInstallation; DatabaseAway, once a view was known.

        `since` is when the question came (`time.perf_counter`): a look at the log that began after it is good enough.
        """
        if self._absence.is_on:
            raise self._absence.error()
        with self._lock:
            if self._absence.is_on:
                raise self._absence.error()
            if since is not None and self._view is not None and self._looked_at > max(since, self._recorded_at):
                return self._view
            try:
                return self._look()
            except database_errors() as error:
                if self._view is None:
                    raise
                age = timedelta(seconds=perf_counter() - self._looked_at)
                self._absence.begin(error, self._clock() - age, self._looked_at)
                raise self._absence.error() from error

    def last_known(self, since: float | None = None, *, at_most: float) -> tuple[Entitlement, datetime | None]:
        """The view after the newest event; while the database is away, the last one, and since when it may be old.

        `at_most` is how many seconds old it may be. Raises NoInstallation, DatabaseAway.
        """
        try:
            return self.now(since), None
        except DatabaseAway:
            if self._view is None or self._absence.is_longer_than(at_most):
                raise
            return self._view, self._absence.since

    def at_once(self, since: float) -> Entitlement | None:
        """The view that `now` gives, if nobody has to wait for that, for a thread or the network; else None."""
        if self._absence.is_on or not self._lock.acquire(blocking=False):
            return None
        try:
            return self._view if self._looked_at > max(since, self._recorded_at) or self._is_same() else None
        except database_errors():  # the next question that may wait meets it, and notes it
            return None
        finally:
            self._lock.release()

    def look_again(self) -> None:
        """Let no look from before now be good enough: something was recorded by this very process."""
        self._recorded_at = perf_counter()

    def at(self, position: int) -> Entitlement:
        """The view after the event at `position`: the same fold over a shorter log (A1). Raises NotThatOld."""
        newest = self.now()
        if not 1 <= position <= newest.position:
            opened = spelled_at(self._opened, newest.time_zone) if self._opened else ""
            raise NotThatOld(newest=newest.position, opened=opened, time_zone=newest.time_zone)
        if position == newest.position:
            return newest
        with self._lock:
            nearest = next((view for view in reversed(self._earlier) if view.position <= position), None)
        after = nearest.position if nearest else 0
        with closing(self._open_reader()) as reader:
            stored = reader.events(self._installation_id, after=after, upto=position)
            view = fold(nearest, self._read_events(stored), self._contradicted)
        if view is None or view.position != position:
            raise NoInstallation
        return view

    def on_day_at(self, position: int, day: date | None = None) -> DayView:
        """What was answered after the event at `position` on a day, that of the event if none is said (A1).

        Raises NotThatOld, DayBeforeEvent.
        """
        view = self.at(position)
        if day is not None and day < view.day:
            raise DayBeforeEvent(day=day, position=position, event_day=view.day)
        return DayView(view, day or view.day)

    def on_day_as_of(self, when: datetime | date, now: datetime) -> DayView:
        """What was answered at a moment, or at the end of a day: after the last event not after it, on its day (A1).

        Raises NotThatOld, DayNeverWas, and NotYet if it comes after `now`.
        """
        zone = self.now().time_zone
        moment = when if isinstance(when, datetime) else end_of_day(when, zone)
        if moment > now:
            day = {} if isinstance(when, datetime) else {"day": when}
            raise NotYet(now=spelled_at(now, zone), time_zone=zone, **day)
        view = self.at(self.position_as_of(moment))
        return DayView(view, view.day_at(moment))

    def position_as_of(self, moment: datetime) -> int:
        """The position of the last event that is not after the moment; 0 if there is none (A1)."""
        self.now()
        with self._lock:
            index = bisect_right(self._moments, moment.timestamp())
            return self._positions[index - 1] if index else 0

    def in_use_at(self, position: int) -> int:
        """In use after the event at `position`, which is not after the newest view given; 0 before the first."""
        return self._in_use[position]

    def deed_around(self, position: int) -> Deed | None:
        """What the event at `position`, which is not after the newest view given, was recorded with by its command."""
        return self._deeds.around(position)

    @property
    def product(self) -> str:
        """The product of the installation; empty before the first view was asked for."""
        return self._product

    @property
    def contradicted(self) -> frozenset[int]:
        """The positions of the registrations that their license keys contradict."""
        return frozenset(self._contradicted)

    def newest_moment(self) -> datetime | None:
        """When the newest event was recorded."""
        self.now()
        return self._newest_moment

    def registrations(self) -> list[Registration]:
        """Every registration of the newest view, the oldest first."""
        self.now()
        with self._lock:
            return list(self._registrations.values())

    def fold_anew(self) -> None:
        """Forget everything: the next question folds from nothing, and so judges every registration again."""
        with self._lock:
            self._begin_anew()

    def close(self) -> None:
        self._absence.close()
        self._reader.close()

    def _look(self) -> Entitlement:
        """Ask whether the log has grown, and read what is new."""
        looked_at = perf_counter()
        version = self._reader.version(self._installation_id)
        if version != self._version:
            if self._view is None or self._look_back(self._view.position):
                self._catch_up()
            self._version = version
        if self._view is None:
            raise NoInstallation
        self._looked_at = looked_at
        return self._view

    def _is_same(self) -> bool:
        """Whether nothing was committed since the last look, as far as that is told without waiting."""
        looked_at = perf_counter()
        if not self._reader.tells_at_once() or self._reader.version(self._installation_id) != self._version:
            return False
        self._looked_at = looked_at
        return True

    def _is_back(self) -> bool:
        """Look by a new connection, as the old one may be beyond use."""
        try:
            with self._lock:
                self._reader.close()
                self._reader = self._open_reader()
                self._version = None
                self._look()
        except Exception:  # whatever it is, the next question that may be asked is told
            return False
        return True

    def _catch_up(self) -> None:
        position = self._view.position if self._view else 0
        stored = self._reader.events(self._installation_id, after=position)
        while rows := list(islice(stored, self._spacing - position % self._spacing)):
            batch = list(self._read_events(rows))
            self._judge(batch)
            self._view = fold(self._view, batch, self._contradicted, self._in_use.append)
            position += len(batch)
            self._newest_moment = batch[-1].timestamp
            self._newest_leaf = leaf(self._installation_id, position, rows[-1].topic, rows[-1].state)
            self._opened = self._opened or batch[0].timestamp
            for event in batch:
                self._note_moment(event.timestamp.timestamp(), event.originator_version)
                self._deeds.note(event)
                if isinstance(event, Installation.PersonErased):
                    self._earlier.clear()  # they still know the name (P5)
            if self._view and self._view.position % self._spacing == 0:
                self._keep(self._view)

    def _judge(self, batch: list[Installation.Event]) -> None:
        """Ask of each registration, once, whether its license key contradicts it."""
        for event in batch:
            if isinstance(event, Installation.InstallationOpened):
                self._product = event.product
            elif isinstance(event, Registration):
                self._registrations[event.originator_version] = event
                if self._contradicts(event, self._product):
                    self._contradicted.add(event.originator_version)

    def _look_back(self, position: int) -> bool:
        """Whether there is anything to catch up with: most writes are not the log's.

        The newest known event must stand in the log as it did, beside its leaf; if it is gone, begin anew. One that was
        altered in its place, beside the leaf that it had, is told as well; but what it said is known, and nobody must
        answer from what an attacker made of it.
        """
        records = self._reader.at_and_after(self._installation_id, position)
        record = records[0] if records and records[0].position == position else None
        if record is None or record.topic is None or record.leaf != self._newest_leaf:
            self._on_loss(position, False)
            self._begin_anew()
            return True
        if leaf(self._installation_id, position, record.topic, record.state) != self._newest_leaf:
            self._on_loss(position, True)
        return len(records) > 1

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
