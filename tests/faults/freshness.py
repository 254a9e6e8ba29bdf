"""No stale answer: one server is asked the moment that another has acknowledged a write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle, islice, product
from urllib.parse import quote

from tests.faults.journal import CLIENT_SECONDS
from tests.faults.servers import Server
from tests.faults.site import Site

AGE_MS = 60
"""SEATLEDGER_MAX_AGE_MS of the server whose answers may be a little old."""

State = str
"""What an answer says of a user: unknown, present or deleted."""


class Client:
    """One who asks a server by a connection that stays: no time goes by between the write and the question."""

    def __init__(self, token: str, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def close(self) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: str = "") -> tuple[int, dict[str, object]]:  # object: JSON
        self._connection.request(method, path, body.encode(), self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def by_login_check(self, login_name: str) -> State:
        """As a gateway asks at every login."""
        status, answer = self.send("GET", f"/api/v1/login-check?login_name={quote(login_name)}")
        assert status == 200, answer
        return {"unknown_user": "unknown", "user_deleted": "deleted"}.get(str(answer["code"]), "present")

    def by_api(self, login_name: str) -> State:
        status, answer = self.send("GET", f"/api/v1/users/{quote(login_name)}")
        if status == 404:
            return "unknown"
        assert status == 200, answer
        user = answer["user"]
        assert isinstance(user, dict)
        return "deleted" if user["deleted"] else "present"


@contextmanager
def clients(site: Site, *ports: int) -> Iterator[list[Client]]:
    every = [Client(site.token, port) for port in ports]
    try:
        yield every
    finally:
        for client in every:
            client.close()


Ask = Callable[[Client, str], State]

QUESTIONS: tuple[Ask, ...] = (Client.by_login_check, Client.by_api)


class Writer:
    """One who adds a user by one server and deletes them again, and gives each state that was acknowledged."""

    def __init__(self, site: Site, port: int) -> None:
        self._site, self._port = site, port

    def states(self, client: Client) -> Iterator[tuple[str, State]]:
        added = self._site.journal.add(self._port)
        assert added
        assert added.reply == "acknowledged", added
        yield added.login_name, "present"
        status, answer = client.send("DELETE", f"/api/v1/users/{added.login_name}")
        assert status == 200, answer
        yield added.login_name, "deleted"


def asked_elsewhere(site: Site, times: int, _: float) -> list[float]:
    """Each write is asked for at the other server the moment it is acknowledged, in both ways: none is stale."""
    stale, turns = [], cycle(product(((0, 1), (1, 0)), (QUESTIONS, QUESTIONS[::-1])))
    with clients(site, *site.ports[:2]) as both:
        for _round, ((writing, asked), questions) in zip(range(times), turns, strict=False):
            for login_name, state in Writer(site, site.ports[writing]).states(both[writing]):
                answers = [(question.__name__, question(both[asked], login_name)) for question in questions]
                stale += [(login_name, state, *answer) for answer in answers if answer[1] != state]
    assert not stale, stale
    return []


def asked_within_age(site: Site, times: int, _: float) -> list[float]:
    """With SEATLEDGER_MAX_AGE_MS, an answer may be as old as that and no older, and says so."""
    server = Server({**site.environment, "SEATLEDGER_MAX_AGE_MS": str(AGE_MS)}, site.directory / "aged.log")
    server.start()
    stale = []
    try:
        with clients(site, site.ports[0], server.port) as (writer, aged):
            for question in islice(cycle(QUESTIONS), times):
                said = aged.send("GET", "/api/v1/login-check?login_name=admin")[1]
                assert said["max_age_ms"] == AGE_MS, said
                for login_name, state in Writer(site, site.ports[0]).states(writer):
                    acknowledged = time.monotonic()
                    while True:
                        began = time.monotonic()
                        answer = question(aged, login_name)
                        if answer == state:
                            break
                        if began > acknowledged + AGE_MS / 1000:
                            stale.append((login_name, state, question.__name__, answer, began - acknowledged))
                            break
    finally:
        server.stop()
    assert not stale, stale
    return []
