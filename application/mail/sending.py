"""One mail given to a mail server: over TLS that is checked, but for a server on this very machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from application.mail.accounts import MailAccount, MailUnusable
from domain.refusals import Problem

SECONDS = 10.0
"""For how long the server is waited for at each step."""


class NotSent(Exception):
    """The server did not take the mail; the problem says why, without a password."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def send(account: MailAccount, letter: EmailMessage, *, seconds: float = SECONDS) -> Problem | None:
    """Give a mail to the server; the problem of those recipients whom it refused while it took others. Raises NotSent.

    It is the server's from then on: what becomes of it later is told to the sender's address.
    """
    with _failures(account), _connected(account, seconds) as server:
        if not (account.is_tls or account.is_here):
            server.ehlo()
            if not server.has_extn("starttls"):
                raise NotSent(Problem("mail_without_tls", host=account.host))
            server.starttls(context=ssl.create_default_context())
        if account.user:
            server.login(account.user, account.secret())
        refused = server.send_message(letter, account.sender, list(account.recipients))
    return Problem("mail_recipients_refused", addresses=sorted(refused)) if refused else None


@contextmanager
def _connected(account: MailAccount, seconds: float) -> Iterator[smtplib.SMTP]:
    if account.is_tls:
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(account.host, account.port, timeout=seconds, context=context)
    else:
        server = smtplib.SMTP(account.host, account.port, timeout=seconds)
    try:
        yield server
        with suppress(smtplib.SMTPException, OSError):  # the mail is taken, whatever the farewell is
            server.quit()
    finally:
        server.close()


@contextmanager
def _failures(account: MailAccount) -> Iterator[None]:
    """Turns what keeps a mail from being taken into NotSent."""
    try:
        yield
    except MailUnusable as error:
        problem = error.problem
    except smtplib.SMTPAuthenticationError as error:
        problem = Problem("mail_login_refused", host=account.host, status=error.smtp_code)
    except smtplib.SMTPRecipientsRefused as error:
        problem = Problem("mail_recipients_refused", addresses=sorted(error.recipients))
    except smtplib.SMTPResponseException as error:
        problem = Problem("mail_refused", host=account.host, status=error.smtp_code)
    except ssl.SSLCertVerificationError as error:
        problem = Problem("mail_tls_untrusted", host=account.host, reason=error.verify_message)
    except (OSError, smtplib.SMTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        problem = Problem("mail_not_connected", host=account.host, port=account.port, reason=reason)
    else:
        return
    raise NotSent(problem)
