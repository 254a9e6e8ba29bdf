"""Clients that stall, vanish or come in crowds, before a real server: logins go on as if they were not there."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.interface.cli.conftest import PASSWORD, CommandLine
from tests.interface.cli.processes import PATIENCE, Server, free_port
from tests.interface.cli.wire import FORM, answer, form_of, gateway, request, told

pytestmark = pytest.mark.seldom_on_postgresql("what stands before the database")

NEVER_LET_GO = """
import os, sys, threading, time
from unittest.mock import patch
from interface import server
from interface.settings import Settings

def application(*_, **__):
    os.write(1, b"folding\\n")  # in one piece: two workers say it at once
    time.sleep(3600)

def waitpid(*args):
    # The thread that ends the workers comes late, and the other that waits for them is slow to write down their end.
    if threading.current_thread() is threading.main_thread():
        time.sleep(0.05)
        return WAITPID(*args)
    ended = WAITPID(*args)
    time.sleep(0.5)
    return ended

WAITPID = os.waitpid
with patch("interface.server.application", application), patch("os.waitpid", waitpid):
    server.serve(server.Serving(Settings(), port=int(sys.argv[1]), workers=2), ready=lambda _: None)
"""
"""A server whose workers are never done with folding the log."""


@contextmanager
def held(server: Server, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections on which this was sent, and then nothing."""
    with ExitStack() as stack:
        clients = []
        for _ in range(count):
            clients.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)))
            clients[-1].sendall(sent)
        yield clients


STALLED = {
    "200 bodies": (200, request("POST", "/sign-in", b"x", length=1000, Content_Type=FORM)),
    "200 chunks": (200, request("POST", "/api/v1/users", b"5\r\nab", chunked=True, Content_Type="application/json")),
    "200 heads": (200, b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Stal"),
    "1,500 heads": (1500, b"POST /sign-in HTTP/1.1\r\n"),
    "1,000 idle": (1000, b""),
}


@pytest.mark.parametrize("kind", STALLED)
def test_logins_go_on_beside_clients_that_stall(ready: CommandLine, kind: str) -> None:
    count, sent = STALLED[kind]
    with gateway(ready) as logins, held(logins.server, count, sent):
        logins.asks()


def test_logins_go_on_beside_clients_that_vanish(ready: CommandLine) -> None:
    sent = (
        request("POST", "/sign-in", b"x", length=1000, Content_Type=FORM),
        request("GET", "/sign-in"),
        b"GET /",
        b"",
    )
    with gateway(ready) as logins:
        for number in range(200):
            with socket.create_connection(("127.0.0.1", logins.server.port), timeout=PATIENCE) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset at the end
                client.sendall(sent[number % len(sent)])
        logins.asks()


def test_logins_go_on_beside_fifty_sign_ins_at_once(ready: CommandLine) -> None:
    with gateway(ready) as logins, ExitStack() as stack:
        cookie, csrf = form_of(logins.server)
        clients = []
        for number in range(50):
            body = urlencode({"csrf_token": csrf, "login_name": f"nobody-{number}", "password": PASSWORD}).encode()
            # From other addresses, so that no throttle stops them.
            client = socket.create_connection(
                ("127.0.0.1", logins.server.port), timeout=PATIENCE, source_address=(f"127.1.0.{number + 1}", 0)
            )
            clients.append(stack.enter_context(client))
            client.sendall(request("POST", "/sign-in", body, Content_Type=FORM, Cookie=cookie, Connection="close"))
        logins.asks()
        statuses = [answer(client)[0] for client in clients]
        assert set(statuses) <= {401, 503}
        assert statuses.count(401) >= 8


def test_a_stalled_body_is_ended_after_its_time(ready: CommandLine) -> None:
    with gateway(ready, seconds="1") as logins:
        for path, sign in (("/sign-in", "<code>body_too_slow</code>"), ("/api/v1/users", '"code":"body_too_slow"')):
            status, text = told(logins.server, request("POST", path, b"x", length=1000))
            assert (status, sign in text, "within 1 seconds" in text) == (408, True, True)
        assert told(logins.server, b"GET /livez HTTP/1.1\r\nHo") == (0, ""), "a head is ended unanswered"
        logins.asks()


def test_a_body_that_is_announced_too_large_is_refused_unread(ready: CommandLine) -> None:
    with gateway(ready) as logins:
        for path in ("/license", "/api/v1/license-keys"):
            status, text = told(logins.server, request("POST", path, length=65_537))
            assert (status, "request_too_large" in text) == (413, True)


def end_beside_stalled_clients(ready: CommandLine) -> tuple[int, list[str]]:
    """The exit status, and what the server wrote."""
    stalled = STALLED["200 bodies"][1]
    with gateway(ready, seconds="2") as logins, held(logins.server, 20, stalled), held(logins.server, 20, b"GET /"):
        logins.asks()
        status = logins.server.stop()
        return status, [line or "" for line in iter(lambda: logins.server.lines.get(timeout=PATIENCE), None)]


def test_stalled_clients_do_not_keep_the_server_from_ending(ready: CommandLine) -> None:
    status, _ = end_beside_stalled_clients(ready)
    assert status == 0


@pytest.mark.long
@pytest.mark.parametrize("_round", range(30))
def test_no_worker_has_to_be_killed_to_end_beside_stalled_clients(ready: CommandLine, _round: int) -> None:
    _, lines = end_beside_stalled_clients(ready)
    assert not any("Killing" in line for line in lines)


def test_a_signal_during_the_start_ends_it_though_the_workers_are_folding() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", NEVER_LET_GO, str(free_port())],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline(), process.stdout.readline()] == ["folding\n"] * 2
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "", "no worker had to be killed after its patience"
    assert process.returncode == 0
