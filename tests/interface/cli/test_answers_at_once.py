"""granian is held to what ADR 48 takes from it: that it hands requests over as coroutines, in a thread of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import PATIENCE, free_port

TELLING = """
import os, sys
from unittest.mock import patch
from interface import server
from interface.front.beginnings import is_on_loop
from interface.settings import Settings
from interface.web.gateway.plain_checks import PlainChecks

at_once, answer = PlainChecks.at_once, PlainChecks.answer

def telling(self, scope, came_at):
    told = at_once(self, scope, came_at)
    os.write(1, f"{'loop' if is_on_loop() else 'thread'} {type(told).__name__}\\n".encode())
    return told

with patch.object(PlainChecks, "at_once", telling):
    serving = server.Serving(Settings.from_environment(), port=int(sys.argv[1]), workers=1, access_log=False)
    server.serve(serving, ready=lambda _: os.write(1, b"ready\\n"))
"""
"""A server that tells how each login check was answered, and where."""


@pytest.mark.sqlite_alone("a server is asked by a thread for all who wait")
def test_a_plain_login_check_never_sees_the_event_loop(ready: CommandLine) -> None:
    token = ready.do("token", "create", "gateway", "--scope", "login-check").strip()
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", TELLING, str(port)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **ready.environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as lines:
        assert lines.readline() == "ready\n"
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        answers = []
        for _ in range(5):
            connection.request(
                "GET", "/api/v1/login-check?login_name=admin", headers={"Authorization": f"Bearer {token}"}
            )
            answers.append(connection.getresponse().read())
        connection.close()
        process.terminate()
        told = lines.read().splitlines()
    assert process.wait(timeout=PATIENCE) == 0
    assert (len(set(answers)), b'"code":"no_license"' in answers[0]) == (1, True)
    assert told[-3:] == ["thread Answer"] * 3, "the first ones have to look, and to ask the application"
    assert all(line.startswith("thread ") for line in told)
