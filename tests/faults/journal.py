"""The journal that clients keep: what each command was, and what they were told of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Lock, Thread
from time import monotonic
from typing import NamedTuple
from uuid import uuid4

CLIENT_SECONDS = 60
"""How long a client waits before it counts a command as unknown: ten times what a server may take."""

PAUSE = 0.03
"""Seconds that a client waits between two commands."""

UNKNOWN_CODES = ("outcome_unknown",)
"""What a server answers that does not know itself."""


class Entry(NamedTuple):
    """A command, each with a login name of its own, and its reply: acknowledged, refused or unknown."""

    command_id: str
    login_name: str
    port: int
    reply: str
    told: str
    seconds: float


class Journal:
    """What clients sent and were told; any thread may write in it."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._lock = Lock()
        self._numbers = count(1)
        self.entries: list[Entry] = []
        self._replies: Counter[str] = Counter()

    def named(self, reply: str) -> set[str]:
        """The login names of the commands with that reply."""
        with self._lock:
            return {entry.login_name for entry in self.entries if entry.reply == reply}

    def count(self, reply: str) -> int:
        """How many commands had that reply; asked many times a second."""
        return self._replies[reply]

    def forget(self) -> None:
        """Begin anew; names go on."""
        with self._lock:
            self.entries.clear()
            self._replies.clear()

    def longest_wait(self, excused: Collection[int]) -> float:
        """Seconds, of everybody but the clients of the servers at those ports."""
        with self._lock:
            return max((entry.seconds for entry in self.entries if entry.port not in excused), default=0.0)

    def add(self, port: int) -> Entry | None:
        """Add a user by the API of the server at that port, and write down the reply; None if nobody answers there."""
        with self._lock:
            number = next(self._numbers)
        command_id, login_name = str(uuid4()), f"user-{number}"
        began = monotonic()
        connection = HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS)
        try:
            connection.connect()
        except OSError:
            return None  # nothing was sent
        try:
            status, text = self._add(connection, command_id, login_name)
        except (HTTPException, OSError) as error:
            reply, told = "unknown", type(error).__name__
        else:
            reply, told = reply_of(status, text)
        finally:
            connection.close()
        entry = Entry(command_id, login_name, port, reply, told, monotonic() - began)
        with self._lock:
            self.entries.append(entry)
            self._replies[reply] += 1
        return entry

    def send_again(self, port: int) -> None:
        """Send each command again of which nobody knows what became; with its key it is done now, or was."""
        with self._lock:
            unknown = [entry for entry in self.entries if entry.reply == "unknown"]
        for entry in unknown:
            with closing(HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS)) as connection:
                status, text = self._add(connection, entry.command_id, entry.login_name)
            assert status == 201, (entry, text)

    def ask(self, port: int, path: str) -> tuple[int, str]:
        """The status and the body of an answer to a question."""
        connection = HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS)
        try:
            return self._answer(connection, "GET", path, b"", {})
        finally:
            connection.close()

    def _add(self, connection: HTTPConnection, command_id: str, login_name: str) -> tuple[int, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{command_id}"'}
        body = json.dumps({"login_name": login_name}).encode()
        return self._answer(connection, "POST", "/api/v1/users", body, headers)

    def _answer(
        self, connection: HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, str]:
        connection.request(method, path, body, {"Authorization": f"Bearer {self._token}", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    @contextmanager
    def writing(self, *ports: int) -> Iterator[None]:
        """A client for each of these ports, who adds users one after another until this ends."""
        over = Event()

        def write(port: int) -> None:
            while not over.is_set():
                self.add(port)
                over.wait(PAUSE)

        clients = [Thread(target=write, args=[port]) for port in ports]
        for client in clients:
            client.start()
        try:
            yield
        finally:
            over.set()
            for client in clients:
                client.join()


def reply_of(status: int, text: str) -> tuple[str, str]:
    """What an answer says of its command, and its code. An answer that is none of ours says nothing."""
    if status == 201:
        return "acknowledged", "created"
    try:
        code = str(json.loads(text)["code"])
    except (ValueError, LookupError, TypeError):
        return "unknown", f"{status} {text[:40]}"
    return ("unknown" if code in UNKNOWN_CODES else "refused"), code
