"""The audit log of an installation: checkpoints, alarms and exports over the leaves that the recorder wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC
from itertools import chain
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.clock import Clock
from application.examination import (
    SLICE,
    LogContradicted,
    SignedTree,
    ask_signed,
    checked_leaves,
    examine_in_slices,
    named,
)
from application.license_keys import Keyring
from application.log import Log
from application.log.failures import storing
from application.log.stored import LogAlarm, LogReader, Record, Signing, StoredCheckpoint
from application.proof import notes
from application.proof.export import ExportWriter
from application.proof.notes import Checkpoint
from application.proof.verify_export import read_vkey
from application.views.replay import Tally
from application.words.language import ENGLISH
from domain.refusals import Problem, Refused

logger = logging.getLogger("seatledger.audit")

PROGRESS_EVERY = 10_000

ATTEMPTS = 3
"""How often the log is looked at while others may sign; then they have to wait."""


class Export(NamedTuple):
    """What an export holds; `alarm` says what kept its last checkpoint from being signed, or its state from it."""

    events: int
    checkpoints: int
    alarm: Problem | None


class AuditLog:
    """Signs what is there, and never signs over a contradiction.

    The log key is asked for when something is to be signed; it lies outside the database.
    """

    def __init__(self, log: Log, log_key: Callable[[], Ed25519PrivateKey], clock: Clock):
        self._log = log
        self._writer = log.audit_writer()
        self._log_key = log_key
        self._clock = clock

    def take_checkpoint(self, id_: UUID, *, whole: bool = True) -> str:
        """The signed note over all events so far; the one already kept if nothing was added since.

        The whole tree is built anew from the leaves and compared with every checkpoint signed before. Every event is
        hashed anew; with `whole` False, only those added since the last checkpoint. No size is ever signed twice with
        different roots, also when two processes sign at once. Raises LogContradicted, after raising the alarm,
        LogKeyUnusable, Busy and StorageFailed.
        """
        key = self._log_key()
        try:
            return self._sign(id_, key, whole=whole)
        except LogContradicted as contradiction:
            self.raise_alarm(id_, contradiction)
            raise

    def has_grown(self, id_: UUID) -> bool:
        """Whether there are events that no checkpoint covers."""
        with self._reader() as reader:
            newest = reader.checkpoints(id_)[-1:]
            return reader.newest_position(id_) > (newest[0].size if newest else 0)

    def size(self, id_: UUID) -> int:
        """How many events there are."""
        with self._reader() as reader:
            return reader.newest_position(id_)

    def checkpoints(self, id_: UUID) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first."""
        with self._reader() as reader:
            return reader.checkpoints(id_)

    def alarms(self, id_: UUID) -> list[LogAlarm]:
        """What was found to be wrong with the log itself."""
        with self._reader() as reader:
            return reader.alarms(id_)

    def public_key(self, id_: UUID) -> str:
        """The log's public key (vkey), for auditors to keep. Raises LogKeyUnusable."""
        return notes.vkey(notes.origin_of(id_), self._log_key().public_key())

    def ask_whole(self, id_: UUID) -> int:
        """How many events there are, after every check that comes before signing; needs no log key.

        Raises LogContradicted, Busy, StorageFailed.
        """
        return self._examine(id_, None, whole=True).size

    def examine(self, id_: UUID, *, pause: Callable[[], None], slice_: int = SLICE) -> int:
        """Look at every event, leaf, root and signature, signing nothing; gives how many events there are.

        In slices, with a `pause` after each, so that nobody waits behind it, whatever the length of the log. Raises
        LogContradicted, after raising the alarm, Busy and StorageFailed.
        """
        try:
            return examine_in_slices(self._reader, id_, pause, slice_)
        except LogContradicted as contradiction:
            self.raise_alarm(id_, contradiction)
            raise

    def export(
        self, id_: UUID, stream: BinaryIO, *, keyring: Keyring, progress: Callable[[int], None] = lambda _: None
    ) -> Export:
        """Write all events, leaves, checkpoints and public keys to `stream`, in constant memory.

        A log that contradicts itself is exported as it is, without a new checkpoint: the verifier names the damage.
        Raises LogKeyUnusable, Busy and StorageFailed.
        """
        alarm, upto = None, None
        try:
            self.take_checkpoint(id_)
        except LogContradicted as refusal:
            alarm = Problem("no_checkpoint_signed", **refusal.facts)
        vkey = self.public_key(id_)
        shown = _ExportedState()
        with self._reader() as reader:
            checkpoints = {checkpoint.size: checkpoint for checkpoint in reader.checkpoints(id_)}
            if alarm is None:
                upto = max(checkpoints)  # what was added since is not signed yet: it belongs into the next export
            log_keys = [vkey, *(key for key in named(reader.log_keys(id_), id_) if key != vkey)]
            writer = ExportWriter(stream, id_, log_keys=log_keys, keyring=keyring.to_jwk_set())
            written, number, events = len(checkpoints), 0, 0
            with closing(reader.records(id_, upto=upto)) as records:
                for number, record in enumerate(records, 1):
                    _write(writer, id_, record)
                    events += record.topic is not None
                    shown.event(record)
                    if checkpoint := checkpoints.pop(record.position, None):
                        writer.checkpoint(checkpoint.note)
                    if number % PROGRESS_EVERY == 0:
                        progress(PROGRESS_EVERY)
            for checkpoint in checkpoints.values():
                writer.checkpoint(checkpoint.note)
            writer.end(shown.state() if alarm is None else {})
        progress(number % PROGRESS_EVERY)
        return Export(events, written, alarm or shown.problem)

    def _sign(self, id_: UUID, key: Ed25519PrivateKey, *, whole: bool) -> str:
        """Look at the log, and sign if nobody else has signed since. Raises LogContradicted, Busy, StorageFailed."""
        for _ in range(ATTEMPTS):
            examined = self._examine(id_, key, whole=whole)
            if examined.note is not None:
                return examined.note
            with self._writer.alone(id_) as signing:
                if signing.signed() == examined.signed:
                    return self._keep(id_, key, examined, signing)
        with self._writer.alone(id_) as signing:  # now the others wait
            examined = self._examine(id_, key, whole=whole)
            return examined.note or self._keep(id_, key, examined, signing)

    def _keep(self, id_: UUID, key: Ed25519PrivateKey, examined: _Examination, signing: Signing) -> str:
        origin = notes.origin_of(id_)
        note = notes.sign(Checkpoint(origin, examined.size, examined.root), key)
        newest = StoredCheckpoint(examined.size, examined.root, note, self._now())
        signing.keep(newest, notes.vkey(origin, key.public_key()))
        return note

    def _examine(self, id_: UUID, key: Ed25519PrivateKey | None, *, whole: bool) -> _Examination:
        """The tree over the whole log, after all checks. Raises LogContradicted."""
        own = {notes.vkey(notes.origin_of(id_), key.public_key())} if key else set()
        with self._reader() as reader:
            checkpoints = reader.checkpoints(id_)
            keys = [read_vkey(vkey) for vkey in own.union(named(reader.log_keys(id_), id_))]
            for checkpoint in checkpoints if whole else checkpoints[-1:]:
                ask_signed(id_, checkpoint, keys)
            tree = SignedTree(checkpoints)
            trusted = 0 if whole else tree.newest
            with closing(checked_leaves(reader, id_, trusted=trusted)) as leaves:
                for position, stored in chain(reader.leaves(id_, upto=trusted), leaves):
                    tree.append(position, stored)
        tree.ask_whole()
        note = checkpoints[-1].note if checkpoints and checkpoints[-1].size == tree.size else None
        return _Examination(tree.size, tree.root(), tree.signed, note)

    def raise_alarm(self, id_: UUID, contradiction: LogContradicted) -> None:
        """Keep an alarm, if that can be; log it when it is new."""
        position, problem = contradiction.facts["position"], contradiction.facts["problem"]
        assert isinstance(position, int)  # noqa: S101  as every LogContradicted is raised with
        assert isinstance(problem, Problem)  # noqa: S101
        # English in every language: it is stored, so it is told again as it was, and the same alarm is kept once.
        message = ENGLISH.clause(problem).rstrip(".")
        is_new = True
        with suppress(Refused):
            is_new = self._writer.keep_alarm(id_, LogAlarm(position, message, self._now()))
        if is_new:
            logger.error("The history of %s was altered: %s.", id_, message)

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="seconds")

    @contextmanager
    def _reader(self) -> Iterator[LogReader]:
        """A reader of the log; what the database itself cannot do becomes Busy or StorageFailed."""
        with storing(), closing(self._log.reader()) as reader:
            yield reader


