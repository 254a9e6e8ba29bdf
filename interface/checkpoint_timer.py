"""The timer that signs checkpoints while the server runs, so that what an auditor keeps is never old."""

from __future__ import annotations

import logging

from interface.composition import Seatledger
from interface.timer import Timer

INTERVAL = 300.0
"""Seconds between two looks whether the log has grown."""

log = logging.getLogger("seatledger.audit")


class CheckpointTimer(Timer):
    """Takes a checkpoint now and then if the log has grown; one that is cut off in the middle has signed nothing."""

    def __init__(self, seatledger: Seatledger, *, interval: float = INTERVAL) -> None:
        super().__init__("checkpoints", interval=interval)
        self._seatledger = seatledger

    def work(self) -> None:
        """Take a checkpoint if there is something to sign."""
        id_ = self._seatledger.installation_id
        if self._seatledger.audit.has_grown(id_):
            self._seatledger.audit.take_checkpoint(id_, whole=False)

    def complain(self, reason: str) -> None:
        log.error("No checkpoint could be taken: %s", reason)
