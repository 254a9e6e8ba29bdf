"""The projection of one installation, kept in memory and caught up with the log whenever it is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from threading import Lock
from time import perf_counter
from uuid import UUID

from application.clock import Clock
from application.log.failures import DatabaseAway, LogUnreadable, NoInstallation, ReadingHistory, database_errors
from application.log.mapper import ReadEvents
from application.log.stored import EventReader, LogVersion, StoredEvent
from application.proof.verify_export import leaf
from application.views.absence import Absence
from application.views.day_view import DayView
from application.views.deeds import Deed
from application.views.entitlement import Entitlement, fold
from application.views.folding import Folding, Judge, Registration
from application.views.name_changes import NameChanges
from application.views.people_index import PeopleIndex
from domain.installation import Installation
from domain.local_time import end_of_day, spelled_at
from domain.refusals import Refused

LAST_POSITION = 2**53
"""The largest position that can be asked for; no log is that long, and JSON names no larger number exactly."""

Begin = Callable[[EventReader, Judge], Folding | None]


def from_nothing(_reader: EventReader, _contradicts: Judge) -> None:
    """Without a snapshot, the whole log is folded."""


TAKING_PATIENCE = 0.1
"""Seconds that whoever has stored waits for others who look at the log just now, and who will find it there."""

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
        begin: Begin = from_nothing,
    ) -> None:
        """`begin` gives what a snapshot knows, from which the first look goes on."""
        self._open_reader = open_reader
        self._reader = open_reader()
        self._read_events = read_events
        self._installation_id = installation_id
        self._contradicts, self._on_loss = contradicts, on_loss
        self._clock, self._begin = clock, begin
        self._lock = Lock()
        self._absence = Absence(self._is_back)
        self._recorded_at = -math.inf
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Know nothing of the log."""
        self._version: LogVersion | None = None
        self._looked_at = -math.inf
        self._folding = Folding(self._installation_id, self._contradicts)
        self._met: tuple[int, bytes] | None = None
        """The position and the leaf of the newest event that was met in the log itself."""
        self._earlier: list[Entitlement] = []
        self._spacing = 1000
        self._is_whole = True

    def now(self, since: float | None = None, *, patience: float = -1) -> Entitlement:
        """The view after the newest event. Raises NoInstallation; DatabaseAway, once a view was known.

        `since` is when the question came (`time.perf_counter`): a look at the log that began after it is good enough.
        `patience` is how many seconds it waits for others who look, without end if that is not said; then it raises
        ReadingHistory.
        """
        if self._absence.is_on:
            raise self._absence.error()
        with self._alone(patience):
            if self._absence.is_on:
                raise self._absence.error()
            view = self._folding.view
            if since is not None and view is not None and self._looked_at > max(since, self._recorded_at):
                return view
            try:
                return self._look()
            except database_errors() as error:
                if view is None:
                    raise
                age = timedelta(seconds=perf_counter() - self._looked_at)
                self._absence.begin(error, self._clock() - age, self._looked_at)
                raise self._absence.error() from error

    def known(self, *, patience: float = -1) -> tuple[Entitlement, bytes] | None:
        """The view as it was last known, and the leaf of its newest event; None before the first. Asks nobody.

        Raises DatabaseAway; ReadingHistory as `now` does.
        """
        if self._absence.is_on:
            raise self._absence.error()
        with self._alone(patience):
            return (self._folding.view, self._folding.newest_leaf) if self._folding.view else None

    def take(self, rows: Sequence[StoredEvent], events: Sequence[Installation.Event]) -> None:
        """Take events that this very process has stored, as they are stored and as they will be read.

        Lets them be if they do not follow what is known, or others look just now: then the next look reads them.
        """
        if self._lock.acquire(timeout=TAKING_PATIENCE):
            try:
                while rows and self._folding.view and self._folding.position == rows[0].originator_version - 1:
                    number = self._most_after(self._folding.view)
                    self._follow(rows[:number], events[:number])
                    rows, events = rows[number:], events[number:]
            except LogUnreadable:
                self._begin_anew()  # whoever asks next is told
            finally:
                self._lock.release()

    def last_known(self, since: float | None = None, *, at_most: float) -> tuple[Entitlement, datetime | None]:
        """The view after the newest event; while the database is away, the last one, and since when it may be old.

        `at_most` is how many seconds old it may be. Raises NoInstallation, DatabaseAway.
        """
        try:
            return self.now(since), None
        except DatabaseAway:
            view = self._folding.view
            if view is None or self._absence.is_longer_than(at_most):
                raise
            return view, self._absence.since

    def at_once(self, since: float) -> Entitlement | None:
        """The view that `now` gives, if nobody has to wait for that, for a thread or the network; else None."""
        if self._absence.is_on:
            return None
        if self._looked_at > since and self._looked_at > self._recorded_at:
            return self._folding.view  # or one of later events, which somebody folds just now
        if not self._reader.tells_at_once() or not self._lock.acquire(blocking=False):
            return None
        try:
            return self._folding.view if self._is_same() else None
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
            first = self._folding.opened
            opened = spelled_at(first, newest.time_zone) if first else ""
            raise NotThatOld(newest=newest.position, opened=opened, time_zone=newest.time_zone)
        if position == newest.position:
            return newest
        with self._lock:
            view = next((view for view in reversed(self._earlier) if view.position <= position), None)
        with closing(self._open_reader()) as reader:
            stored = reader.events(self._installation_id, after=view.position if view else 0, upto=position)
            while rows := list(islice(stored, self._most_after(view))):
                view = fold(view, self._read_events(rows), self._folding.contradicted)
                if view and not self._is_whole:
                    self._keep_of_then(view, newest)
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
            return self._folding.position_as_of(moment)

    def in_use_at(self, position: int) -> int:
        """In use after the event at `position`, which is not after the newest view given; 0 before the first."""
        return self._folding.in_use[position]

    def deed_around(self, position: int) -> Deed | None:
        """What the event at `position`, which is not after the newest view given, was recorded with by its command."""
        return self._folding.deeds.around(position)

    @property
    def name_changes(self) -> NameChanges:
        """Whose names changed lately in the log as it is known now."""
        return self._folding.name_changes

    @property
    def people(self) -> PeopleIndex:
        """Which events are about whom, and by whom, in the log as it is known now."""
        return self._folding.people

    @property
    def product(self) -> str:
        """The product of the installation; empty before the first view was asked for."""
        return self._folding.product

    @property
    def contradicted(self) -> frozenset[int]:
        """The positions of the registrations that their license keys contradict."""
        return frozenset(self._folding.contradicted)

    def newest_moment(self) -> datetime | None:
        """When the newest event was recorded."""
        self.now()
        return self._folding.newest_moment

    def registrations(self) -> list[Registration]:
        """Every registration of the newest view, the oldest first."""
        self.now()
        with self._lock:
            return list(self._folding.registrations.values())

    def stopped(self) -> Folding:
        """What is known now, with which nobody goes on."""
        self.now()
        with self._lock:
            return self._folding.stopped()

    def fold_anew(self) -> None:
        """Forget everything: the next question folds from nothing, and so judges every registration again."""
        with self._lock:
            self._begin_anew()

    def close(self) -> None:
        self._absence.close()
        self._reader.close()

    @contextmanager
    def _alone(self, patience: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=patience):
            raise ReadingHistory
        try:
            yield
        finally:
            self._lock.release()

    def _look(self) -> Entitlement:
        """Ask whether the log has grown, and read what is new."""
        looked_at = perf_counter()
        version = self._reader.version(self._installation_id)
        if version != self._version:
            if self._folding.view is None:
                self._go_on_from_snapshot()
            if self._folding.view is None or self._look_back():
                self._catch_up()
            self._version, self._met = version, (self._folding.position, self._folding.newest_leaf)
        if self._folding.view is None:
            raise NoInstallation
        self._looked_at = looked_at
        return self._folding.view

    def _go_on_from_snapshot(self) -> None:
        folding = self._begin(self._reader, self._contradicts)
        if folding is not None:
            self._folding, self._is_whole = folding, False

    def _is_same(self) -> bool:
        """Whether nothing was committed since the last look."""
        looked_at = perf_counter()
        if self._reader.version(self._installation_id) != self._version:
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
        stored = self._reader.events(self._installation_id, after=self._folding.position)
        while rows := list(islice(stored, self._most_after(self._folding.view))):
            self._follow(rows, list(self._read_events(rows)))

    def _most_after(self, view: Entitlement | None) -> int:
        """How many events may be folded after a view until one is kept."""
        return self._spacing - (view.position if view else 0) % self._spacing

    def _follow(self, rows: Sequence[StoredEvent], events: Sequence[Installation.Event]) -> None:
        folding = self._folding
        folding.take(rows, events)
        if any(isinstance(event, Installation.PersonErased) for event in events):
            self._earlier.clear()  # they still know the name (P5)
        if folding.view and self._is_whole:
            self._keep(folding.view)

    def _look_back(self) -> bool:
        """Whether there is anything to catch up with: most writes are not the log's.

        The newest known event must stand in the log as it did, beside its leaf, and so must the newest one that was met
        in the log, if this process has stored others since; if one is gone, begin anew. One that was altered in its
        place, beside the leaf that it had, is told as well; but what it said is known, and nobody must answer from what
        an attacker made of it.
        """
        newest = self._folding.position, self._folding.newest_leaf
        for position, known in dict.fromkeys((self._met or newest, newest)):
            records = self._reader.at_and_after(self._installation_id, position)
            record = records[0] if records and records[0].position == position else None
            if record is None or record.topic is None or record.leaf != known:
                self._on_loss(position, False)
                self._begin = from_nothing
                self._begin_anew()
                return True
            if leaf(self._installation_id, position, record.topic, record.state) != known:
                self._on_loss(position, True)
        return len(records) > 1

    def _keep_of_then(self, view: Entitlement, newest: Entitlement) -> None:
        """Keep a view that was folded for a question, where a snapshot spared the fold that keeps them all."""
        with self._lock:
            now = self._folding.view
            is_next = not self._earlier or self._earlier[-1].position < view.position
            if is_next and now is not None and now.erased is newest.erased:  # else it may still know a name (P5)
                self._keep(view)

    def _keep(self, view: Entitlement) -> None:
        """Keep a view from which earlier ones are folded; never one that rests on a snapshot (A1)."""
        if view.position % self._spacing:
            return
        self._earlier.append(view)
        if len(self._earlier) > KEPT_VIEWS:
            self._spacing *= 2
            self._earlier = [view for view in self._earlier if view.position % self._spacing == 0]
