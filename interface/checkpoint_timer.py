"""The timer beside the server: it signs checkpoints, asks the self-checks, clears files, and looks at the whole log."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from random import uniform

from application.examination import LogContradicted
from application.self_checks import Finding, Severity
from application.words.findings import in_words
from application.words.language import ENGLISH
from domain.refusals import Problem
from interface.composition import Seatledger
from interface.timer import Timer

INTERVAL = 300.0
"""Seconds between two looks whether the log has grown."""

WHOLE_EVERY = 3600.0
"""Seconds from one look at the whole log to the next; the first is at the start."""

log = logging.getLogger("seatledger.audit")


class CheckpointTimer(Timer):
    """Takes a checkpoint now and then if the log has grown, and checks itself.

    One that is cut off in the middle has signed nothing.
    """

    def __init__(self, seatledger: Seatledger, *, interval: float = INTERVAL, whole_every: float = WHOLE_EVERY) -> None:
        super().__init__("checkpoints", interval=interval)
        self._seatledger = seatledger
        self._whole_every = whole_every
        self._findings: list[Finding] | None = None

    def run(self) -> None:
        next_whole = time.monotonic()
        while True:
            self.check()
            self.clear()
            if time.monotonic() >= next_whole:
                self.examine()
                next_whole = time.monotonic() + self._whole_every * uniform(0.8, 1.2)  # noqa: S311  no secret
            if self.is_over_after(self._interval):
                return
            self.look()

    def work(self) -> None:
        """Take a checkpoint if there is something to sign."""
        id_ = self._seatledger.installation_id
        if self._seatledger.audit.is_due(id_):
            self._seatledger.audit.take_checkpoint(id_, whole=False, pause=self.pause)

    def complain(self, reason: str) -> None:
        log.error("No checkpoint could be taken: %s", reason)

    def examine(self) -> None:
        """Look at the whole log, slice by slice; what contradicts it is an alarm, which is logged when it is new."""
        self.attempt(self._examine, lambda reason: log.error("The history could not be looked at: %s", reason))

    def _examine(self) -> None:
        with suppress(LogContradicted):
            self._seatledger.audit.examine(self._seatledger.installation_id, pause=self.pause)

    def check(self) -> None:
        """Ask the self-checks, log what is new, and keep for auditors that a store went back.

        What is wrong at the start is said by `serve`, once and not by every worker.
        """
        self.attempt(self._check, lambda reason: log.error("The self-checks could not be asked: %s", reason))

    def _check(self) -> None:
        id_ = self._seatledger.installation_id
        findings = self._seatledger.self_checks.findings(id_)
        for finding in findings:
            if self._findings is not None and finding not in self._findings:
                level = logging.ERROR if finding.severity is Severity.ALARM else logging.WARNING
                log.log(level, "%s (%s)", in_words(finding, ENGLISH).wrong, finding.code)
        self._findings = findings
        if (loss := self._seatledger.licensing.views.loss(id_)) is not None:
            gone = Problem("event_gone", event=loss.position, moment=loss.noticed_at.isoformat(timespec="seconds"))
            self._seatledger.audit.raise_alarm(id_, LogContradicted(position=loss.position, problem=gone))

    def clear(self) -> None:
        """Clear the database's files of erased people, if the erasure could not (P5)."""
        self.attempt(self._clear, lambda reason: log.error("Erased names may stand in files beside: %s", reason))

    def _clear(self) -> None:
        self._seatledger.licensing.erasing.clear(self._seatledger.installation_id)
