"""The timer that writes when API tokens were last used, tells the log of those that end, and forgets old requests."""

from __future__ import annotations

import logging
from datetime import date

from application.log.failures import database_errors
from application.words import sentences
from application.words.language import ENGLISH
from interface.composition import Seatledger
from interface.timer import Timer

INTERVAL = 60.0
"""Seconds between two looks; so long may a list say of a token just used that it was not."""

log = logging.getLogger("seatledger.tokens")


class TokenTimer(Timer):
    """Does beside the server what no login check shall wait for."""

    def __init__(self, seatledger: Seatledger, *, interval: float = INTERVAL) -> None:
        super().__init__("tokens", interval=interval)
        self._seatledger = seatledger
        self._last_told_on: date | None = None

    def work(self) -> None:
        """Tell of ends first: a database that takes no writes keeps nobody from being warned."""
        now = self._seatledger.licensing.now(self._seatledger.installation_id)
        if now.day != self._last_told_on:
            warned = sentences.of_token_ends(now, ENGLISH)
            if warned and self._is_first(now.day):
                for warning in warned:
                    log.warning("%s", warning.message)
            self._last_told_on = now.day
        self.attempt(self._forget, lambda reason: log.error("Old requests could not be forgotten: %s", reason))
        self._seatledger.token_uses.write(now.day)

    def _forget(self) -> None:
        self._seatledger.repeats.forget_old()

    def complain(self, reason: str) -> None:
        log.error("The use of API tokens could not be noted: %s", reason)

    def _is_first(self, today: date) -> bool:
        """Whether no other worker told of it today; who cannot ask tells of it rather twice than never."""
        try:
            return self._seatledger.token_uses.is_first_to_tell(today)
        except database_errors():
            return True