class _Examination(NamedTuple):
    """What the log was when it was looked at; `note` is the checkpoint that covers all of it, if there is one."""

    size: int
    root: bytes
    signed: dict[int, bytes]
    note: str | None


class _ExportedState:
    """The state that an export shows; of a log that gives none, what is wrong with it."""

    def __init__(self) -> None:
        self._tally = Tally()
        self.problem: Problem | None = None

    def event(self, record: Record) -> None:
        if self.problem is None:
            try:
                self._tally.event(record.position, record.topic or "", record.state)
            except Exception as error:  # whatever it is that an altered event does
                self._note(error, record.position)

    def state(self) -> dict[str, Any]:  # plain values, as json.dumps takes them
        if self.problem is None:
            try:
                return self._tally.state()
            except Exception as error:
                self._note(error)
        return {}

    def _note(self, error: Exception, position: int | None = None) -> None:
        if position is None:
            self.problem = Problem("no_state", error=repr(error))
        else:
            self.problem = Problem("no_state_from_event", event=position, error=repr(error))


def _write(writer: ExportWriter, id_: UUID, record: Record) -> None:
    if record.topic is not None:
        writer.event(id_, record.position, record.topic, record.state, record.leaf)
    elif record.leaf is not None:
        writer.missing_event(record.position, record.leaf)
