"""Somebody's mail server: a real one on this machine (aiosmtpd), with or without TLS and passwords."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.interface.cli.processes import free_port
from tests.receiver import certificate

USER, PASSWORD = "seatledger", "a/b@c:d 9"


class MailServer:
    """Takes mail; or says in turn what `answers` has, such as “451 later”."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.refused: set[str] = set()
        """Recipients whom it does not take."""
        self.port = 0

    async def handle_RCPT(  # noqa: N802  the library's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802  the same
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append(envelope)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def _authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def taking_mail(
    directory: Path, *, starttls: bool = False, tls: bool = False, auth: bool = False
) -> Iterator[MailServer]:
    """A mail server, until the end."""
    server, context = MailServer(), None
    if starttls or tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(directory))
    server.port = free_port()
    options: dict[str, Any] = {"authenticator": _authenticate, "auth_required": True} if auth else {}
    if auth:
        options["auth_require_tls"] = starttls  # it knows of no other TLS
    if starttls:
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(server, "127.0.0.1", server.port, ssl_context=context if tls else None, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
