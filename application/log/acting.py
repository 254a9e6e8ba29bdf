"""How a command is done: load the installation, let it act, store what it recorded; asked again after a conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import EventStore, InfrastructureFactory, IntegrityError, PersistenceError
from eventsourcing.utils import Environment, EnvType

from application.clock import Clock
from application.erased_names import ErasedNames, Pepper
from application.log.failures import CONFLICTS, Busy, NoInstallation, storing
from application.log.mapper import AllowedTopicsMapper, PersonKeyGone
from domain.installation import Installation, Stamp

if TYPE_CHECKING:
    from application.log import Log

ATTEMPTS = 10
"""How often a command reloads and asks again when another process was faster."""

TURN_TIMEOUT = 3.0
"""Seconds that a command waits for the other commands of its own process."""

Command = Callable[[Installation, Stamp], None]
"""Asks the rules of an installation and records, with the stamp of the moment at which it does."""


COMMAND_LINE = "cli:"
"""What stands before the name of an operating-system user who gives a command; the log has an id in its place."""


def stamped(installation: Installation, by: str, stamp: Stamp) -> Stamp:
    """The stamp of a command; that of an operating-system user names the operator, who is recorded if need be (P1)."""
    return (
        installation.see_operator(by.removeprefix(COMMAND_LINE), stamp=stamp) if by.startswith(COMMAND_LINE) else stamp
    )


class Acting(Application[UUID]):
    """Loads, lets act, stores. Raises Busy when others were writing all the time, StorageFailed."""

    name = "seatledger"
    mapper: AllowedTopicsMapper
    env = {"AGGREGATE_CACHE_MAXSIZE": "10"}

    def __init__(
        self,
        log: Log,
        clock: Clock,
        examine: Callable[[UUID], object],  # object: whatever it gives is let go
        pepper: Pepper,
    ) -> None:
        """`examine` reads the whole log, and raises the LogUnreadable that names the event that does not fit."""
        self._log = log
        self._clock = clock
        self._examine = examine
        self._turn = Lock()
        self.people = log.people()
        self.erased_names = ErasedNames(self.people, pepper)
        super().__init__()

    def act(self, id_: UUID, command: Command, *, by: str, command_id: UUID | None = None) -> int:
        """Load the installation, let it act, store what it recorded; gives how many events that were.

        Meets a version conflict by asking again, with what the other has stored. Commands of one process take
        turns: that cuts conflicts to a tenth, and the time-out keeps anybody from waiting behind a stuck one.
        """
        command_id = command_id or uuid4()
        for _ in range(ATTEMPTS):
            with suppress(*CONFLICTS), self._in_turn():
                installation = self._loaded(id_)
                stamp = stamped(installation, by, Stamp(by, command_id, self._clock()))
                before = len(installation.pending_events)
                installation.ask_right(stamp)
                command(installation, stamp)
                recorded = len(installation.pending_events) - before
                if recorded:  # nobody is seen by a command that did nothing
                    self._save(installation)
                    self._remember(installation)
                return recorded
        raise Busy

    def load(self, id_: UUID) -> Installation:
        """The installation as it is stored, a copy of one's own. Raises NoInstallation, LogUnreadable."""
        with self._in_turn():
            return self._loaded(id_)

    def store(self, installation: Installation) -> None:
        """Store a new installation."""
        with storing():
            self.save(installation)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Alone with the store among the threads of this process. Raises Busy, StorageFailed.

        Loading takes a turn as well: the library catches the cached installation up in place and copies it
        afterwards, so that a copy made in between would be torn.
        """
        if not self._turn.acquire(timeout=TURN_TIMEOUT):
            raise Busy
        try:
            with storing():
                yield
        finally:
            self._turn.release()

    def _save(self, installation: Installation) -> None:
        """Store what was recorded. Raises PersonKeyGone if a key is gone that nobody's erasure took."""
        known = installation.version - len(installation.pending_events)
        try:
            self.save(installation)
        except PersonKeyGone as gone:
            if self.recorder.select_events(installation.id, gt=known, limit=1):
                raise IntegrityError from gone  # others were quicker; whoever erases, records it
            raise

    def _loaded(self, id_: UUID) -> Installation:
        try:
            installation: Installation = self.repository.get(id_)
        except AggregateNotFoundError:
            raise NoInstallation from None
        except PersistenceError:
            raise
        except Exception:
            self._examine(id_)  # an event that does not fit raises here anything whatever
            raise
        installation.bore_erased = self.erased_names.bore
        return installation

    def forget(self, id_: UUID) -> None:
        """Load the installation from the store the next time, whatever was kept of it."""
        with suppress(KeyError):
            if self.repository.cache is not None:
                self.repository.cache.get(id_, evict=True)

    def _remember(self, installation: Installation) -> None:
        """Keep what was stored, so that the next command need not read its own process's events again."""
        if self.repository.cache is not None:
            self.repository.cache.put(installation.id, installation)

    # How the library is set up

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Only what is said here: the process's environment is read in interface/settings.py alone."""
        return Environment(name, {**type(self).env, **(env or {})})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:  # Any: see Log.recorders
        return self._log.recorders(env)

    def construct_mapper(self) -> AllowedTopicsMapper:
        return AllowedTopicsMapper(self.people.keys_of)

    def construct_event_store(self) -> EventStore[UUID]:
        return BatchedStore(self.mapper, self.recorder)


class BatchedStore(EventStore[UUID]):
    """The library's store, which reads events in batches: the keys of the people in them are read at once."""

    mapper: AllowedTopicsMapper

    def get(
        self,
        originator_id: UUID,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Iterator[DomainEventProtocol[UUID]]:
        stored = self.recorder.select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return self.mapper.to_domain_events(stored)
