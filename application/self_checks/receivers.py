"""Whether whoever shall be told what happens is told: webhooks that were turned off, and deliveries that fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from application.self_checks.finding import Finding, warning
from application.webhooks import MAIL, Webhook
from domain.local_time import spelled_at

FAILING = timedelta(hours=1)
"""For how long deliveries may fail until somebody should know: receivers are started again now and then."""


def of_receivers(receivers: Iterable[Webhook], now: datetime, time_zone: str) -> Iterator[Finding]:
    """A finding for each that is told nothing and that nobody has turned off."""
    for each in receivers:
        if each.was_given_up:
            yield warning("webhook_off", "notifications", id=each.id, problem=each.problem)
        elif each.stopped is None and each.failing_since is not None and now - each.failing_since >= FAILING:
            since = spelled_at(each.failing_since, time_zone)
            if each.id == MAIL:
                yield warning("mail_failing", "notifications", since=since, problem=each.problem)
            else:
                yield warning("webhook_failing", "notifications", id=each.id, since=since, problem=each.problem)
