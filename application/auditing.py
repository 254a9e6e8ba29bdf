"""The audit log of an installation: checkpoints, alarms and exports over the leaves that the recorder wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, dropwhile
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.clock import Clock
from application.examination import (
    SLICE,
    LogContradicted,
    MemoryContradicted,
    SignedTree,
    ask_signed,
    checked_leaves,
    examine_in_slices,
    named,
)
from application.license_keys import Keyring
from application.log import Log
from application.log.failures import storing
from application.log.stored import LogAlarm, LogReader, Record, Signing, StoredCheckpoint, nothing
from application.loss import Loss, LossNotAccepted, largest_signed
from application.proof import notes
from application.proof.consistency import consistency_proof, is_consistent
from application.proof.export import ExportWriter
from application.proof.jws import Jws, sign_jws
from application.proof.notes import Checkpoint
from application.proof.verify_export import LogKey, NoteInvalid, read_vkey
from application.signer_memory import SignerMemory, SignerMemoryUnusable, names_one_of
from application.views.replay import Tally
from application.words.language import ENGLISH
from domain.refusals import Problem, Refused

logger = logging.getLogger("seatledger.audit")

PROGRESS_EVERY = 10_000

LEAVES = 5000
"""How many stored leaves are read and joined to the tree between two pauses: less than a fiftieth of a second."""

ATTEMPTS = 3
"""How often the log is looked at while others may sign; then they have to wait."""


class Export(NamedTuple):
    """What an export holds; `alarm` says what kept its last checkpoint from being signed, or its state from it."""

    events: int
    checkpoints: int
    alarm: Problem | None


class NoCheckpoint(Refused):
    """The newest checkpoint was asked for, and there is none."""

    code = "no_checkpoint"


class AuditLog:
    """Signs what is there, and never signs over a contradiction.

    The log key is asked for when something is to be signed; it lies outside the database, and so does what was signed
    last, which every log must extend that is signed.
    """

    def __init__(self, log: Log, log_key: Callable[[], Ed25519PrivateKey], memory: SignerMemory, clock: Clock):
        self._log = log
        self._writer = log.audit_writer()
        self._log_key = log_key
        self._memory = memory
        self._clock = clock

    @property
    def memory_path(self) -> Path:
        """The file that holds what was signed last."""
        return self._memory.path

    def take_checkpoint(
        self, id_: UUID, *, whole: bool = True, accepted: Loss | None = None, pause: Callable[[], None] = nothing
    ) -> str:
        """The signed note over all events so far; the one already kept if nothing was added since.

        The whole tree is built anew from the leaves and compared with every checkpoint signed before, and with what the
        signer remembers; of an `accepted` loss, with the auditor's checkpoint in its place. Every event is hashed anew;
        with `whole` False, only those added since the last checkpoint, and `pause` lets others have their turn while
        the leaves before are read. No size is ever signed twice with different
        roots, also when two processes sign at once. Raises LogContradicted, after raising the alarm, MemoryContradicted
        without, SignerMemoryUnusable, LogKeyUnusable, Busy and StorageFailed.
        """
        key = self._log_key()
        try:
            return self._sign(id_, key, whole=whole, accepted=accepted, pause=pause)
        except MemoryContradicted:
            raise  # it stands as long as it is true; what was accepted is no alarm for ever
        except LogContradicted as contradiction:
            self.raise_alarm(id_, contradiction)
            raise

    def has_grown(self, id_: UUID) -> bool:
        """Whether there are events that no checkpoint covers."""
        with self._reader() as reader:
            return _has_grown(reader, id_, reader.checkpoints(id_))

    def is_due(self, id_: UUID) -> bool:
        """Whether there is something to sign, or signed and not remembered, or the reverse.

        Raises SignerMemoryUnusable, Busy and StorageFailed.
        """
        with self._reader() as reader:
            checkpoints = reader.checkpoints(id_)
            if _has_grown(reader, id_, checkpoints):
                return True
        return self._memory.note() not in [checkpoint.note for checkpoint in checkpoints[-1:]]

    def loss(self, id_: UUID, own_notes: Sequence[str]) -> Loss:
        """What is lost of the log, which extends an auditor's checkpoint but not what the signer remembers.

        `own_notes` are what the auditor brings: of those that our key signed, the largest counts. Raises
        LossNotAccepted, LogContradicted, SignerMemoryUnusable, LogKeyUnusable, Busy and StorageFailed.
        """
        key = self._log_key()
        memory = self._memory.note()
        if memory is None or self._agrees(id_, key, None):
            raise LossNotAccepted(problem=Problem("nothing_lost"))
        with self._reader() as reader:
            remembered = self._memory.checkpoint(memory, notes.origin_of(id_), self._keys(id_, key, reader))
        checkpoint = largest_signed(id_, own_notes, read_vkey(notes.vkey(notes.origin_of(id_), key.public_key())))
        loss = Loss(checkpoint, remembered, self._memory.kept_at(), self.size(id_))
        if checkpoint.size > loss.events:
            raise LossNotAccepted(problem=Problem("log_shorter_than_kept", events=loss.events, size=checkpoint.size))
        if not self._agrees(id_, key, loss):
            raise LossNotAccepted(problem=Problem("log_other_than_kept", size=checkpoint.size))
        return loss

    def ask_remembered(self, id_: UUID) -> bool:
        """Whether the signer remembers what was signed; False if it does not though there are checkpoints.

        Reads few rows: the root is worked out only if no checkpoint in the database has it. Raises MemoryContradicted,
        SignerMemoryUnusable, LogKeyUnusable, Busy and StorageFailed.
        """
        key = self._log_key()
        memory = self._memory.note()  # before the log, which grows meanwhile
        with self._reader() as reader:
            if memory is None:
                return not reader.checkpoints(id_)
            remembered = self._memory.checkpoint(memory, notes.origin_of(id_), self._keys(id_, key, reader))
            tree = SignedTree([], remembered)
            is_signed = any(each.root == remembered.root for each in reader.checkpoints(id_, size=remembered.size))
            if is_signed and reader.newest_position(id_) >= remembered.size:
                return True
            for position, leaf in reader.leaves(id_, upto=remembered.size):
                tree.append(position, leaf)
            tree.ask_whole()
        return True

    def signed_by_another(self, id_: UUID) -> int | None:
        """The size of the first checkpoint that another key signed after ours had begun to sign; None as a rule.

        Looks at the keys' ids alone; whether a signature is good is asked before every signing. Raises LogKeyUnusable.
        """
        own = self.public_key(id_)
        with self._reader() as reader:
            if {own}.issuperset(named(reader.log_keys(id_), id_)):
                return None
            checkpoints = reader.checkpoints(id_)
        keys = [read_vkey(own)]
        since = dropwhile(lambda each: not _is_by(keys, each), checkpoints)
        return next((each.size for each in since if not _is_by(keys, each)), None)

    def size(self, id_: UUID) -> int:
        """How many events there are."""
        with self._reader() as reader:
            return reader.newest_position(id_)

    def checkpoints(self, id_: UUID) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first."""
        with self._reader() as reader:
            return reader.checkpoints(id_)

    def newest(self, id_: UUID) -> str:
        """The newest note that the database has, without a look at the log. Raises NoCheckpoint."""
        if checkpoints := self.checkpoints(id_):
            return checkpoints[-1].note
        raise NoCheckpoint

    def newest_moment(self, id_: UUID) -> datetime | None:
        """When the newest checkpoint was signed; None before the first."""
        checkpoints = self.checkpoints(id_)
        return datetime.fromisoformat(checkpoints[-1].taken_at) if checkpoints else None

    def alarms(self, id_: UUID) -> list[LogAlarm]:
        """What was found to be wrong with the log itself."""
        with self._reader() as reader:
            return reader.alarms(id_)

    def public_key(self, id_: UUID) -> str:
        """The log's public key (vkey), for auditors to keep. Raises LogKeyUnusable."""
        return notes.vkey(notes.origin_of(id_), self._log_key().public_key())

    def sign(self, id_: UUID, value: Mapping[str, object], type_: str) -> Jws:  # object: JSON
        """A JSON value other than a checkpoint, signed with the log key. Raises LogKeyUnusable."""
        return sign_jws(value, type_, notes.origin_of(id_), self._log_key())

    def sign_text(self, id_: UUID, text: str) -> str:
        """A text other than a checkpoint, as a note signed with the log key. Raises LogKeyUnusable."""
        return notes.sign_note(text, notes.origin_of(id_), self._log_key())

    def consistency(self, id_: UUID, size: int, root: bytes, later: Checkpoint) -> list[bytes] | None:
        """The proof that the log goes on from an earlier size and root up to `later`; None if it does not.

        Raises Busy and StorageFailed.
        """
        if size > later.size:
            return None
        with self._reader() as reader:
            leaves = [leaf for _, leaf in reader.leaves(id_, upto=later.size)]
        if len(leaves) != later.size:
            return None
        proof = consistency_proof(size, leaves)
        return proof if is_consistent((size, root), (later.size, later.root), proof) else None

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
        alarm, upto, is_sound = None, None, True
        try:
            self.take_checkpoint(id_)
        except (LogContradicted, SignerMemoryUnusable) as refusal:
            alarm = Problem("no_checkpoint_signed", problem=refusal.facts["problem"])
            is_sound = isinstance(refusal, MemoryContradicted | SignerMemoryUnusable)  # in itself: it gives a state
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
            writer.end(shown.state() if is_sound else {})
        progress(number % PROGRESS_EVERY)
        return Export(events, written, alarm or shown.problem)

    def _sign(
        self, id_: UUID, key: Ed25519PrivateKey, *, whole: bool, accepted: Loss | None, pause: Callable[[], None]
    ) -> str:
        """Look at the log, and sign if nobody else has signed since.

        Raises LogContradicted, SignerMemoryUnusable, Busy, StorageFailed.
        """
        for _ in range(ATTEMPTS):
            examined = self._examine(id_, key, whole=whole, accepted=accepted, pause=pause)
            if examined.note is not None and examined.is_remembered:
                return examined.note
            with self._writer.alone(id_) as signing:
                if signing.signed() == examined.signed and self._memory.note() == examined.memory:
                    return self._keep(id_, key, examined, signing)
        with self._writer.alone(id_) as signing:  # now the others wait
            examined = self._examine(id_, key, whole=whole, accepted=accepted)
            return self._keep(id_, key, examined, signing)

    def _keep(self, id_: UUID, key: Ed25519PrivateKey, examined: _Examination, signing: Signing) -> str:
        """Remember the note first: whoever reads it in the database can rely on the signer to know of it (ADR 33)."""
        origin = notes.origin_of(id_)
        if examined.memory is None and examined.signed:
            logger.warning(
                "The signer remembers nothing: %s is not there. It goes on from the newest checkpoint in the database, "
                "over %d events.",
                self._memory.path,
                max(examined.signed),
            )
        note = examined.note or notes.sign(Checkpoint(origin, examined.size, examined.root), key)
        self._memory.keep(note)
        if examined.note is None:
            newest = StoredCheckpoint(examined.size, examined.root, note, self._now())
            signing.keep(newest, notes.vkey(origin, key.public_key()))
        return note

    def _examine(
        self,
        id_: UUID,
        key: Ed25519PrivateKey | None,
        *,
        whole: bool,
        accepted: Loss | None = None,
        pause: Callable[[], None] = nothing,
    ) -> _Examination:
        """The tree over the whole log, after all checks; without a key, what is remembered is none of them.

        Raises LogContradicted, SignerMemoryUnusable.
        """
        memory = self._memory.note() if key else None  # before the log, which grows meanwhile
        with self._reader() as reader:
            checkpoints = reader.checkpoints(id_)
            keys = self._keys(id_, key, reader)
            for checkpoint in checkpoints if whole else checkpoints[-1:]:
                ask_signed(id_, checkpoint, keys)
            remembered = self._memory.checkpoint(memory, notes.origin_of(id_), keys) if memory is not None else None
            extended = accepted.proof if accepted and accepted.lost == remembered else remembered
            tree = SignedTree(checkpoints, extended)
            trusted = 0 if whole else tree.newest
            with closing(checked_leaves(reader, id_, trusted=trusted)) as leaves:
                for position, stored in chain(_in_slices(reader, id_, trusted, pause), leaves):
                    tree.append(position, stored)
        tree.ask_whole()
        newest = Checkpoint(notes.origin_of(id_), tree.size, tree.root())
        note = checkpoints[-1].note if checkpoints and checkpoints[-1].size == tree.size else None
        return _Examination(tree.size, newest.root, tree.signed, note, memory, remembered == newest)

    def _keys(self, id_: UUID, key: Ed25519PrivateKey | None, reader: LogReader) -> list[LogKey]:
        """The public keys that checkpoints of this log are signed with: ours, and those kept beside it."""
        own = {notes.vkey(notes.origin_of(id_), key.public_key())} if key else set()
        return [read_vkey(vkey) for vkey in own.union(named(reader.log_keys(id_), id_))]

    def _agrees(self, id_: UUID, key: Ed25519PrivateKey, accepted: Loss | None) -> bool:
        """Whether the log extends what is remembered, or what an auditor kept instead. Raises LogContradicted."""
        try:
            self._examine(id_, key, whole=True, accepted=accepted)
        except MemoryContradicted:
            return False
        return True

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


def _has_grown(reader: LogReader, id_: UUID, checkpoints: Sequence[StoredCheckpoint]) -> bool:
    return reader.newest_position(id_) > (checkpoints[-1].size if checkpoints else 0)


def _is_by(keys: Sequence[LogKey], checkpoint: StoredCheckpoint) -> bool:
    with suppress(NoteInvalid):
        return names_one_of(keys, checkpoint.note)
    return False


class _Examination(NamedTuple):
    """What the log was when it was looked at; `note` is the checkpoint that covers all of it, if there is one.

    `memory` is the note that the signer remembered then, `is_remembered` whether that covers all of the log as well.
    """

    size: int
    root: bytes
    signed: dict[int, bytes]
    note: str | None
    memory: str | None
    is_remembered: bool


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


def _in_slices(reader: LogReader, id_: UUID, upto: int, pause: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
    """The stored leaves up to a size; nothing is held open over a pause."""
    for after in range(0, upto, LEAVES):
        yield from list(reader.leaves(id_, after=after, upto=min(after + LEAVES, upto)))
        pause()
