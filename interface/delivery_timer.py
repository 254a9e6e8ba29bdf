"""The timer that delivers to webhooks what happened, and mails what administrators are warned of."""

from __future__ import annotations

import logging

from application.webhooks import Failure
from application.words.language import ENGLISH
from application.words.webhooks import STOPPED
from interface.composition import Seatledger
from interface.timer import Timer

INTERVAL = 5.0
"""Seconds between two looks: one question to a small table, and none of the log, which the worker knows already."""

log = logging.getLogger("seatledger.webhooks")


class DeliveryTimer(Timer):
    """Delivers beside the server; of all workers of all servers, one at a time to each webhook."""

    def __init__(self, seatledger: Seatledger, *, interval: float = INTERVAL) -> None:
        super().__init__("deliveries", interval=interval)
        self._seatledger = seatledger

    def run(self) -> None:
        self.look()  # what waited while no server ran
        super().run()

    def work(self) -> None:
        """Deliver all that waits; what keeps the mail from it keeps nothing from the webhooks, and the other way."""
        self.attempt(self._mail, lambda reason: log.error("No warning could be mailed: %s", reason))
        id_ = self._seatledger.installation_id
        self._seatledger.deliveries.deliver(id_, tell=_log_failure, pause=self.pause)

    def _mail(self) -> None:
        self._seatledger.mail.deliver(self._seatledger.installation_id, tell=_log_mail_failure)

    def complain(self, reason: str) -> None:
        log.error("Webhooks could not be looked after: %s", reason)


def _log_failure(failure: Failure) -> None:
    """Without the URL, in which there may be a secret of the receiver's."""
    problem = ENGLISH.clause(failure.problem)
    if failure.stopped is None:
        moment = ENGLISH.moment(failure.next_at)
        log.warning("A delivery to webhook %s failed: %s. Next try: %s", failure.webhook.id, problem, moment)
    else:
        log.error("Webhook %s is %s. Last: %s", failure.webhook.id, STOPPED[failure.stopped], problem)


def _log_mail_failure(failure: Failure) -> None:
    moment = ENGLISH.moment(failure.next_at)
    log.warning("A warning could not be mailed: %s. Next try: %s", ENGLISH.clause(failure.problem), moment)
