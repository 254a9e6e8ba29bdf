"""Whose names came, changed or went lately: so that a list that is sorted by them need not be sorted anew."""

from __future__ import annotations

from collections import deque

from domain.installation import Installation

NAME_CHANGES = Installation.UserAdded | Installation.UserRenamed | Installation.PersonErased

MOST_KEPT = 1000
"""How many are kept: where more have changed, a list is sorted anew in less time than they are put in one by one."""


class NameChanges:
    """The newest changes of names in one log. A log that is read from nothing again has another one."""

    def __init__(self) -> None:
        self._newest: deque[tuple[int, str]] = deque(maxlen=MOST_KEPT)
        self._known_after: int | None = None

    def note(self, event: Installation.Event) -> None:
        """Take the next event of the log."""
        if self._known_after is None:
            self._known_after = event.originator_version - 1
        if isinstance(event, NAME_CHANGES):
            if len(self._newest) == MOST_KEPT:
                self._known_after = self._newest[0][0]
            account_id = event.account_id if isinstance(event, Installation.PersonErased) else event.user_id
            self._newest.append((event.originator_version, account_id))

    def between(self, after: int, upto: int) -> set[str] | None:
        """The ids of those whose names changed at the positions after + 1 to upto; None if that is not known any more.

        Auditors and operators who were erased are among them.
        """
        changes = list(self._newest)  # others may note meanwhile
        if self._known_after is None or not self._known_after <= after <= upto:
            return None
        return {account_id for position, account_id in changes if after < position <= upto}
