"""What a log must be before it is signed: every event beside its leaf, every root as it was signed before."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from uuid import UUID

from application.log.stored import LogReader, StoredCheckpoint
from application.proof import notes
from application.proof.notes import Checkpoint, NoteInvalid
from application.proof.verify_export import Frontier, LogKey, leaf, read_checkpoint, read_vkey
from domain.refusals import Problem, Refused

SLICE = 2000
"""How many events are looked at before others have their turn: some 20 ms."""


class LogContradicted(Refused):
    """The log is not what was signed before, or an event does not match its leaf: nothing is signed.

    The fact `position` is where that was found, `problem` what it is.
    """

    code = "log_contradicted"


class MemoryContradicted(LogContradicted):
    """The log does not extend what the signer remembers: it was rewritten or cut, or a backup was restored (ADR 33)."""

    @property
    def says(self) -> str:
        return f"{self.code}.memory"


def examine_in_slices(
    open_reader: Callable[[], AbstractContextManager[LogReader]],
    id_: UUID,
    pause: Callable[[], None],
    slice_: int = SLICE,
) -> int:
    """Look at the whole log in slices, each on a reader of its own; gives how many events there are.

    No snapshot is held over a pause, so that the database can be tidied meanwhile: what was looked at does not change,
    but by somebody who is found out the next time. Raises LogContradicted.
    """
    with open_reader() as reader:
        checkpoints = reader.checkpoints(id_)
        keys = [read_vkey(key) for key in named(reader.log_keys(id_), id_)]
    for checkpoint in checkpoints:
        ask_signed(id_, checkpoint, keys)
    pause()
    tree, before = SignedTree(checkpoints), -1
    while tree.size > before:
        before = tree.size
        with (
            open_reader() as reader,
            closing(checked_leaves(reader, id_, trusted=before, upto=before + slice_)) as leaves,
        ):
            for position, stored in leaves:
                tree.append(position, stored)
        pause()
    tree.ask_whole()
    return tree.size


class SignedTree:
    """The tree over a log, leaf by leaf, compared with each root that was signed: the one place that says how."""

    def __init__(self, checkpoints: Iterable[StoredCheckpoint], remembered: Checkpoint | None = None) -> None:
        self.signed = {checkpoint.size: checkpoint.root for checkpoint in checkpoints}
        self.newest = max(self.signed, default=0)
        self._remembered = remembered
        self._tree, self._agreed = Frontier(), 0

    @property
    def size(self) -> int:
        return self._tree.size

    def root(self) -> bytes:
        return self._tree.root()

    def append(self, position: int, stored: bytes) -> None:
        """The next leaf.

        Raises LogContradicted if one is missing before it or a root is not what was signed, MemoryContradicted if it is
        not what is remembered.
        """
        if position != self.size + 1:
            raise LogContradicted(position=self.size + 1, problem=Problem("event_missing", event=self.size + 1))
        self._tree.append(stored)
        agreed = self._agreed
        if self.size in self.signed:
            if self.signed[self.size] != self.root():
                problem = differs_from_signed(self._agreed, self.size)
                raise LogContradicted(position=self._agreed + 1, problem=problem)
            self._agreed = self.size
        if self._remembered and self._remembered.size == self.size and self._remembered.root != self.root():
            problem = Problem("other_than_remembered", size=self.size, first=agreed + 1)
            raise MemoryContradicted(position=agreed + 1, problem=problem)

    def ask_whole(self) -> None:
        """Look whether it reaches the newest signed size. Raises LogContradicted, MemoryContradicted."""
        if self.size < self.newest:
            problem = Problem("signed_event_missing", event=self.size + 1, size=self.newest)
            raise LogContradicted(position=self.size + 1, problem=problem)
        if self._remembered and self.size < self._remembered.size:
            problem = Problem("shorter_than_remembered", events=self.size, size=self._remembered.size)
            raise MemoryContradicted(position=self.size + 1, problem=problem)


def checked_leaves(
    reader: LogReader, id_: UUID, *, trusted: int, upto: int | None = None
) -> Generator[tuple[int, bytes], None, None]:
    """The leaves behind `trusted` by position, each compared with its event. Raises LogContradicted."""
    with closing(reader.records(id_, after=trusted, upto=upto)) as records:
        for position, topic, state, stored in records:
            if topic is None or stored is None:
                problem = Problem("no_event_at", at=position) if topic is None else Problem("no_leaf_at", at=position)
                raise LogContradicted(position=position, problem=problem)
            if leaf(id_, position, topic, state) != stored:
                raise LogContradicted(position=position, problem=Problem("leaf_does_not_match", event=position))
            yield position, stored


def ask_signed(id_: UUID, checkpoint: StoredCheckpoint, keys: list[LogKey]) -> None:
    """A checkpoint is what was signed then. Raises LogContradicted."""
    try:
        statement = read_checkpoint(checkpoint.note, keys)
    except NoteInvalid as error:
        problem = Problem("checkpoint_damaged", size=checkpoint.size, reason=str(error))
        raise LogContradicted(position=checkpoint.size, problem=problem) from None
    if statement != Checkpoint(notes.origin_of(id_), checkpoint.size, checkpoint.root):
        raise LogContradicted(
            position=checkpoint.size, problem=Problem("checkpoint_says_otherwise", size=checkpoint.size)
        )


def named(vkeys: list[str], id_: UUID) -> Iterator[str]:
    """Those of the kept log keys that can be read and are of this installation."""
    for vkey in vkeys:
        with suppress(NoteInvalid):
            if read_vkey(vkey).name == notes.origin_of(id_):
                yield vkey


def differs_from_signed(agreed: int, size: int) -> Problem:
    return Problem("events_other_than_signed", size=size, first=agreed + 1)
