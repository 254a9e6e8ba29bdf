"""What is stored beside events and read back: records, checkpoints, alarms; the same on every database."""

from __future__ import annotations

from typing import NamedTuple


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


class LogAlarm(NamedTuple):
    """Something wrong with the log itself: the first wrong position, what it is, and when it was found."""

    position: int
    message: str
    found_at: str
