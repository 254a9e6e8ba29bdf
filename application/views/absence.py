"""The database is away: what a view's questions are answered then, and how it is noticed that it is back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread
from time import perf_counter

from application.log.failures import DatabaseAway, reason

ASK_AGAIN = 1.0
"""Seconds between two looks for a database that is away."""

logger = logging.getLogger("seatledger.licensing")


class Absence:
    """Notes that the database went away; a thread of its own asks for it again, and nobody else waits for that."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        """`ask` looks at the database once, and gives whether it is back."""
        self._ask = ask
        self._ending = Event()
        self.is_on = False
        self.since: datetime | None = None
        """The moment up to which what is known was certainly the newest."""
        self._known_at = 0.0
        self._reason = ""

    def begin(self, error: Exception, since: datetime, known_at: float) -> None:
        """It went away: known was what was true at `since`, by the process's own time `known_at`."""
        self.since, self._known_at, self._reason = since, known_at, reason(error)
        self.is_on = True
        logger.error("The database is away: %s. Login checks go on from what was known.", self._reason)
        Thread(target=self._wait, name="database-away", daemon=True).start()

    def error(self) -> DatabaseAway:
        """What a question is told that is not answered from what was known."""
        return DatabaseAway(self._reason)

    def is_longer_than(self, seconds: float) -> bool:
        """Whether what is known is older than that."""
        return perf_counter() - self._known_at > seconds

    def close(self) -> None:
        self._ending.set()

    def _wait(self) -> None:
        while not self._ending.wait(ASK_AGAIN):
            if self._ask():
                self.is_on = False
                logger.warning("The database is back after %.0f seconds.", perf_counter() - self._known_at)
                return
