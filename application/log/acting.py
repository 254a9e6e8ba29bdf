"""How a command is done: load the installation, let it act, store what it recorded; asked again after a conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import takewhile
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    EventStore,
    InfrastructureFactory,
    IntegrityError,
    Notification,
    Recording,
    StoredEvent,
)
from eventsourcing.utils import Environment, EnvType

from application.clock import Clock
from application.erased_names import ErasedNames, Pepper
from application.log.failures import (
    CONFLICTS,
    Busy,
    DoesNotFollow,
    OutcomeUnknown,
    ReplyLost,
    database_errors,
    storing,
)
from application.log.mapper import AllowedTopicsMapper, PersonKeyGone
from application.log.turns import TURN_TIMEOUT, Turns
from domain.installation import Installation, Stamp

if TYPE_CHECKING:
    from application.log import Log

ATTEMPTS = 10
"""How often a command reloads and asks again when another process was faster."""

MOST_EVENTS = 1000
"""How many events are stored at once, if several commands are (one of an import alone may record so many)."""

Command = Callable[[Installation, Stamp], None]
"""Asks the rules of an installation and records, with the stamp of the moment at which it does."""


class Repeatable(NamedTuple):
    """The id of a command that may come again, and a position that the log had before it came for the first time.

    If the log has it after that, it is done, and not done again (ADR 50).
    """

    command_id: UUID
    after: int


CommandId = UUID | Repeatable


COMMAND_LINE = "cli:"
"""What stands before the name of an operating-system user who gives a command; the log has an id in its place."""


def stamped(installation: Installation, by: str, stamp: Stamp) -> Stamp:
    """The stamp of a command; that of an operating-system user names the operator, who is recorded if need be (P1)."""
    return (
        installation.see_operator(by.removeprefix(COMMAND_LINE), stamp=stamp) if by.startswith(COMMAND_LINE) else stamp
    )


@dataclass(eq=False)
class WaitingCommand:
    """A command that waits for its turn, and what became of it: the events that it recorded, or why not."""

    id_: UUID
    command: Command
    by: str
    command_id: UUID
    after: int | None
    events: list[Installation.Event] = field(default_factory=list)
    error: BaseException | None = None


class Known(NamedTuple):
    """An installation as it was last known, and the leaf of its newest event."""

    installation: Installation
    leaf: bytes


class Installations(Protocol):
    """Where installations come from, which commands act on copies of (see application.installations)."""

    def newest(self, id_: UUID) -> Installation: ...
    def known(self, id_: UUID) -> Known | None: ...
    def take(self, id_: UUID, stored: Sequence[StoredEvent], events: Sequence[Installation.Event]) -> None: ...


class Acting(Application[UUID]):
    """Loads, lets act, stores. Raises Busy when others were writing all the time, StorageFailed, OutcomeUnknown."""

    name = "seatledger"
    mapper: AllowedTopicsMapper

    def __init__(
        self,
        log: Log,
        clock: Clock,
        installations: Installations,
        pepper: Pepper,
    ) -> None:
        self._log = log
        self._clock = clock
        self._installations = installations
        self._turns = Turns(self._do)
        self.people = log.people()
        self.erased_names = ErasedNames(self.people, pepper)
        super().__init__()

    def act(
        self, id_: UUID, command: Command, *, by: str, command_id: CommandId | None = None
    ) -> list[Installation.Event]:
        """Take the installation as it is now, let it act, store what it recorded; gives these events.

        A Repeatable command that the log has already is not done again: it gives the events of the first time.
        Commands of one process take turns, and those that wait are stored together with the next: that cuts conflicts
        with other processes to a tenth, and commits. A refusal of one leaves the others as they are.
        """
        own_id, after = command_id if isinstance(command_id, Repeatable) else (command_id or uuid4(), None)
        waiting = WaitingCommand(id_, command, by, own_id, after)
        self._turns.take(waiting)
        if waiting.error is not None:
            raise waiting.error
        return waiting.events

    def _do(self, batch: list[WaitingCommand]) -> int:
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

    def _stored(self, together: list[WaitingCommand]) -> int:
        """Let commands act one after another, and store what they recorded.

        They act on what was last known, without a question: the log takes events only right after the one that was
        known. What is told of a command that recorded nothing must be true of what is stored now, so then the log is
        asked. Meets a conflict by asking all of them again, with what the other has stored. Raises Busy, StorageFailed,
        and whatever keeps the installation from being loaded.
        """
        id_, end = together[0].id_, monotonic() + TURN_TIMEOUT
        for attempt in range(ATTEMPTS):
            if attempt and monotonic() > end:
                break
            with suppress(*CONFLICTS), storing():
                known = None if attempt else self._installations.known(id_)
                installation = self._ready(known.installation if known else self._installations.newest(id_))
                for number, each in enumerate(together, 1):  # noqa: B007  how many of them came to it
                    installation = self._acted(installation, each)
                    if len(installation.pending_events) >= MOST_EVENTS:
                        break
                if known and not all(each.events for each in together[:number]) and not self._is_newest(id_, known):
                    continue
                if installation.pending_events:
                    self._save(installation, known.leaf if known else None)
                return number
        raise Busy

    def _is_newest(self, id_: UUID, known: Known) -> bool:
        """Whether the log has nothing but what was known; asks it."""
        self._installations.newest(id_)
        now = self._installations.known(id_)
        return now is not None and now.leaf == known.leaf

    def _acted(self, installation: Installation, waiting: WaitingCommand) -> Installation:
        """The installation after a command, or as it was before one that is refused or records nothing."""
        waiting.events, waiting.error = self._events_of(installation, waiting.command_id, waiting.after), None
        if waiting.events:
            return installation
        after = deepcopy(installation)  # shallow, as the aggregate has it
        try:
            stamp = stamped(after, waiting.by, Stamp(waiting.by, waiting.command_id, self._clock()))
            before = len(after.pending_events)
            after.ask_right(stamp)
            waiting.command(after, stamp)
        except database_errors():
            raise
        except Exception as refusal:
            waiting.error = refusal
            return installation
        waiting.events = cast(list[Installation.Event], after.pending_events[before:])
        return after if waiting.events else installation  # nobody is seen by a command that did nothing

    def has_done(self, id_: UUID, command_id: Repeatable) -> bool:
        """Whether the log has this command."""
        return bool(self._events_of(self.load(id_), *command_id))

    def _events_of(self, installation: Installation, id_: UUID, after: int | None) -> list[Installation.Event]:
        """What a Repeatable command stored when it came before; that a key of it was refused is nothing done."""
        if after is None:
            return []
        command_id, stored = str(id_), installation.version - len(installation.pending_events)
        events = []
        for start in range(after, stored, MOST_EVENTS):
            end = min(start + MOST_EVENTS, stored)
            batch = self.recorder.select_events(installation.id, gt=start, lte=end)
            events += [each for each in batch if command_id.encode() in each.state]
        return [
            event
            for event in self.mapper.to_domain_events(events)
            if event.command_id == command_id and not isinstance(event, Installation.LicenseKeyRefused)
        ]

    def load(self, id_: UUID) -> Installation:
        """The installation as it is stored, a copy of one's own. Raises NoInstallation, LogUnreadable, Busy."""
        with storing():
            return self._ready(self._installations.newest(id_))

    def store(self, installation: Installation) -> None:
        """Store a new installation."""
        with storing():
            self.save(installation)

    def _save(self, installation: Installation, after: bytes | None) -> None:
        """Store what was recorded, right after the event with the leaf `after` if that is said.

        A reply may be lost although all is stored: then the log itself is asked.
        Raises PersonKeyGone if a key is gone that nobody's erasure took, and OutcomeUnknown if the log cannot be asked
        or nothing of it stands in the log yet: a server that was cut off in the midst of it may still store it.
        """
        known = installation.version - len(installation.pending_events)
        first = cast(Installation.Event, installation.pending_events[0])
        try:
            stored = self._put(installation, after)
        except PersonKeyGone as gone:
            if self.recorder.select_events(installation.id, gt=known, limit=1):
                raise IntegrityError from gone  # others were quicker; whoever erases, records it
            raise
        except DoesNotFollow:  # said of this very try
            raise
        except CONFLICTS as conflict:  # also of a retry within the library, whose first try was stored
            try:
                is_stored = self._is_stored(first)
            except database_errors():
                raise OutcomeUnknown from conflict
            if not is_stored:
                raise
        except ReplyLost as lost:
            with suppress(*database_errors()):
                if self._is_stored(first):
                    return
            raise OutcomeUnknown from lost
        else:
            self._take(stored)

    def _put(self, installation: Installation, after: bytes | None) -> list[Recording[UUID]]:
        """What the library's `save` does, but for what it asks and tells others, of whom there are none here."""
        return self.events.put(installation.collect_events(), after=after)

    def _take(self, stored: list[Recording[UUID]]) -> None:
        """Let what was stored be known without reading it again; but of whom it erases, no name is known any more."""
        rows = [each.notification for each in stored]
        recorded = [cast(Installation.Event, each.domain_event) for each in stored]
        id_ = recorded[0].originator_id
        if any(isinstance(event, Installation.PersonErased) for event in recorded):
            with suppress(Busy, *database_errors()):  # it is stored, whatever the next question is told
                self._installations.newest(id_)
        else:
            self._installations.take(id_, rows, self.mapper.as_read(rows, recorded))

    def _is_stored(self, event: Installation.Event) -> bool:
        """Whether what stands in the log at the position of this event is of the same command."""
        before = event.originator_version - 1
        stored = self.recorder.select_events(event.originator_id, gt=before, lte=event.originator_version)
        return any(event.command_id.encode() in each.state for each in stored)

    def _ready(self, installation: Installation) -> Installation:
        installation.bore_erased = self.erased_names.bore
        return installation

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

    def put(
        self,
        domain_events: Sequence[DomainEventProtocol[UUID]],
        **options: Any,  # Any: as the library has it
    ) -> list[Recording[UUID]]:
        """Store the events; gives them as they are stored."""
        stored = list(map(self.mapper.to_stored_event, domain_events))
        self.recorder.insert_events(stored, **options)
        return [Recording(event, _position_of(each)) for event, each in zip(domain_events, stored, strict=True)]

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


def _position_of(stored: StoredEvent) -> Notification:
    """A stored event with its position in the place of a number that nobody follows."""
    position = stored.originator_version
    return Notification(stored.originator_id, position, stored.topic, stored.state, id=position)
