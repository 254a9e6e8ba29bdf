"""A server is killed between its commit and its answer; the same request to another one is answered, and done once."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread

import pytest

from application.repeats import TAKEN_OVER_AFTER
from tests.interface.cli.processes import PATIENCE, Server, serving
from tests.world import World

SLOWLY = """
    CREATE TRIGGER slowly BEFORE UPDATE ON idempotency_keys BEGIN
        SELECT count(*) FROM
            (WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step LIMIT 500000000) SELECT n FROM step);
    END
"""
"""A database takes minutes for so many steps: so long it is with what a server writes after its commit."""


def send(server: Server, token: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
        "Content-Type": "application/json",
    }
    with closing(connection):
        connection.request("POST", "/api/v1/users", json.dumps({"login_name": "alice"}), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def killed_in_the_midst(world: World, server: Server, token: str) -> None:
    """The server dies with the event stored, before it can keep or give an answer."""
    with world.attacker() as session:
        session.execute(SLOWLY)

    def ask() -> None:
        with suppress(OSError, HTTPException):
            raise AssertionError(send(server, token))

    asking = Thread(target=ask)
    asking.start()
    end = time.monotonic() + PATIENCE
    while world.view.user("alice") is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    for process in (*server.workers(), server.process.pid):
        os.kill(process, signal.SIGKILL)
    asking.join()
    with world.attacker() as session:
        session.execute("DROP TRIGGER slowly")


@pytest.mark.sqlite_alone("a trigger holds the server up; tests/faults kills servers on a PostgreSQL at any moment")
def test_the_same_request_is_answered_by_the_server_that_is_left(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"a secret of the tests, 32 bytes!")
    (tmp_path / "secret.key").chmod(0o600)
    with World(tmp_path).open() as world:
        token = world.do("create_token", "HR", ["users"]).text
        environment = {**world.environment, "SEATLEDGER_SECRET_KEY_FILE": str(tmp_path / "secret.key")}
        arguments = ("serve", "--workers", "1")
        with serving(environment, *arguments) as doomed, serving(environment, *arguments) as left:
            doomed.until("http://")
            left.until("http://")
            killed_in_the_midst(world, doomed, token)
            size = world.size()
            with world.attacker() as session:  # time goes by
                session.execute("UPDATE idempotency_keys SET begun_at = begun_at - ?", [TAKEN_OVER_AFTER])
            first, second = send(left, token), send(left, token)
        assert first == second
        assert (first[0], json.loads(first[1])["user"]["login_name"]) == (201, "alice")
        assert world.size() == size
