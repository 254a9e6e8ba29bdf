"""Where mail is given to be sent, by whom and to whom: read from settings, and refused where it could not work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from application.files import read_small, reason_of
from application.host_names import NoHost, host_from
from domain.refusals import Problem

SMTP, MAIL_FROM, MAIL_TO = "SEATLEDGER_SMTP", "SEATLEDGER_MAIL_FROM", "SEATLEDGER_MAIL_TO"

PORTS = {"smtp": 587, "smtps": 465}

MOST_RECIPIENTS = 20
LONGEST_ADDRESS = 254


class MailUnusable(ValueError):
    """The settings of the mail cannot be used; the problem says which, and what to write."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class MailAccount:
    """A mail server that takes our mail, and who is written to. Accounts here have no addresses: settings name them."""

    host: str
    port: int
    is_tls: bool
    """TLS from the beginning; else STARTTLS, but for this very machine."""
    user: str
    password: str = field(repr=False)
    password_file: Path | None
    sender: str
    recipients: tuple[str, ...]

    @classmethod
    def of(cls, url: str, password_file: Path | None, sender: str, recipients: Sequence[str]) -> Self | None:
        """As the settings say; None if they name no mail at all. Raises MailUnusable."""
        named = {SMTP: bool(url), MAIL_FROM: bool(sender), MAIL_TO: bool(recipients)}
        missing = [name for name, is_there in named.items() if not is_there]
        if len(missing) == len(named):
            return None
        if missing:
            raise MailUnusable(Problem("mail_settings_missing", names=missing))
        if len(recipients) > MOST_RECIPIENTS:
            raise MailUnusable(Problem("mail_recipients_many", most=MOST_RECIPIENTS))
        for name, address in [(MAIL_FROM, sender), *((MAIL_TO, each) for each in recipients)]:
            _ask_address(name, address)
        try:
            parts = urlsplit(url)
            host = host_from(parts.netloc.rpartition("@")[2])
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
        except (NoHost, ValueError):
            raise MailUnusable(Problem("mail_server_invalid")) from None
        if parts.scheme not in PORTS or parts.path.strip("/") or parts.query or parts.fragment:
            raise MailUnusable(Problem("mail_server_invalid"))
        if bool(user) != bool(password or password_file):
            raise MailUnusable(Problem("mail_password_unclear"))
        if not _is_plain(user + password):
            raise MailUnusable(Problem("mail_password_characters"))
        if password and password_file:
            raise MailUnusable(Problem("mail_password_twice"))
        name, port = host.name.strip("[]"), host.port or PORTS[parts.scheme]
        return cls(name, port, parts.scheme == "smtps", user, password, password_file, sender, tuple(recipients))

    @property
    def is_here(self) -> bool:
        """Whether the server is on this very machine, where nobody listens on the way."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def secret(self) -> str:
        """The password; that of a file is read anew each time. Raises MailUnusable."""
        if self.password_file is None:
            return self.password
        try:
            text = read_small(self.password_file).decode("latin-1").rstrip("\r\n")
        except OSError as error:
            reason = reason_of(error, self.password_file)
            raise MailUnusable(
                Problem("mail_password_unreadable", path=str(self.password_file), reason=reason)
            ) from None
        if not _is_plain(text):
            raise MailUnusable(Problem("mail_password_characters"))
        return text


def _is_plain(text: str) -> bool:
    """Whether a mail server can be told it: what goes beyond ASCII has no spelling there."""
    return text.isascii() and text.isprintable()


def _ask_address(name: str, text: str) -> None:
    """Raises MailUnusable for what is no address, such as one with a name beside it."""
    from email.errors import MessageError  # here: their import takes longer than most commands need
    from email.headerregistry import Address

    try:
        address = Address(addr_spec=text)
        is_one = text.isascii() and text.isprintable() and bool(address.username) and bool(address.domain)
    except (MessageError, ValueError, IndexError, AttributeError):
        is_one = False
    if not is_one or len(text) > LONGEST_ADDRESS:
        raise MailUnusable(Problem("mail_address_invalid", name=name, text=text[:80]))
