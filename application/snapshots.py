"""Snapshots of the view: a worker that starts goes on from one, instead of folding a long log from nothing (ADR 49)."""

from __future__ import annotations

import hmac
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from application.log.mapper import ReadEvents
from application.log.sealing import Unsealable, decrypt, encrypt
from application.log.stored import EventReader, Snapshots, StoredEvent, StoredSnapshot, nothing
from application.proof.verify_export import leaf
from application.views.fold_version import fold_version
from application.views.folding import Folding, Judge, Registration
from application.views.snapshot import SnapshotUnfit, folding_of, lines_of
from domain.installation import Installation

LEAST = 10_000
"""How many events a snapshot must spare: to fold fewer takes less than half a second."""

MORE = 20
"""A new one is made when the log has grown by one in so many since the last one, and by no fewer than LEAST."""

AT_ONCE = 1000
"""How many events are folded between two pauses."""

PACKED_AT_ONCE = 1 << 20
"""How many bytes are unpacked at once."""

logger = logging.getLogger("seatledger.snapshots")


class ViewSnapshots:
    """Takes snapshots and opens them, for whoever holds the secret key."""

    def __init__(self, stored: Snapshots, secret_key: bytes) -> None:
        self._stored = stored
        self._key = hmac.digest(secret_key, b"seatledger view snapshot", "sha256")
        self._unfit: tuple[int, bytes] | None = None

    def open(
        self, installation_id: UUID, reader: EventReader, read_events: ReadEvents, contradicts: Judge
    ) -> Folding | None:
        """What the snapshot knows, if there is one, and everything about it fits this program and the log."""
        there: tuple[int, bytes] | None = None
        try:
            stored = self._stored.read(installation_id)
            if stored is None:
                return None
            there = stored.position, stored.fold_version
            return self._opened(stored, installation_id, reader, read_events, contradicts)
        except Exception as problem:  # whatever it is: the log itself is there
            self._unfit = there
            why = str(problem) if isinstance(problem, SnapshotUnfit) else repr(problem)
            logger.warning("The snapshot of the view is not used, and the whole history is read: %s.", why)
            return None

    def is_due(self, installation_id: UUID, position: int) -> bool:
        """Whether a snapshot at this position, that of the newest event, would pay."""
        if position < LEAST:
            return False
        there = self._stored.newest(installation_id)
        if there is None or there == self._unfit or there[1] != fold_version() or there[0] > position:
            return True
        return position - there[0] >= max(LEAST, there[0] // MORE)

    def take(self, installation_id: UUID, folding: Folding, pause: Callable[[], None] = nothing) -> bool:
        """Keep a snapshot of a fold with which nobody goes on; False if somebody was erased since (P5).

        `pause` lets others have their turn, between lines.
        """
        packed, parts = zlib.compressobj(level=1), list[bytes]()
        for line in lines_of(folding):
            parts.append(packed.compress(line))
            pause()
        text = b"".join([*parts, packed.flush()])
        snapshot = StoredSnapshot(folding.position, fold_version(), folding.newest_leaf, text)
        body = encrypt(self._key, text, _bound(installation_id, snapshot))
        return self._stored.keep(installation_id, snapshot._replace(body=body))

    def is_true(
        self, installation_id: UUID, reader: EventReader, read_events: ReadEvents, pause: Callable[[], None]
    ) -> bool:
        """Fold the log from nothing and compare; a snapshot that says something else is deleted.

        `pause` lets others have their turn, between slices. Raises LogUnreadable.
        """
        stored = self._stored.read(installation_id)
        if stored is None or stored.fold_version != fold_version():
            return True
        try:
            opened = self._opened(stored, installation_id, reader, read_events, _never)
        except SnapshotUnfit:
            return True  # nobody uses it
        folded = Folding(installation_id, _never)
        while folded.position < stored.position:
            upto = min(stored.position, folded.position + AT_ONCE)
            rows = list(reader.events(installation_id, after=folded.position, upto=upto))
            folded.take(rows, list(read_events(rows)))
            pause()
        differing = opened.difference(folded)
        if differing is None or self._stored.newest(installation_id) != (stored.position, stored.fold_version):
            return True  # of one that an erasure deleted meanwhile, the log says less by now
        self._stored.drop(installation_id)
        logger.error(
            "The snapshot of the view at event %s said something else than the history (%s), and is deleted. Restart "
            "this server: what it answers may rest on it.",
            stored.position,
            differing,
        )
        return False

    def _opened(
        self,
        stored: StoredSnapshot,
        installation_id: UUID,
        reader: EventReader,
        read_events: ReadEvents,
        contradicts: Judge,
    ) -> Folding:
        if stored.fold_version != fold_version():
            raise SnapshotUnfit("another version of this program made it")
        record = next(iter(reader.at_and_after(installation_id, stored.position)), None)
        if record is None or record.position != stored.position or record.topic is None:
            raise SnapshotUnfit("its event is not in the history")
        newest_leaf = leaf(installation_id, record.position, record.topic, record.state)
        if not newest_leaf == record.leaf == stored.leaf:
            raise SnapshotUnfit("its event is another one in the history")
        try:
            text = decrypt(self._key, stored.body, _bound(installation_id, stored))
        except Unsealable:
            raise SnapshotUnfit("it was altered, or made with another secret key") from None

        def events_at(positions: Iterable[int]) -> list[Installation.Event]:
            rows: list[StoredEvent] = []
            for position in positions:
                rows.extend(reader.events(installation_id, after=position - 1, upto=position))
            return list(read_events(rows))

        return folding_of(_unpacked(text), installation_id, stored.position, newest_leaf, events_at, contradicts)


def _never(_registration: Registration, _product: str) -> bool:
    """Licenses are judged where they are asked for; whoever compares asks for the same of both."""
    return False


def _bound(installation_id: UUID, snapshot: StoredSnapshot) -> bytes:
    """What a body is sealed together with: all that stands beside it, each of a fixed length but the last."""
    return b"".join(
        (
            installation_id.bytes,
            snapshot.position.to_bytes(8),
            len(snapshot.leaf).to_bytes(8),
            snapshot.leaf,
            snapshot.fold_version,
        )
    )


def _unpacked(packed: bytes) -> Iterator[bytes]:
    """The lines of a text, of which never all is in memory. Raises SnapshotUnfit."""
    unpacking, rest = zlib.decompressobj(), b""
    for start in range(0, len(packed), PACKED_AT_ONCE):
        rest += unpacking.decompress(packed[start : start + PACKED_AT_ONCE])
        *lines, rest = rest.split(b"\n")
        yield from lines
    if not unpacking.eof or rest:
        raise SnapshotUnfit("it is not whole")
