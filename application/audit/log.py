"""The audit log of an installation: checkpoints, alarms and exports over the leaves that the recorder wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import UTC
from typing import BinaryIO, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.audit import notes
from application.audit.export_format import ExportWriter
from application.audit.merkle import Frontier
from application.audit.replay import state_of
from application.clock import Clock
from application.license_keys import Keyring
from application.licensing import Licensing
from application.recorders.sqlite import AuditWriter, LogAlarm, LogReader, Record, StoredCheckpoint, leaf_of
from domain.refusals import Refused

log = logging.getLogger("seatledger.audit")

PROGRESS_EVERY = 10_000


class LogContradicted(Refused):
    """The log is not what was signed before, or an event does not match its leaf: nothing is signed."""

    code = "log_contradicted"
    sentence = "No checkpoint was signed: {message}"


class Export(NamedTuple):
    """What an export holds; `alarm` says what kept its last checkpoint from being signed."""

    events: int
    checkpoints: int
    alarm: str | None


class AuditLog:
    """Signs what is there, and never signs over a contradiction.

    The log key is asked for when something is to be signed; it lies outside the database.
    """

    def __init__(self, database: str, licensing: Licensing, log_key: Callable[[], Ed25519PrivateKey], clock: Clock):
        self._licensing = licensing
        self._database = database
        self._writer = AuditWriter(database)
        self._log_key = log_key
        self._clock = clock

    def take_checkpoint(self, id_: UUID) -> str:
        """The signed note over all events so far; the one already kept if nothing was added since.

        The whole tree is built anew, and the events added since the last checkpoint are hashed anew. Raises
        LogContradicted, after raising the alarm, and LogKeyUnusable.
        """
        key = self._log_key()
        with closing(self._open_reader()) as reader:
            checkpoints = reader.checkpoints(id_)
            size, root = self._checked(reader, id_, checkpoints)
        if checkpoints and checkpoints[-1].size == size:
            return checkpoints[-1].note
        checkpoint = notes.Checkpoint(notes.origin_of(id_), size, root)
        taken_at = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        note = notes.sign(checkpoint, key)
        self._writer.keep_checkpoint(id_, StoredCheckpoint(size, root, note, taken_at))
        return note

    def has_grown(self, id_: UUID) -> bool:
        """Whether there are events that no checkpoint covers."""
        newest = self.checkpoints(id_)[-1:]
        return self._licensing.entitlement(id_).position > (newest[0].size if newest else 0)

    def checkpoints(self, id_: UUID) -> list[StoredCheckpoint]:
        """The checkpoints signed so far, the smallest first."""
        with closing(self._open_reader()) as reader:
            return reader.checkpoints(id_)

    def alarms(self, id_: UUID) -> list[LogAlarm]:
        """What was found to be wrong with the log itself."""
        with closing(self._open_reader()) as reader:
            return reader.alarms(id_)

    def public_key(self, id_: UUID) -> str:
        """The log's public key (vkey), for auditors to keep."""
        return notes.vkey(notes.origin_of(id_), self._log_key().public_key())

    def export(
        self, id_: UUID, stream: BinaryIO, *, keyring: Keyring, progress: Callable[[int], None] = lambda _: None
    ) -> Export:
        """Write all events, leaves, checkpoints and public keys to `stream`, in constant memory.

        A log that contradicts itself is exported as it is, without a new checkpoint: the verifier names the damage.
        """
        alarm, upto = None, None
        try:
            self.take_checkpoint(id_)
        except LogContradicted as refusal:
            alarm = str(refusal)
        with closing(self._open_reader()) as reader:
            checkpoints = {kept.size: kept for kept in reader.checkpoints(id_)}
            if alarm is None:
                upto = max(checkpoints)  # what was added since is not signed yet: it belongs into the next export
            view = self._licensing.entitlement_at(id_, upto) if upto else self._licensing.entitlement(id_)
            written, number = len(checkpoints), 0
            writer = ExportWriter(stream, id_, log_keys=[self.public_key(id_)], keyring=keyring.to_jwk_set())
            for number, record in enumerate(reader.records(id_, upto=upto), 1):
                self._export_record(writer, record)
                if kept := checkpoints.pop(record.position, None):
                    writer.checkpoint(kept.note)
                if number % PROGRESS_EVERY == 0:
                    progress(PROGRESS_EVERY)
            for kept in checkpoints.values():
                writer.checkpoint(kept.note)
            writer.end(state_of(view))
        progress(number % PROGRESS_EVERY)
        return Export(number, written, alarm)

    def _export_record(self, writer: ExportWriter, record: Record) -> None:
        if record.event is not None:
            event = record.event
            writer.event(event.originator_id, record.position, event.topic, event.state, record.leaf)
        elif record.leaf is not None:
            writer.missing_event(record.position, record.leaf)

    def _checked(self, reader: LogReader, id_: UUID, checkpoints: list[StoredCheckpoint]) -> tuple[int, bytes]:
        """Size and root of the log, after all checks; raises the alarm and LogContradicted."""
        tree = Frontier()
        signed = {kept.size: kept.root for kept in checkpoints}
        newest = checkpoints[-1].size if checkpoints else 0
        for position, leaf in reader.leaves(id_, upto=newest):
            if position != tree.size + 1:
                break
            tree.append(leaf)
            if tree.size in signed and signed[tree.size] != tree.root():
                self._alarm(id_, tree.size, f"the first {tree.size} leaves are not those of the checkpoint signed then")
        if tree.size < newest:
            self._alarm(id_, tree.size + 1, f"leaf {tree.size + 1} is missing, which a checkpoint covers")
        for record in reader.records(id_, after=newest):
            if record.position != tree.size + 1 or record.event is None or record.leaf is None:
                self._alarm(id_, tree.size + 1, f"event {tree.size + 1} or its leaf is missing")
            elif leaf_of(record.event) != record.leaf:
                self._alarm(id_, record.position, f"event {record.position} does not match its leaf")
            else:
                tree.append(record.leaf)
        return tree.size, tree.root()

    def _alarm(self, id_: UUID, position: int, message: str) -> None:
        log.error("The history of %s was altered: %s.", id_, message)
        found_at = self._clock().astimezone(UTC).isoformat(timespec="seconds")
        self._writer.keep_alarm(id_, LogAlarm(position, message, found_at))
        raise LogContradicted(message=f"{message}.")

    def _open_reader(self) -> LogReader:
        return LogReader(self._database)
