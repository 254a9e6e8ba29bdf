"""The timer that tells the other workers what this one has counted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from interface.timer import Timer

if TYPE_CHECKING:
    from interface.metrics import Metrics

INTERVAL = 1.0
"""Seconds by which an answer of /metrics may lag behind what other workers have done."""

log = logging.getLogger("seatledger.metrics")


class MetricsTimer(Timer):
    """Does beside the server what a login check shall not do for each: to count for all processes takes as long as a
    twentieth of it."""

    def __init__(self, metrics: Metrics, *, interval: float = INTERVAL) -> None:
        super().__init__("metrics", interval=interval)
        self._metrics = metrics

    def work(self) -> None:
        self._metrics.write()

    def complain(self, reason: str) -> None:
        log.error("Login checks cannot be counted for all workers: %s", reason)
