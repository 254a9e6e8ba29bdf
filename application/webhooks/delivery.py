"""The deliveries to webhooks: at least once, in the order of the log, one sender at a time, with ever longer pauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import uniform
from typing import NamedTuple, Protocol
from uuid import UUID

from application.clock import Clock
from application.credentials.tables import seconds
from application.licensing import Licensing
from application.views.day_view import DayView
from application.views.warnings import DayWarning
from application.webhooks.endpoints import FAILED, GONE, Lease, Webhook, Webhooks
from application.webhooks.messages import WARNING, Outgoing, of_day_warning, of_event, of_test
from application.webhooks.posting import GONE as GONE_STATUS
from application.webhooks.posting import SECONDS, post
from application.webhooks.signatures import signature
from application.webhooks.targets import Address, Guard, Target, Unreachable, WebhookUrlRefused
from application.webhooks.untold import Untold
from application.words.language import ENGLISH, Language
from domain.refusals import Problem, Refused

PAUSES = tuple(timedelta(seconds=each) for each in (5, 300, 1800, 7200, 18_000, 36_000, 86_400))
"""From a failure to the next try: 5 seconds after the first, and a day after the seventh and every other."""

GIVEN_UP_AFTER = timedelta(days=5)
"""For how long deliveries may fail until the webhook is stopped."""

TEST_SECONDS = 4.0
"""For how long a test waits for a receiver: somebody sits before a screen."""

AT_ONCE = 50
"""How many events are delivered to one webhook before the next has its turn."""


class WebhookTestFailed(Refused):
    """What was sent as a test did not arrive; `problem` says why."""

    code = "webhook_test_failed"


class Posting(Protocol):
    """What sends a body (see application.webhooks.posting.post)."""

    def __call__(
        self,
        target: Target,
        addresses: Sequence[Address],
        body: bytes,
        headers: Mapping[str, str],
        *,
        seconds: float = ...,
    ) -> None: ...


class Failure(NamedTuple):
    """A delivery that failed: why, and when it is tried again, or why it is not."""

    webhook: Webhook
    problem: Problem
    next_at: datetime
    stopped: str | None


class _Failed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


class Deliveries:
    """Delivers what waits, with sentences in the installation's language.

    `jitter` gives a factor for a pause, so that many who failed at once come at other times.
    """

    def __init__(
        self,
        licensing: Licensing,
        webhooks: Webhooks,
        guard: Guard,
        clock: Clock,
        *,
        language: Language = ENGLISH,
        send: Posting = post,
        jitter: Callable[[], float] = lambda: uniform(0.8, 1.2),  # noqa: S311  no secret
    ) -> None:
        self._licensing, self._webhooks, self._guard, self._clock = licensing, webhooks, guard, clock
        self._language, self._send, self._jitter = language, send, jitter
        self._untold_warnings = Untold(webhooks)

    def deliver(
        self, id_: UUID, *, tell: Callable[[Failure], None] = lambda _: None, pause: Callable[[], None] = lambda: None
    ) -> None:
        """Deliver to each webhook all that waits for it, until it is done or fails, which `tell` is told.

        `pause` may end it in between. Raises PepperUnusable, Busy, StorageFailed, and what keeps the log from being
        read.
        """
        while True:
            now = self._licensing.now(id_)
            due = [each for each in self._webhooks.all() if self._webhooks.is_due(each) and self._waits(each, now)]
            progress = [self._turn(id_, each, now, tell) for each in due]
            if not any(progress):
                return
            pause()

    def test(self, id_: UUID, webhook_id: str) -> None:
        """Send a test to a webhook now, also to one that is stopped. Raises UnknownWebhook, WebhookTestFailed."""
        webhook = self._webhooks.get(webhook_id)
        try:
            self._post(webhook, of_test(id_, webhook_id, self._clock()), wait=TEST_SECONDS)
        except Unreachable as error:
            raise WebhookTestFailed(problem=error.problem) from None

    def _waits(self, webhook: Webhook, now: DayView) -> bool:
        """Whether there is anything for it."""
        return webhook.position != now.position or bool(self._untold(webhook, now))

    def _turn(self, id_: UUID, webhook: Webhook, now: DayView, tell: Callable[[Failure], None]) -> bool:
        """Deliver a part of what waits; whether it went well, so that there may be more."""
        lease = self._webhooks.lease(webhook.id)
        if lease is None:
            return False
        try:
            return self._events(id_, lease, now) and self._warnings(id_, lease, now)
        except _Failed as failed:
            tell(failed.failure)
            return False
        finally:
            lease.end()

    def _events(self, id_: UUID, lease: Lease, now: DayView) -> bool:
        """Deliver the next events; False if the lease was lost. Raises _Failed."""
        position = min(lease.webhook.position, now.position)  # after a restore, the log may be shorter
        for entry in self._licensing.history(id_, after=position, limit=AT_ONCE):
            outgoing, position = of_event(id_, entry), entry.position
            if outgoing.type in lease.webhook.types:
                self._send_or_fail(lease, outgoing)
                if not lease.delivered(position=position):
                    return False
        return lease.passed(position)

    def _warnings(self, id_: UUID, lease: Lease, now: DayView) -> bool:
        """Deliver the warnings of the day that were not delivered; False if the lease was lost. Raises _Failed."""
        for warning in self._untold(lease.webhook, now):
            self._send_or_fail(lease, of_day_warning(id_, warning, now, self._clock(), self._language))
            if not lease.delivered(key=warning.key):
                return False
        return True

    def _untold(self, webhook: Webhook, now: DayView) -> list[DayWarning]:
        """The warnings of the day that it gets and was not told."""
        return self._untold_warnings.of(webhook.id, now) if WARNING in webhook.types else []

    def _send_or_fail(self, lease: Lease, outgoing: Outgoing) -> None:
        """Send something; raises _Failed, after it was written down that it failed and when it is tried again."""
        try:
            self._post(lease.webhook, outgoing, wait=SECONDS)
        except Unreachable as error:
            webhook, moment = lease.webhook, self._clock()
            stopped = None
            if error.problem == Problem("answered", status=GONE_STATUS):
                stopped = GONE
            elif (
                webhook.failing_since
                and moment - webhook.failing_since >= GIVEN_UP_AFTER
                and webhook.failures >= len(PAUSES)  # else it was not tried in all that time: no server ran
            ):
                stopped = FAILED
            next_at = moment + PAUSES[min(webhook.failures, len(PAUSES) - 1)] * self._jitter()
            lease.failed(error.problem, next_at=next_at, stopped=stopped)
            raise _Failed(Failure(webhook, error.problem, next_at, stopped)) from None

    def _post(self, webhook: Webhook, outgoing: Outgoing, *, wait: float) -> None:
        """Send something, signed now. Raises Unreachable, PepperUnusable."""
        try:
            target = self._guard.target(webhook.url)
        except WebhookUrlRefused as refusal:  # the settings are others than when it was added
            problem = refusal.facts["problem"]
            raise Unreachable(problem if isinstance(problem, Problem) else Problem("url_no_url")) from None
        addresses, moment = self._guard.addresses(target), seconds(self._clock())
        key = self._webhooks.key(webhook)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Seatledger",
            "webhook-id": outgoing.id,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(webhook.signature, key, outgoing.id, moment, outgoing.body),
        }
        self._send(target, addresses, outgoing.body, headers, seconds=wait)
