"""The API through the real server with two workers: bytes as programs send them, and no stale answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.interface.cli.processes import PATIENCE, serving
from tests.world import World

USERS = "/api/v1/users"


@dataclass
class Wire:
    """A program that speaks HTTP to the server; every request on a connection of its own, so to either worker."""

    port: int
    token: str
    connections: list[HTTPConnection] = field(default_factory=list)

    def connect(self) -> HTTPConnection:
        self.connections.append(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE))
        return self.connections[-1]

    def ask(self, method: str, path: str, body: bytes | None = None, **more: Any) -> tuple[int, Any]:
        connection = self.connect()
        answer = self.ask_on(connection, method, path, body, **more)
        connection.close()
        return answer

    def ask_on(
        self, connection: HTTPConnection, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers, **more)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Wire]:
    directory = tmp_path_factory.mktemp("served")
    (directory / "secret.key").write_bytes(b"a secret of the tests, 32 bytes!")
    with World(directory).open() as world:
        token = world.do("create_token", "Example", ["login-check", "users"]).text
        environment = {**world.environment, "SEATLEDGER_SECRET_KEY_FILE": str(directory / "secret.key")}
    with serving(environment, "serve", "--workers", "2") as server:
        server.until("http://")
        wire = Wire(server.port, token)
        yield wire
        for connection in wire.connections:
            connection.close()


def test_what_one_worker_acknowledged_the_other_answers_from_at_once(wire: Wire) -> None:
    for number in range(25):
        name = f"user-{number}"
        assert wire.ask("POST", USERS, json.dumps({"login_name": name}).encode())[0] == 201
        codes = [wire.ask("GET", f"/api/v1/login-check?login_name={name}")[1]["code"] for _ in range(4)]
        assert codes == ["no_license"] * 4
        assert wire.ask("DELETE", f"{USERS}/{name}")[0] == 200
        codes = [wire.ask("GET", f"/api/v1/login-check?login_name={name}")[1]["code"] for _ in range(4)]
        assert codes == ["user_deleted"] * 4


@pytest.mark.parametrize(
    ("name", "encoded"),
    [("山田 太郎", "%E5%B1%B1%E7%94%B0%20%E5%A4%AA%E9%83%8E"), ("a+b;c?d#e%", "a%2Bb%3Bc%3Fd%23e%25")],
)
def test_percent_encoded_names_arrive_as_they_are(wire: Wire, name: str, encoded: str) -> None:
    assert wire.ask("POST", USERS, json.dumps({"login_name": name}).encode())[0] == 201
    assert wire.ask("GET", f"/api/v1/login-check?login_name={encoded}")[1]["login_name"] == name
    status, answer = wire.ask("DELETE", f"{USERS}/{encoded}")
    assert (status, answer["user"]) == (200, {"login_name": name, "administrator": False, "deleted": True})


@pytest.mark.parametrize("encoded", ["%FF", "%C0%AF", "%ED%A0%80", "%00"])
def test_a_path_that_is_no_text_is_nobodys(wire: Wire, encoded: str) -> None:
    status, problem = wire.ask("DELETE", f"{USERS}/{encoded}")
    assert (status, problem["code"]) == (404, "unknown_user")


@pytest.mark.parametrize("encoded", ["%", "%zz", "admin%2Fadministrator", "admin%2frestore"])
def test_a_malformed_path_or_query_is_refused_and_no_part_of_it_is_taken(wire: Wire, encoded: str) -> None:
    for method, target in (("DELETE", f"{USERS}/{encoded}"), ("POST", f"{USERS}/{encoded}/restore")):
        status, problem = wire.ask(method, target)
        assert (status, problem["code"]) == (400, "malformed_address")
    if "%2" not in encoded:
        status, problem = wire.ask("GET", f"/api/v1/login-check?login_name={encoded}")
        assert (status, problem["code"]) == (400, "malformed_address")


def test_a_body_in_chunks_is_read(wire: Wire) -> None:
    status, answer = wire.ask("POST", USERS, iter([b'{"login_name"', b': "chunked"}']), encode_chunked=True)
    assert (status, answer["user"]["login_name"]) == (201, "chunked")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_too_large_is_refused_however_it_is_sent(wire: Wire, chunked: bool) -> None:
    body = b'{"login_name": "' + b"x" * 70_000 + b'"}'
    status, problem = wire.ask("POST", USERS, iter([body]) if chunked else body, encode_chunked=chunked)
    assert (status, problem["code"]) == (413, "request_too_large")


def test_one_connection_serves_one_request_after_another(wire: Wire) -> None:
    """A refusal and an answer without a body end where the next answer begins."""
    connection = wire.connect()
    assert wire.ask_on(connection, "GET", "/api/v1/no-such")[0] == 404
    assert wire.ask_on(connection, "HEAD", "/api/v1/login-check?login_name=admin") == (200, None)
    assert wire.ask_on(connection, "POST", USERS, b"{")[0] == 400
    assert wire.ask_on(connection, "GET", "/api/v1/login-check?login_name=admin")[0] == 200
