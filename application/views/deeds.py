"""What one command recorded in many events, one after the other: people read it as one line of the history."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Mapping
from copy import copy
from typing import NamedTuple

from application.user_import.lines import EVENTS_PER_SAVE
from domain.installation import Installation

Kind = tuple[str, bool]
"""The name of an event, and whether it adds an administrator."""

TOLD_TOGETHER = (
    Installation.UserAdded,
    Installation.UserDeleted,
    Installation.UserRestored,
    Installation.AdministratorGranted,
    Installation.AdministratorRevoked,
    Installation.TokenRevoked,
)
"""What commands do to many at once. Every other event says something that nobody must overlook in a number."""


class Deed(NamedTuple):
    """The positions of the first and the last event of a deed, and how many there are of each kind."""

    first: int
    last: int
    counts: Mapping[Kind, int]

    def of_kinds(self, events: Container[str]) -> Deed:
        """The same deed, in which only events of these names are counted."""
        return self._replace(counts={kind: count for kind, count in self.counts.items() if kind[0] in events})

    @property
    def number(self) -> int:
        """How many events are counted."""
        return sum(self.counts.values())


class Deeds:
    """Every deed of a log that has more than one event.

    A deed is of one command and one day. The lines of an import have command ids of their own, made from the import's
    (version 5): they are one deed if they were stored at once, or right after a full batch of an import.
    """

    def __init__(self) -> None:
        self.firsts, self.lasts = array("q"), array("q")
        self.counts: list[Counter[Kind]] = []
        self.newest: Installation.Event | None = None
        self.batch = 0
        """How many events the newest one was stored with at the same moment, itself and those before it."""

    def note(self, event: Installation.Event) -> None:
        """Take the next event of the log."""
        before, position = self.newest, event.originator_version
        if before is not None and self._goes_on(before, event):
            if not self.lasts or self.lasts[-1] != position - 1:
                self.lasts.append(position)
                self.counts.append(Counter([_kind(before)]))
                self.firsts.append(position - 1)  # last, since others may look meanwhile
            self.lasts[-1] = position
            self.counts[-1][_kind(event)] += 1
        self.batch = self.batch + 1 if before is not None and before.timestamp == event.timestamp else 1
        self.newest = event

    def stopped(self) -> Deeds:
        """A copy that takes no event."""
        other = copy(self)
        other.firsts, other.lasts = self.firsts[:], self.lasts[:]
        other.counts = [*self.counts[:-1], *map(Counter, self.counts[-1:])]
        return other

    def around(self, position: int) -> Deed | None:
        """The deed to which the event at a position belongs; None if its command recorded nothing else with it."""
        number = bisect_right(self.firsts, position) - 1
        if number < 0 or position > self.lasts[number]:
            return None
        return Deed(self.firsts[number], self.lasts[number], dict(self.counts[number]))

    def _goes_on(self, before: Installation.Event, event: Installation.Event) -> bool:
        if not (isinstance(before, TOLD_TOGETHER) and isinstance(event, TOLD_TOGETHER)):
            return False
        if (before.by, before.day) != (event.by, event.day):
            return False
        if before.command_id == event.command_id:
            return True
        are_lines = _is_line(before) and _is_line(event)
        return are_lines and (before.timestamp == event.timestamp or self.batch == EVENTS_PER_SAVE)


def _is_line(event: Installation.Event) -> bool:
    """Whether its command id is of version 5, as those of an import's lines are."""
    return event.command_id[14:15] == "5"


def _kind(event: Installation.Event) -> Kind:
    return type(event).__name__, isinstance(event, Installation.UserAdded) and event.administrator
