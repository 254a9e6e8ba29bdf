"""Reads events out of an export that was verified, as a database's reader reads them out of its log."""

from __future__ import annotations

from array import array
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import BinaryIO
from uuid import UUID

import orjson

from application.log.stored import Record, StoredEvent

BLOCK = 1000
"""How many events are read at once where they are wanted in the other order."""


class Places:
    """Where each event stands in the file: noted while the export is verified, eight bytes for an event."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ends = array("q")
        self.installation_id: UUID | None = None

    def event(self, position: int, originator_id: str) -> None:
        """Note that the file was read up to behind this event."""
        if position == 1:
            self.installation_id = UUID(originator_id)
            self._ends.append(0)
        self._ends.append(self._stream.tell())

    @property
    def newest(self) -> int:
        """The position of the newest event."""
        return len(self._ends) - 1

    def before(self, position: int) -> int:
        """A place in the file behind the event before this position, and before the event at it."""
        return self._ends[position - 1]


class ExportedEvents:
    """An EventReader over a verified export, one file that stays open and that nobody writes."""

    def __init__(self, stream: BinaryIO, places: Places) -> None:
        self._stream, self._places = stream, places

    def close(self) -> None:
        """The file is its opener's to close."""

    def version(self, _installation_id: UUID) -> int:
        """Always the same: an export does not grow."""
        return 0

    def tells_at_once(self) -> bool:
        return True

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
    ) -> Iterator[StoredEvent]:
        """As a database gives them: at positions after + 1 to upto, of the topics or at `also`, with the texts."""
        kinds, others, texts = set(topics), set(also), [text.encode() for text in containing]
        for record in self._records(after, upto, newest_first):
            if kinds and record.topic not in kinds and record.position not in others:
                continue
            if all(text in record.state for text in texts):
                yield StoredEvent(installation_id, record.position, record.topic or "", record.state)

    def at_and_after(self, installation_id: UUID, position: int) -> list[Record]:  # noqa: ARG002  there is one alone
        """The event at the position and the next one after it, as far as they are there."""
        return list(self._records(position - 1, position + 1, newest_first=False))

    def _records(self, after: int, upto: int | None, newest_first: bool) -> Iterator[Record]:
        last = self._places.newest if upto is None else min(upto, self._places.newest)
        if not newest_first:
            for first in range(after + 1, last + 1, BLOCK):
                yield from self._block(first, min(first + BLOCK - 1, last))
            return
        for end in range(last, after, -BLOCK):
            yield from reversed(self._block(max(after + 1, end - BLOCK + 1), end))

    def _block(self, first: int, last: int) -> list[Record]:
        """The events from one position to another: read at once, since other questions move the same file."""
        self._stream.seek(self._places.before(first))
        block: list[Record] = []
        while len(block) <= last - first:
            fields = orjson.loads(self._stream.readline())
            if "position" in fields:
                leaf = bytes.fromhex(fields["leaf"])
                block.append(Record(fields["position"], fields["topic"], b64decode(fields["state"]), leaf))
        return block
