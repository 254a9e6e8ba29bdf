"""The timer that takes snapshots of the view, and now and then compares one with the history."""

from __future__ import annotations

import logging
from random import random

from interface.composition import Seatledger
from interface.timer import Timer

INTERVAL = 300.0
"""Seconds between two looks whether a snapshot pays."""

COMPARED_EVERY = 24 * 3600.0
"""Seconds after which a worker folds the history from nothing once more, on average."""

log = logging.getLogger("seatledger.snapshots")


class SnapshotTimer(Timer):
    """Lets the next worker that starts begin from a snapshot, where folding the history takes long."""

    def __init__(self, seatledger: Seatledger, *, interval: float = INTERVAL) -> None:
        super().__init__("snapshots", interval=interval)
        self._seatledger = seatledger

    def work(self) -> None:
        self._seatledger.licensing.views.take_snapshot(self._seatledger.installation_id, self.pause)
        if random() < self._interval / COMPARED_EVERY:  # noqa: S311  no secret
            self.compare()

    def compare(self) -> None:
        """Compare the snapshot with the history; the log is told if it says something else."""
        self._seatledger.licensing.views.compare_snapshot(self._seatledger.installation_id, self.pause)

    def complain(self, reason: str) -> None:
        log.error("No snapshot of the view could be taken or compared: %s", reason)
