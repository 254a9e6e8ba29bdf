"""Requests that are cut off, or that two servers could read differently, before a real server: nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from interface.composition import compose
from interface.settings import Settings
from interface.web.app import create_app
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import Server
from tests.interface.cli.wire import FORM, Gateway, cookie_of, form_of, gateway, request, told
from tests.world import World


@pytest.mark.parametrize(
    "sent",
    [
        request("POST", "/api/v1/users", b"5\r\n{}\r\n0\r\n\r\n", chunked=True, Content_Length="2"),
        request("POST", "/api/v1/users", b"{}", length=2, content_length="3"),
        request("POST", "/api/v1/users", b"{}", Transfer_Encoding="xchunked"),
        request("POST", "/api/v1/users", b"2\r\n{}\r\n0\r\n\r\n", Transfer_Encoding="gzip, chunked"),
        b"POST /api/v1/users HTTP/1.0\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: other\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=range(10),
)
def test_what_two_servers_could_read_differently_is_refused_and_hides_nothing(
    smuggled_at: Gateway, sent: bytes
) -> None:
    """Each is answered once: what comes behind it on the connection is not taken for a request (RFC 9112, 6.3)."""
    behind = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    status, text = told(smuggled_at.server, sent + behind)
    assert 400 <= status < 600, text
    assert text.count('"status":"ready"') <= (0 if b"Length" in sent or b"Encoding" in sent else 1)


@pytest.fixture(scope="module")
def smuggled_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(installation(tmp_path_factory.mktemp("smuggling")), workers=1) as logins:
        yield logins


def installation(directory: Path) -> CommandLine:
    """What the fixture `ready` makes, for tests that share one server."""
    secret = directory / "secret.key"
    secret.write_bytes(b"a secret of the tests, 32 bytes!")
    secret.chmod(0o600)
    world = World(directory)
    line = CommandLine(world, {**world.environment, "SEATLEDGER_SECRET_KEY_FILE": str(secret)})
    assert line.init().exit_code == 0
    return line


def test_the_other_forms_of_a_request_are_answered(smuggled_at: Gateway) -> None:
    server = smuggled_at.server
    pipelined = request("GET", "/livez") + request("GET", "/readyz", Connection="close")
    assert told(server, pipelined)[1].count("HTTP/1.1 200 OK") == 2
    assert told(server, b"GET /livez HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200
    status, text = told(server, request("HEAD", "/sign-in", Connection="close"))
    assert (status, text.endswith("\r\n\r\n")) == (200, True)
    assert told(server, b"GET http://127.0.0.1/livez HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200
    unread = request("POST", "/api/v1/users", length=70_000, Expect="100-continue")
    assert told(server, unread)[0] == 413, "who asks first is not told to send what is too large"


@dataclass
class Change:
    """A form or route that changes something: its path, and what would be carried out if a half were taken as whole."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


def changes(ready: CommandLine, server: Server) -> Iterator[Change]:
    """Every rule of the application that takes a method which changes something, asked by somebody who may."""
    scopes = ("users", "license", "audit", "login-check")
    token = ready.do("token", "create", "all", *(word for scope in scopes for word in ("--scope", scope))).strip()
    cookie, csrf = form_of(server)
    entering = urlencode({"csrf_token": csrf, "login_name": ADMINISTRATOR, "password": PASSWORD}).encode()
    status, text = told(
        server, request("POST", "/sign-in", entering, Content_Type=FORM, Cookie=cookie, Connection="close")
    )
    assert status == 303
    cookie, csrf = form_of(server, cookie_of(text) or "")
    names = ("login_name", "name", "license_key", "token_id", "scopes", "password", "new_password", "link")
    form = urlencode({"csrf_token": csrf, **dict.fromkeys(names, "bob")}).encode()
    with closing(compose(Settings.from_environment(ready.environment))) as seatledger:
        for rule in create_app(seatledger, secret_key=b"x" * 32).url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
                path = rule.rule.replace("<login_name>", "bob")
                if path.startswith("/api/"):
                    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                    yield Change(method, path, b'{"login_name": "new"}', headers)
                else:
                    yield Change(method, path, form, {"Cookie": cookie, "Content-Type": FORM})


def position(ready: CommandLine) -> int:
    with closing(compose(Settings.from_environment(ready.environment))) as seatledger:
        return seatledger.licensing.now(seatledger.installation_id).view.position


def test_what_is_cut_off_changes_nothing_on_any_form_or_route(ready: CommandLine) -> None:
    for name in ("bob", "bob.smith"):
        ready.do("user", "add", name)
    with gateway(ready, workers=1) as logins:
        every = list(changes(ready, logins.server))
        assert {change.path for change in every} >= {"/users/delete", "/api/v1/users/bob", "/license", "/tokens"}
        before = position(ready)
        for change in every:
            chunk = b"%x\r\n%s\r\n" % (len(change.body), change.body)
            for sent in (
                request(change.method, change.path, change.body, length=len(change.body) + 6, **change.headers),
                request(change.method, change.path, chunk, chunked=True, **change.headers),
                request(change.method, change.path, chunk + b"zz\r\n", chunked=True, **change.headers),
                request(change.method, change.path, chunk + b"5\r\nab", chunked=True, **change.headers),
            ):
                status, text = told(logins.server, sent, ended=True)
                assert (status, "body_incomplete" in text) == (400, True), (change.method, change.path, text)
        assert position(ready) == before
        # The same, whole, is carried out: nothing else has refused it.
        (deleting,) = (change for change in every if change.path == "/users/delete")
        status, _ = told(
            logins.server, request("POST", deleting.path, deleting.body, Connection="close", **deleting.headers)
        )
        assert (status, position(ready)) == (303, before + 1)
