"""The timer that signs checkpoints while the server runs, so that what an auditor keeps is never old."""

from __future__ import annotations

import logging
from random import uniform
from threading import Event, Thread

from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import Refused
from interface.composition import Seatledger

INTERVAL = 300.0
"""Seconds between two looks whether the log has grown."""

log = logging.getLogger("seatledger.audit")


class CheckpointTimer(Thread):
    """Takes a checkpoint now and then if the log has grown; whatever goes wrong, logins go on.

    Every worker has one. They look at different moments, so the first signs and the others find nothing to do. It ends
    with its process; one that is cut off in the middle has signed nothing.
    """

    def __init__(self, seatledger: Seatledger, *, interval: float = INTERVAL) -> None:
        super().__init__(name="checkpoints", daemon=True)
        self._seatledger = seatledger
        self._interval = interval
        self._stopping = Event()
        self._last_text: str | None = None

    def run(self) -> None:
        while not self._stopping.wait(self._interval * uniform(0.8, 1.2)):  # noqa: S311  no secret
            self.look()

    def look(self) -> None:
        """Take a checkpoint if there is something to sign; say once what keeps us from it."""
        try:
            id_ = self._seatledger.installation_id
            if self._seatledger.audit.has_grown(id_):
                self._seatledger.audit.take_checkpoint(id_, whole=False)
            self._last_text = None
        except Exception as problem:
            text = sentence(problem, ENGLISH) if isinstance(problem, Refused) else str(problem)
            if text != self._last_text:
                log.error("No checkpoint could be taken: %s", text)  # noqa: TRY400  a sentence, no traceback
            self._last_text = text

    def stop(self) -> None:
        """Let it end, and wait until it has."""
        self._stopping.set()
        self.join()
