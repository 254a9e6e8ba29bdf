"""One mail given to a mail server: over TLS that is checked, but for a server on this very machine."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.message import EmailMessage
from threading import Event, Thread

from application.mail.accounts import MailAccount, MailUnusable
from domain.refusals import Problem

SECONDS = 10.0
"""For how long the server is waited for at each step."""

MOST_SECONDS = 40.0
"""For how long it is waited for in all: after a lease (application/webhooks) another worker would send the same."""

HANGING_UP = 0.1
"""Seconds between two looks whether there is a connection to hang up on."""


class NotSent(Exception):
    """The server did not take the mail; the problem says why, without a password."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class _Watch(Thread):
    """Hangs up on a server that takes too long in all: one that answers slowly at every step meets no time-out."""

    def __init__(self, seconds: float) -> None:
        super().__init__(name="mail-watch", daemon=True)
        self.servers: list[smtplib.SMTP] = []
        self.is_over = Event()
        self.is_late = False
        self.seconds = seconds

    def run(self) -> None:
        pause = self.seconds
        while not self.is_over.wait(pause):
            self.is_late, pause = True, HANGING_UP
            for server in self.servers:
                if (connection := server.sock) is not None:
                    with suppress(OSError):  # it is closed
                        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # TLS's own would alter what is in use


class _Watched(smtplib.SMTP):
    """A server that is watched before it is connected to."""

    def __init__(self, account: MailAccount, watch: _Watch, seconds: float) -> None:
        watch.servers.append(self)
        super().__init__(account.host, account.port, timeout=seconds)


class _WatchedByTls(smtplib.SMTP_SSL):
    """The same, with TLS from the beginning."""

    def __init__(self, account: MailAccount, watch: _Watch, seconds: float) -> None:
        watch.servers.append(self)
        super().__init__(account.host, account.port, timeout=seconds, context=ssl.create_default_context())


def send(
    account: MailAccount, letter: EmailMessage, *, seconds: float = SECONDS, most_seconds: float = MOST_SECONDS
) -> Problem | None:
    """Give a mail to the server; the problem of those recipients whom it refused while it took others. Raises NotSent.

    It is the server's from then on: what becomes of it later is told to the sender's address.
    """
    watch = _Watch(most_seconds)
    with _failures(account, watch), _connected(account, watch, seconds) as server:
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
def _connected(account: MailAccount, watch: _Watch, seconds: float) -> Iterator[smtplib.SMTP]:
    watch.start()
    try:
        with closing((_WatchedByTls if account.is_tls else _Watched)(account, watch, seconds)) as server:
            yield server
            with suppress(smtplib.SMTPException, OSError):  # the mail is taken, whatever the farewell is
                server.quit()
    finally:
        watch.is_over.set()


@contextmanager
def _failures(account: MailAccount, watch: _Watch) -> Iterator[None]:
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
    raise NotSent(Problem("answer_late", seconds=round(watch.seconds)) if watch.is_late else problem)
