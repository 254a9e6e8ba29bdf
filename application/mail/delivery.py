"""Warnings by mail: each stage of each once, one sender at a time, with the same pauses as webhooks have."""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from typing import NamedTuple
from uuid import UUID

from application.clock import Clock
from application.licensing import Licensing
from application.mail import letters
from application.mail.accounts import MailAccount
from application.mail.sending import NotSent, send
from application.webhooks import MAIL, Failure, Untold, Webhook, Webhooks
from application.webhooks.delivery import PAUSES
from application.words.language import ENGLISH, Language
from domain.refusals import Refused


class MailOff(Refused):
    """No mail server is named."""

    code = "mail_off"


class MailTestFailed(Refused):
    """The mail server did not take a test; `problem` says why."""

    code = "mail_test_failed"


class MailState(NamedTuple):
    """How the mail stands: whom it goes to, and what became of the last one; None before the first look."""

    account: MailAccount
    receiver: Webhook | None


class Mail:
    """Sends warnings to the addresses of the settings, in the installation's language; without any, nothing."""

    def __init__(
        self,
        licensing: Licensing,
        webhooks: Webhooks,
        account: MailAccount | None,
        clock: Clock,
        *,
        language: Language = ENGLISH,
        jitter: Callable[[], float] = lambda: uniform(0.8, 1.2),  # noqa: S311  no secret
    ) -> None:
        self._licensing, self._webhooks, self._account, self._clock = licensing, webhooks, account, clock
        self._language, self._jitter, self._untold = language, jitter, Untold(webhooks)

    def state(self) -> MailState | None:
        """None if there is no mail."""
        return MailState(self._account, self._webhooks.mail()) if self._account else None

    def deliver(self, id_: UUID, *, tell: Callable[[Failure], None] = lambda _: None) -> None:
        """Send what administrators are warned of and was not told; what fails is told, and tried again later.

        Raises Busy, StorageFailed, and what keeps the log from being read.
        """
        if self._account is None:
            return
        now = self._licensing.now(id_)
        receiver = self._webhooks.mail()
        if receiver is not None and not self._webhooks.is_due(receiver):
            return
        if not self._untold.of(MAIL, now):
            return
        self._webhooks.begin_mail()
        lease = self._webhooks.lease(MAIL)
        if lease is None:
            return
        try:
            for warning in self._untold.of(MAIL, now):
                moment = self._clock()
                try:
                    problem = send(
                        self._account, letters.of_day_warning(self._account, id_, warning, now, moment, self._language)
                    )
                except NotSent as error:
                    pause = PAUSES[min(lease.webhook.failures, len(PAUSES) - 1)] * self._jitter()
                    lease.failed(error.problem, next_at=moment + pause, stopped=None)
                    tell(Failure(lease.webhook, error.problem, moment + pause, None))
                    return
                if not lease.delivered(key=warning.key, problem=problem):
                    return
        finally:
            lease.end()

    def test(self, id_: UUID) -> list[str]:
        """Send a test to all; gives their addresses. What had failed is tried again at once then.

        Raises MailOff, MailTestFailed.
        """
        if self._account is None:
            raise MailOff
        letter = letters.of_test(self._account, id_, self._licensing.now(id_).view.name, self._clock(), self._language)
        try:
            problem = send(self._account, letter)
        except NotSent as error:
            raise MailTestFailed(problem=error.problem) from None
        if problem is not None:
            raise MailTestFailed(problem=problem)
        if self._webhooks.mail() is not None:
            self._webhooks.retry_mail()
        return list(self._account.recipients)
