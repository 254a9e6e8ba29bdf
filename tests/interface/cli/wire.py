"""Requests as bytes, sent to a real server; and who asks it for logins meanwhile."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import PATIENCE, Server, serving

FORM = "application/x-www-form-urlencoded"
LONG = "60"
"""Seconds that a client may take where it shall stay until the test is over."""


def request(
    method: str, path: str, body: bytes = b"", *, length: int | None = None, chunked: bool = False, **headers: str
) -> bytes:
    """A request as bytes; `length` is what is announced if it is not the body's own."""
    fields = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if chunked:
        fields["Transfer-Encoding"] = "chunked"
    elif body or length is not None:
        fields["Content-Length"] = str(len(body) if length is None else length)
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def answer(client: socket.socket) -> tuple[int, str]:
    """The status and all that comes until the server ends the connection."""
    text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    return int(text.split(" ", 2)[1]) if text else 0, text


def told(server: Server, sent: bytes, *, ended: bool = False) -> tuple[int, str]:
    """What the server answers to these bytes; `ended`: nothing comes after them, and the server may know."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client:
        client.sendall(sent)
        if ended:
            client.shutdown(socket.SHUT_WR)
        return answer(client)


def form_of(server: Server, cookie: str = "") -> tuple[str, str]:
    """The cookie and the token of a form, as a browser gets them from a screen; without a cookie, to sign in."""
    _, text = told(server, request("GET", "/license" if cookie else "/sign-in", Cookie=cookie, Connection="close"))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert token, text
    return cookie_of(text) or cookie, token[1]


def cookie_of(text: str) -> str | None:
    cookie = re.search(r"(?i)set-cookie: (__Host-seatledger=[^;]+)", text)
    return cookie and cookie[1]


@dataclass
class Gateway:
    """A program that asks for logins, and a load balancer."""

    server: Server
    token: str

    def asks(self) -> None:
        """A hundred login checks, and whether the server lives: every one is answered."""
        for number in range(100):
            path = f"/api/v1/login-check?login_name=user-{number}"
            assert self.server.get(path, Authorization=f"Bearer {self.token}")[0] == 200
            if number % 10 == 0:
                assert self.server.get("/livez")[0] == 200
        assert self.server.get("/readyz")[0] == 200


@contextmanager
def gateway(ready: CommandLine, *, seconds: str = LONG, workers: int = 2) -> Iterator[Gateway]:
    token = ready.do("token", "create", "gateway", "--scope", "login-check").strip()
    environment = {**ready.environment, "SEATLEDGER_REQUEST_SECONDS": seconds}
    with serving(environment, "serve", "--workers", str(workers), "--no-access-log") as server:
        server.until("ready")
        yield Gateway(server, token)
