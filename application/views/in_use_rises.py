"""Why In use rose: by which deed, and by what kind of caller."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple
from uuid import UUID

from application.views.history import Filter, HistoryEntry

TAKING = Filter(events=("UserAdded", "UserRestored"))
"""The events after which In use is one more."""

HOW = {"UserAdded": "added", "UserRestored": "restored"}

BY = {"user": "administrator", "token": "token", "operator": "command_line"}
"""The kinds of callers, by how an event spells them."""

_OF_IMPORT = 5
"""The version of a command id that an import has made for one of its lines (RFC 9562, section 5.5)."""


class Rise(NamedTuple):
    """`added`, `restored` or `imported`; by an `administrator`, a `token`, the `command_line` or the `server`."""

    how: str
    by: str


class InUseRises:
    """Counts by what In use rose, in the order of the log from a position on."""

    def __init__(self, after: int) -> None:
        self.position = after
        """That of the newest event that is counted, or which the count began after."""
        self.counts: Counter[Rise] = Counter()

    def note(self, entry: HistoryEntry) -> None:
        """Count an event of TAKING, the next one."""
        event = entry.event
        is_import = UUID(event.command_id).version == _OF_IMPORT
        how = "imported" if is_import else HOW[type(event).__name__]
        self.counts[Rise(how, BY.get(event.by.partition(":")[0], "server"))] += 1
        self.position = entry.position
