"""What is stored and read back, the same on every database: events, records, checkpoints, alarms, and their reader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent

if TYPE_CHECKING:
    from application.log import Log

__all__ = [
    "Ask",
    "AuditWriter",
    "Clearing",
    "EventReader",
    "LogAlarm",
    "LogReader",
    "LogVersion",
    "People",
    "Progress",
    "Record",
    "Signing",
    "Snapshots",
    "StoredCheckpoint",
    "StoredEvent",
    "StoredSnapshot",
    "TakenIn",
    "nothing",
    "paired",
]

Ask = Callable[[], None]
"""The last look before a log gives way to another; it raises if that must not be."""

Progress = Callable[[int], None]
"""Called with the number of events that were done since the last call."""


def nothing(*_: int) -> None:
    """Who has nothing to ask, and wants no progress."""


LAST = 2**62
"""A position behind every event."""

LogVersion = int | bytes
"""Something that is other whenever a log may have grown."""


class Record(NamedTuple):
    """What is stored at a position: the event and its leaf; None where one of them is missing."""

    position: int
    topic: str | None
    state: bytes
    leaf: bytes | None


class StoredCheckpoint(NamedTuple):
    """A checkpoint as kept beside the log; `taken_at` is RFC 3339."""

    size: int
    root: bytes
    note: str
    taken_at: str


class StoredSnapshot(NamedTuple):
    """A view as it was after the event at `position`, whose leaf is `leaf`; `body` is sealed.

    `fold_version` says which program's fold it is.
    """

    position: int
    fold_version: bytes
    leaf: bytes
    body: bytes


class LogAlarm(NamedTuple):
    """Something wrong with the log itself: the first wrong position, what it is, and when it was found."""

    position: int
    message: str
    found_at: str


_NONE: tuple[int, bytes | None] = (2**63, None)
"""What follows the last leaf."""


def paired(events: Iterator[StoredEvent], leaves: Iterator[tuple[int, bytes]]) -> Iterator[Record]:
    """Every position that has an event or a leaf, from both in the order of their positions."""
    position, leaf = next(leaves, _NONE)
    for event in events:
        at = event.originator_version
        while position < at:
            yield Record(position, None, b"", leaf)
            position, leaf = next(leaves, _NONE)
        if position == at:
            yield Record(at, event.topic or "", event.state, leaf)
            position, leaf = next(leaves, _NONE)
        else:
            yield Record(at, event.topic or "", event.state, None)
    while position < _NONE[0]:
        yield Record(position, None, b"", leaf)
        position, leaf = next(leaves, _NONE)


class EventReader(Protocol):
    """Reads events, from a database or from an export; used by one thread at a time."""

    def close(self) -> None: ...
    def version(self, installation_id: UUID) -> LogVersion: ...
    def tells_at_once(self) -> bool:
        """Whether `version` waits for nothing from now on, neither for a network nor for a lock."""

    def events(
        self,
        installation_id: UUID,
        *,
        after: int = 0,
        upto: int | None = None,
        newest_first: bool = False,
        topics: Sequence[str] = (),
        also: Sequence[int] = (),
        containing: Sequence[str] = (),
    ) -> Iterator[StoredEvent]: ...
    def at_and_after(self, installation_id: UUID, position: int) -> list[Record]: ...


class LogReader(EventReader, Protocol):
    """Reads a log, and what lies beside it, on a connection of its own. Every database has one."""

    def installation_ids(self) -> list[UUID]: ...
    def newest_position(self, installation_id: UUID) -> int: ...
    def leaves(
        self, installation_id: UUID, *, after: int = 0, upto: int | None = None
    ) -> Iterator[tuple[int, bytes]]: ...
    def records(
        self, installation_id: UUID, *, after: int = 0, upto: int | None = None
    ) -> Generator[Record, None, None]: ...
    def checkpoints(self, installation_id: UUID, *, size: int | None = None) -> list[StoredCheckpoint]: ...
    def log_keys(self, installation_id: UUID) -> list[str]: ...
    def alarms(self, installation_id: UUID) -> list[LogAlarm]: ...


class Clearing(Enum):
    """What came of clearing a database's files of what was deleted."""

    CLEAR = auto()
    HELD_UP = auto()
    """Somebody reads what was there before."""
    OWNER_ALONE = auto()
    """The program's role may not do it; whoever owns the tables may."""


class People(Protocol):
    """What lies beside the log about people (P1, P3). Any thread may ask.

    Raises Busy, StorageFailed where it writes.
    """

    def keys_of(self, ids: list[str]) -> Mapping[str, bytes]:
        """The keys with which the names of these people open; nothing for whom was erased."""

    def has_traces(self) -> bool:
        """Whether anybody was erased whose name stays taken."""

    def traces_among(self, traces: Iterable[bytes]) -> Collection[bytes]:
        """Those that are the traces of erased names."""

    def keep_traces(self, traces: Iterable[bytes]) -> None:
        """Keep the traces of names, so that they stay taken."""

    def drop_traces(self, traces: Iterable[bytes]) -> None:
        """Let go of traces, as far as they are there."""

    def erased_in(self, installation_id: UUID) -> list[str]:
        """The ids of all people whom the log says to be erased."""

    def drop_keys(self, ids: Iterable[str]) -> None:
        """Delete the keys of these people, as far as they are there."""

    def erased_after(self, installation_id: UUID, position: int) -> tuple[int, bool]:
        """The newest position, and whether the log says of anybody after `position` that they are erased."""

    def clear_files(self) -> Clearing:
        """Let no file of the database's keep what was deleted (P5), as far as this role can."""

    def close(self) -> None: ...


class Signing(Protocol):
    """What is signed so far, as nobody can change it now, and the next checkpoint beside it."""

    def signed(self) -> dict[int, bytes]: ...
    def keep(self, checkpoint: StoredCheckpoint, vkey: str) -> None: ...


class TakenIn(NamedTuple):
    """A backup that is about to take a log's place: its log, and the files that it took along, by their names there."""

    log: Log
    files: Mapping[str, bytes]


class Snapshots(Protocol):
    """Keeps one snapshot of each installation's view beside the log. Nothing that proves anything reads it (ADR 49).

    The transaction of every erasure deletes the snapshot of its installation: the erased name may stand in it (P5).
    Raises Busy, StorageFailed where it writes.
    """

    def newest(self, installation_id: UUID) -> tuple[int, bytes] | None:
        """The position and the fold version of the snapshot that is there."""

    def read(self, installation_id: UUID) -> StoredSnapshot | None: ...
    def keep(self, installation_id: UUID, snapshot: StoredSnapshot) -> bool:
        """Keep a snapshot instead of those that are there; False, and nothing, if somebody was erased after it."""

    def drop(self, installation_id: UUID) -> None: ...


class AuditWriter(Protocol):
    """Keeps checkpoints and alarms beside the log. Raises Busy, StorageFailed."""

    def alone(self, installation_id: UUID) -> AbstractContextManager[Signing]: ...
    def keep_alarm(self, installation_id: UUID, alarm: LogAlarm) -> bool: ...
