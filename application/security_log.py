"""The security log: what became of sign-ins, and the events that gave or took rights, as one list, newest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import NamedTuple
from uuid import UUID

from application.credentials import SignIn, SignIns
from application.licensing import Licensing
from application.views.history import Filter, HistoryEntry

EVENTS = (
    "PasswordLinkMade",
    "PasswordChanged",
    "AdministratorGranted",
    "AdministratorRevoked",
    "AuditorAdded",
    "AuditorRemoved",
    "TokenCreated",
    "TokenRevoked",
)
"""The events that say who may do what here; the history has them for ever.

Users who were added as administrators, and administrators who were deleted, come beside them (Entitlement.rights).
"""


class SecurityLine(NamedTuple):
    """A line, of a sign-in or of an event: one of the two is None."""

    moment: datetime
    sign_in: SignIn | None = None
    entry: HistoryEntry | None = None


class Before(NamedTuple):
    """Where a page begins: before this line of the sign-ins, and before this position."""

    line: int | None = None
    position: int | None = None


NEWEST = Before()


class SecurityPage(NamedTuple):
    """Lines, the newest first; `before` is where the next page begins, None at the end."""

    lines: list[SecurityLine]
    before: Before | None


class SecurityLog:
    """Reads both sources together; each is written where it happens."""

    def __init__(self, licensing: Licensing, sign_ins: SignIns, days: int) -> None:
        self._licensing = licensing
        self._sign_ins = sign_ins
        self._days = days

    def page(self, id_: UUID, *, limit: int, before: Before = NEWEST, account_id: str | None = None) -> SecurityPage:
        """At most `limit` lines of the last days; with an account, what it did and what was done to it."""
        now = self._licensing.now(id_)
        first_day = now.day - timedelta(days=self._days)
        only = Filter(events=EVENTS, also=frozenset(now.view.rights), about=account_id, first_day=first_day)
        events = self._licensing.newest_events(id_, before=before.position, limit=limit + 1, only=only)
        sign_ins = self._sign_ins.newest(limit=limit + 1, before=before.line, account_id=account_id)
        lines = [
            *merge(
                (SecurityLine(datetime.fromtimestamp(each.at / 1000, UTC), sign_in=each) for each in sign_ins),
                (SecurityLine(entry.recorded_at, entry=entry) for entry in events),
                key=lambda line: line.moment,
                reverse=True,
            )
        ]
        shown, more = lines[:limit], len(lines) > limit
        return SecurityPage(shown, _end_of(shown, before) if more else None)


def _end_of(lines: list[SecurityLine], before: Before) -> Before:
    """Where the next page begins: after the last line of each source that was shown."""
    line, position = before
    for each in lines:
        if each.sign_in:
            line = each.sign_in.line
        elif each.entry:
            position = each.entry.position
    return Before(line, position)
