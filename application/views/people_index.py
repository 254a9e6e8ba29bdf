"""Which events are about somebody, and which somebody recorded: one person's history without reading the whole log."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from zlib import crc32

from domain.installation import Installation

MARK = 4
"""The bytes that stand for a person. Others may have the same: whoever reads these events asks each whom it means."""

LONGEST_RUN = 500
"""How many events that stand one after another are read at once."""

PIECE = 3 << 15
"""How many bytes of marks become one text; three bytes become four characters, and none are left over."""

Run = tuple[int, int]
"""The first and the last of positions that follow one another."""


class PeopleIndex:
    """Two marks for each event of a log: whom it is about and by whom it was recorded. One thread notes, others look.

    What was before the first event that was noted is not known.
    """

    def __init__(self) -> None:
        self._about, self._by = bytearray(), bytearray()
        self._known_after: int | None = None
        self._newest_by = ("", _mark(""))

    def note(self, event: Installation.Event) -> None:
        """Take the next event of the log."""
        if self._known_after is None:
            self._known_after = event.originator_version - 1
        if event.by != self._newest_by[0]:
            self._newest_by = event.by, _mark(event.by)
        state = vars(event)
        account_id = state.get("user_id") or state.get("account_id") or state.get("auditor_id")
        self._about += _mark(account_id or state.get("operator_id") or "")
        self._by += self._newest_by[1]

    def runs(
        self, after: int, upto: int, *, about: str | None, by: Iterable[str], newest_first: bool = False
    ) -> Iterator[Run]:
        """Where events may stand at positions after + 1 to upto that are about this account, or, if nobody is said,
        that one of these recorded; everything, if neither is said or it is not known."""
        recorders = list(by)
        if self._known_after is None or (about is None and len(recorders) != 1):
            yield after + 1, upto
            return
        marks, mark = (self._by, _mark(recorders[0])) if about is None else (self._about, _mark(about))
        before, hits = self._known_after, self._hits(marks, mark, max(after, self._known_after), upto, newest_first)
        unknown = [(after + 1, min(before, upto))] if after < before else []
        yield from (() if newest_first else unknown)
        yield from _joined(hits)
        yield from (unknown if newest_first else ())

    def _hits(self, marks: bytearray, mark: bytes, after: int, upto: int, newest_first: bool) -> Iterator[int]:
        before = self._known_after or 0
        start, end = MARK * (after - before), MARK * (upto - before)
        find = marks.rfind if newest_first else marks.find
        while (at := find(mark, start, end)) >= 0:
            beyond = at % MARK
            if not beyond:
                yield before + at // MARK + 1
            if newest_first:
                end = at + (MARK - 1 if beyond else 0)
            else:
                start = at + (1 if beyond else MARK)

    def texts(self) -> tuple[list[str], list[str]]:
        """All marks from the first event on, as texts: whom events are about, and who recorded them.

        Nothing, if it does not begin with the first event.
        """
        return (_texts(self._about), _texts(self._by)) if self._known_after == 0 else ([], [])

    def take(self, about: Iterable[str], by: Iterable[str], position: int) -> None:
        """What `texts` gave after the event at `position`; it is let be if it is not of so many events."""
        marks = b"".join(map(b64decode, about)), b"".join(map(b64decode, by))
        if len(marks[0]) == len(marks[1]) == MARK * position:
            self._about, self._by, self._known_after = bytearray(marks[0]), bytearray(marks[1]), 0

    def stopped(self) -> PeopleIndex:
        """A copy with which nobody goes on."""
        other = PeopleIndex()
        other._about, other._by, other._known_after = self._about[:], self._by[:], self._known_after
        return other


def _joined(positions: Iterable[int]) -> Iterator[Run]:
    """Runs of positions that follow one another, up or down."""
    first = last = None
    for position in positions:
        if first is not None and last is not None:
            if abs(position - last) == 1 and abs(position - first) < LONGEST_RUN:
                last = position
                continue
            yield min(first, last), max(first, last)
        first = last = position
    if first is not None and last is not None:
        yield min(first, last), max(first, last)


def _mark(text: str) -> bytes:
    return crc32(text.encode()).to_bytes(MARK, "big")


def _texts(marks: bytearray) -> list[str]:
    return [b64encode(marks[start : start + PIECE]).decode("ascii") for start in range(0, len(marks), PIECE)]
