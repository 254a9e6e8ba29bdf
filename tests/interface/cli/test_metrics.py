"""/metrics of a real server: whichever worker is asked, it says what all of them have counted."""

from __future__ import annotations

import os
import re
import signal
import time
from urllib.parse import urlencode

from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import PATIENCE, Server, serving

CHECKS = 40


def counted(server: Server) -> float:
    status, text = server.get("/metrics")
    assert status == 200, text
    return sum(map(float, re.findall(r"^seatledger_login_checks_total\{.*\} (\S+)$", text, re.MULTILINE)))


def until_counted(server: Server, number: int) -> None:
    """Each worker tells the others once a second; ask until all have."""
    end = time.monotonic() + PATIENCE
    while counted(server) < number:
        assert time.monotonic() < end, f"{counted(server)} of {number}"
        time.sleep(0.1)
    assert {counted(server) for _ in range(10)} == {number}, "every worker says the same, and nothing twice"


def test_all_workers_count_together_and_what_one_counted_outlives_it(ready: CommandLine) -> None:
    token = ready.do("token", "create", "gateway", "--scope", "login-check").strip()
    with serving(ready.environment, "serve", "--workers", "2", "--no-access-log") as server:
        server.until("Seatledger is ready")
        check = f"/api/v1/login-check?{urlencode({'login_name': 'admin'})}"
        for _ in range(CHECKS):
            assert server.get(check, Authorization=f"Bearer {token}")[0] == 200
        until_counted(server, CHECKS)
        os.kill(min(server.workers()), signal.SIGKILL)
        for _ in range(CHECKS):
            assert answered(server, check, token)
        until_counted(server, 2 * CHECKS)


def answered(server: Server, check: str, token: str) -> bool:
    """Ask until a worker answers: one was killed, and another is not there yet."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            return server.get(check, Authorization=f"Bearer {token}")[0] == 200
        except OSError:
            time.sleep(0.05)
    return False
