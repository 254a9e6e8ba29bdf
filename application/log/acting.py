"""How a command is done: load the installation, let it act, store what it recorded; asked again after a conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import EventStore, InfrastructureFactory, IntegrityError, PersistenceError
from eventsourcing.utils import Environment, EnvType

from application.clock import Clock
from application.erased_names import ErasedNames, Pepper
from application.log.failures import CONFLICTS, Busy, NoInstallation, database_errors, storing
from application.log.mapper import AllowedTopicsMapper, PersonKeyGone
from application.log.turns import Turns
from domain.installation import Installation, Stamp

if TYPE_CHECKING:
    from application.log import Log

ATTEMPTS = 10
"""How often a command reloads and asks again when another process was faster."""

MOST_EVENTS = 1000
"""How many events are stored at once, if several commands are (one of an import alone may record so many)."""

Command = Callable[[Installation, Stamp], None]
"""Asks the rules of an installation and records, with the stamp of the moment at which it does."""


COMMAND_LINE = "cli:"
"""What stands before the name of an operating-system user who gives a command; the log has an id in its place."""


def stamped(installation: Installation, by: str, stamp: Stamp) -> Stamp:
    """The stamp of a command; that of an operating-system user names the operator, who is recorded if need be (P1)."""
    return (
        installation.see_operator(by.removeprefix(COMMAND_LINE), stamp=stamp) if by.startswith(COMMAND_LINE) else stamp
    )


@dataclass(eq=False)
class Asked:
    """A command that waits for its turn, and what became of it: how many events it recorded, or why not."""

    id_: UUID
    command: Command
    by: str
    command_id: UUID
    recorded: int = 0
    error: BaseException | None = None


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
        self._turns = Turns(self._do)
        self.people = log.people()
        self.erased_names = ErasedNames(self.people, pepper)
        super().__init__()

    def act(self, id_: UUID, command: Command, *, by: str, command_id: UUID | None = None) -> int:
        """Load the installation, let it act, store what it recorded; gives how many events that were.

        Commands of one process take turns, and those that wait are stored together with the next: that cuts conflicts
        with other processes to a tenth, and commits. A refusal of one leaves the others as they are.
        """
        asked = Asked(id_, command, by, command_id or uuid4())
        self._turns.take(asked)
        if asked.error is not None:
            raise asked.error
        return asked.recorded

    def _do(self, batch: list[Asked]) -> int:
        """Do the first commands of a batch, those of one installation; gives how many these were."""
        together = list(takewhile(lambda each: each.id_ == batch[0].id_, batch))
        try:
            return self._stored(together)
        except PersonKeyGone as gone:
            if len(together) > 1:  # of one of them; the others are not to blame
                return self._do(batch[:1])
            together[0].error = gone
            return 1
        except BaseException as error:  # whatever it is, it is for whoever asked, in whose thread it is raised again
            for each in together:
                each.error = error
            return len(together)

    def _stored(self, together: list[Asked]) -> int:
        """Let commands act on what is stored now, one after another, and store what they recorded.

        Meets a version conflict by asking all of them again, with what the other has stored. Raises Busy,
        StorageFailed, and whatever keeps the installation from being loaded.
        """
        for _ in range(ATTEMPTS):
            with suppress(*CONFLICTS), storing():
                installation = self._loaded(together[0].id_)
                done = 0
                for each in together:
                    installation = self._acted(installation, each)
                    done += 1
                    if len(installation.pending_events) >= MOST_EVENTS:
                        break
                if installation.pending_events:
                    self._save(installation)
                    self._remember(installation)
                return done
        raise Busy

    def _acted(self, installation: Installation, asked: Asked) -> Installation:
        """The installation after a command, or as it was before one that is refused or records nothing."""
        asked.recorded, asked.error = 0, None
        after = deepcopy(installation)  # shallow, as the aggregate has it
        try:
            stamp = stamped(after, asked.by, Stamp(asked.by, asked.command_id, self._clock()))
            before = len(after.pending_events)
            after.ask_right(stamp)
            asked.command(after, stamp)
        except database_errors():
            raise
        except Exception as refusal:
            asked.error = refusal
            return installation
        asked.recorded = len(after.pending_events) - before
        return after if asked.recorded else installation  # nobody is seen by a command that did nothing

    def load(self, id_: UUID) -> Installation:
        """The installation as it is stored, a copy of one's own. Raises NoInstallation, LogUnreadable, Busy.

        That takes a turn as well: the library catches the cached installation up in place and copies it afterwards, so
        that a copy made in between would be torn.
        """
        with self._turns.alone(), storing():
            return self._loaded(id_)

    def store(self, installation: Installation) -> None:
        """Store a new installation."""
        with storing():
            self.save(installation)

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
