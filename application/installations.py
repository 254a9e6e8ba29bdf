"""Installations as commands take them: made out of the newest view, which takes in turn what they stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from application.log.acting import Known
from application.log.stored import StoredEvent
from application.log.turns import TURN_TIMEOUT
from application.views.entitlement import installation_of
from application.views.newest import NewestView
from domain.installation import Installation


class Installations:
    """Gives each installation as the log has it now, or as it was last known.

    Commands wait for whoever reads the log as long as for other commands.
    """

    def __init__(self, newest_of: Callable[[UUID], NewestView]) -> None:
        self._newest_of = newest_of

    def newest(self, id_: UUID) -> Installation:
        """Asks the log. Raises NoInstallation, LogUnreadable, ReadingHistory, DatabaseAway."""
        return installation_of(self._newest_of(id_).now(patience=TURN_TIMEOUT))

    def known(self, id_: UUID) -> Known | None:
        """Asks nobody; None before anything is known. Raises ReadingHistory, DatabaseAway."""
        known = self._newest_of(id_).known(patience=TURN_TIMEOUT)
        return Known(installation_of(known[0]), known[1]) if known else None

    def take(self, id_: UUID, stored: Sequence[StoredEvent], events: Sequence[Installation.Event]) -> None:
        """What was stored right after what was known, as it is stored and as it will be read."""
        self._newest_of(id_).take(stored, events)
