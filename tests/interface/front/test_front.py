"""The front alone: what it hands to the application and what it never lets through."""

from __future__ import annotations

import asyncio
import io
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest
from werkzeug.exceptions import InternalServerError

from application.words.languages import NAMES
from interface.front import AccessLog, Front
from interface.front.asking import CAME_AT, RAW_PATH
from interface.front.bodies import LARGEST
from interface.front.front import GATEWAY, PASSWORDS
from interface.front.refusals import every_refusal
from interface.web.app import create_app
from interface.web.prepared import prepare
from interface.web.routes import Routes
from tests.interface.front.asgi import CUT_OFF, ask, chunks, run, scope
from tests.interface.web.house import House

Environ = dict[str, Any]  # Any: as WSGI has it


class Application:
    """Remembers what it was asked."""

    def __init__(self, says: Callable[[Environ], Iterable[bytes]] = lambda _: [b"an", b"swer"]) -> None:
        self.says = says
        self.asked: list[Environ] = []
        self.bodies: list[bytes] = []

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        self.asked.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        answer = self.says(environ)
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-Twice", "1"), ("X-Twice", "2")])
        return answer


@pytest.fixture(scope="module")
def prepared(shared_house: House) -> Any:
    return prepare(shared_house.app, [*every_refusal(10), InternalServerError()])


RouteOf = Callable[[str, bytes], str]


@pytest.fixture(scope="module")
def route_of(shared_house: House) -> RouteOf:
    return Routes(shared_house.app.url_map).of


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
def front(app: Application, prepared: Any, route_of: RouteOf) -> Front:
    return Front(app, prepared, seconds=0.05, access_log=None, route_of=route_of)


LENGTH_3 = (b"content-length", b"3")
IN_CHUNKS = (b"transfer-encoding", b"chunked")


def test_a_whole_request_arrives_as_it_was_sent(front: Front, app: Application) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        LENGTH_3,
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"accept", b"x"),
        (b"accept", b"y"),
        (b"x-name", b"\xe4"),
    ]
    asked = scope("PUT", b"/p%C3%A4th/%41;b?q=%2F&r", headers)
    began = perf_counter()
    assert run(ask(front, asked, chunks(b"a", b"bc")))[::2] == (200, b"answer")
    (environ,) = app.asked
    told = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": "/p\xc3\xa4th/A;b",
        RAW_PATH: "/p%C3%A4th/%41;b",
        "QUERY_STRING": "q=%2F&r",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_ACCEPT": "x,y",
        "HTTP_X_NAME": "\xe4",
        "REMOTE_ADDR": "127.0.0.2",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    assert {key: environ[key] for key in told} == told
    assert app.bodies == [b"abc"]
    assert began < environ[CAME_AT] < perf_counter(), "by which a look at the log is shared"


def test_a_body_in_chunks_has_a_length_once_it_is_whole(front: Front, app: Application) -> None:
    assert run(ask(front, scope("POST", headers=[IN_CHUNKS]), chunks(b"abc", b"de")))[0] == 200
    assert (app.asked[0]["CONTENT_LENGTH"], app.bodies) == ("5", [b"abcde"])
    assert "HTTP_TRANSFER_ENCODING" not in app.asked[0]


def test_a_header_with_an_underscore_cannot_pass_for_one_with_a_hyphen(front: Front, app: Application) -> None:
    run(ask(front, scope(headers=[(b"x_forwarded_for", b"1"), (b"x-y", b"2")])))
    assert [key for key in app.asked[0] if key.startswith("HTTP_X")] == ["HTTP_X_Y"]


@pytest.mark.parametrize(
    ("headers", "messages", "status", "code"),
    [
        ([LENGTH_3], chunks(b"ab"), 400, "body_incomplete"),
        ([LENGTH_3], chunks(b"abcd"), 400, "body_incomplete"),
        ([LENGTH_3], chunks(b"ab", ending=CUT_OFF), 400, "body_incomplete"),
        ([LENGTH_3], [CUT_OFF], 400, "body_incomplete"),
        ([IN_CHUNKS], chunks(b"ab", ending=CUT_OFF), 400, "body_incomplete"),
        ([LENGTH_3], chunks(b"ab")[:1], 408, "body_too_slow"),
        ([IN_CHUNKS], [], 408, "body_too_slow"),
        ([IN_CHUNKS], chunks(b"x" * LARGEST, b"x")[:2], 413, "request_too_large"),
        ([(b"content-length", str(LARGEST + 1).encode())], [], 413, "request_too_large"),
        ([(b"transfer-encoding", b"gzip, chunked")], chunks(b"ab"), 501, "unknown_encoding"),
        ([IN_CHUNKS, IN_CHUNKS], chunks(b"ab"), 501, "unknown_encoding"),
    ],
)
def test_a_body_that_is_not_whole_reaches_nobody(
    front: Front, app: Application, headers: list[tuple[bytes, bytes]], messages: Any, status: int, code: str
) -> None:
    told, sent, body = run(ask(front, scope("POST", b"/api/v1/users", headers), messages))
    assert (told, json.loads(body)["code"], sent[b"connection"]) == (status, code, b"close")
    told, sent, page = run(ask(front, scope("POST", b"/users", headers), messages))
    assert (told, sent[b"content-type"]) == (status, b"text/html; charset=utf-8")
    assert f"<code>{code}</code>".encode() in page
    assert app.asked == []


def test_the_largest_body_is_taken(front: Front, app: Application) -> None:
    headers = [(b"content-length", str(LARGEST).encode())]
    assert run(ask(front, scope("POST", b"/", headers), chunks(b"x" * LARGEST)))[0] == 200
    assert len(app.bodies[0]) == LARGEST


@pytest.mark.parametrize(
    "target",
    ["/api/v1/users/eve%2Fadministrator", "/api/%2f", "/api/%zz", "/api/%", "/api/%4", "/api/x?a=%zz", "/api/x?%"],
)
def test_a_malformed_address_is_refused_before_routing(front: Front, app: Application, target: str) -> None:
    status, _, body = run(ask(front, scope("DELETE", target.encode())))
    assert (status, json.loads(body)["code"]) == (400, "malformed_address")
    status, _, body = run(ask(front, scope("GET", target.removeprefix("/api").encode())))
    assert (status, b"<code>malformed_address</code>" in body) == (400, True)
    assert app.asked == []


@pytest.mark.parametrize("target", [b"*", b""])
def test_a_target_that_is_no_path_is_refused(front: Front, app: Application, target: bytes) -> None:
    assert run(ask(front, scope("OPTIONS", target)))[0] == 400
    assert app.asked == []


def test_what_the_front_refuses_is_protected_like_every_page_and_sets_no_cookie(prepared: Any) -> None:
    for (_, for_programs, _), answer in prepared.items():
        headers = {name for name, _ in answer.headers}
        assert b"set-cookie" not in headers
        assert {b"cache-control", b"x-content-type-options"} <= headers
        assert for_programs or b"content-security-policy" in headers
        assert (answer.status == 503) == (b"retry-after" in headers)


def test_a_fault_is_a_500_and_the_front_lives_on(prepared: Any, route_of: RouteOf) -> None:
    def fail(_: Environ) -> list[bytes]:
        raise SystemExit(1) if len(app.asked) % 2 else ValueError

    app = Application(fail)
    front = Front(app, prepared, seconds=1, access_log=None, route_of=route_of)

    async def ask_often() -> None:
        for _ in range(20):
            for path in GATEWAY | PASSWORDS | {b"/users"}:
                method = "POST" if path in PASSWORDS else "GET"
                assert (await ask(front, scope(method, path)))[0] == 500
        app.says = lambda _: [b"well"]
        assert (await ask(front, scope()))[::2] == (200, b"well")

    run(ask_often())


OF_THE_PAST = b"/api/v1/login-check?login_name=x&as_of=2026-01-01T00:00:00Z"
"""It may fold half the log, so it does not belong among the gateway's."""


@pytest.mark.parametrize(("method", "target"), [("POST", b"/sign-in"), ("GET", b"/users"), ("GET", OF_THE_PAST)])
def test_who_takes_all_threads_of_one_kind_takes_none_of_the_gateway(
    prepared: Any, route_of: RouteOf, method: str, target: bytes
) -> None:
    go_on = threading.Event()

    def stuck(environ: Environ) -> list[bytes]:
        if environ["PATH_INFO"].encode() not in GATEWAY or "as_of" in environ["QUERY_STRING"]:
            go_on.wait(60)
        return [b""]

    front = Front(Application(stuck), prepared, seconds=1, access_log=None, route_of=route_of)

    async def crowd() -> None:
        waiting = [asyncio.create_task(ask(front, scope(method, target))) for _ in range(300)]
        while sum(task.done() for task in waiting) < 100:
            await asyncio.sleep(0)
        assert {task.result()[0] for task in waiting if task.done()} == {503}, "the line has an end"
        for path in (b"/livez", b"/readyz", b"/api/v1/login-check?login_name=x"):
            assert (await ask(front, scope("GET", path)))[0] == 200
        go_on.set()
        assert {(await task)[0] for task in waiting} == {200, 503}

    run(crowd())


def test_the_access_log_has_a_line_for_every_request_and_no_query_or_name(
    app: Application, prepared: Any, route_of: RouteOf
) -> None:
    stream = io.StringIO()
    front = Front(app, prepared, seconds=0.01, access_log=AccessLog(stream), route_of=route_of)

    async def ask_and_end() -> None:
        await ask(front, scope("GET", b"/p%0Aath/\xc3\xa4?secret=1"))
        await ask(front, scope("POST", b"/users", [LENGTH_3]))
        await ask(front, scope("PUT", b"/api/v1/users/ann%20ash/administrator"))
        await ask(front, scope("POST", b"/api/v1/users/b%C3%B6b%2525"))  # there is no such route, but one by GET
        for path in (b"/calendar/the-secret.ics", b"/calendar/the-secret.ics/", b"/calendar/the-secret"):
            await ask(front, scope("GET", path))
        ended = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
        said: list[str] = []

        async def receive() -> dict[str, Any]:
            return next(ended)

        async def send(message: dict[str, Any]) -> None:
            said.append(message["type"])

        await front({"type": "lifespan"}, receive, send)
        assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

    run(ask_and_end())
    one, other, *of_people = stream.getvalue().splitlines()
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}"
    assert re.fullmatch(rf'{when} 127\.0\.0\.2 "GET -" 200 \d+\.\d ms [0-9a-f]{{16}}', one)
    assert re.fullmatch(rf'{when} 127\.0\.0\.2 "POST /users" 408 \d+\.\d ms [0-9a-f]{{16}}', other)
    assert [line.split('"')[1] for line in of_people] == [
        "PUT /api/v1/users/<login_name>/administrator",
        "POST /api/v1/users/<login_name>",
        "GET /calendar/<secret>.ics",
        "GET -",
        "GET -",
    ]


def test_no_line_of_the_access_log_is_lost_or_written_twice() -> None:
    """Whichever thread adds it, while others write; what is there at the end is written at once."""
    stream = io.StringIO()
    log = AccessLog(stream)

    def note(thread: int) -> None:
        for number in range(500):
            log.note(scope("GET"), f"/{thread}/{number}", perf_counter(), 200, None)
            if number % 100 == 0:
                log.write()

    threads = [threading.Thread(target=note, args=(thread,)) for thread in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    log.write()
    lines = stream.getvalue().splitlines()
    assert len({line.split()[-1] for line in lines}) == 2000, "each request has an id of its own"
    routes = [line.split('"')[1] for line in lines]
    assert sorted(routes) == sorted(f"GET /{thread}/{number}" for thread in range(4) for number in range(500))


def test_forms_with_passwords_are_where_the_front_looks_for_them(shared_house: House) -> None:
    rules = {
        (method, rule.rule.encode()) for rule in shared_house.app.url_map.iter_rules() for method in rule.methods or ()
    }
    assert {("POST", path) for path in PASSWORDS} <= rules
    assert {("GET", path) for path in GATEWAY} <= rules


@pytest.mark.parametrize("host", ["2001:db8::7", "[::1]", ".example.com", "LICSRV01.", "bücher.example"])
def test_the_answers_are_made_for_whichever_spelling_the_settings_take(shared_house: House, host: str) -> None:
    """A worker that cannot make them does not start."""
    settings = replace(shared_house.settings, trusted_hosts=(host,))
    app = create_app(
        replace(shared_house.seatledger, settings=settings), secret_key=b"a secret of the tests, 32 bytes!"
    )
    assert len(prepare(app, every_refusal(10))) == 2 * (len(NAMES) + 1) * len(every_refusal(10))


def test_what_the_front_refuses_is_said_in_the_language_that_is_asked_for(front: Front) -> None:
    async def sentences() -> list[bytes]:
        said = []
        for tag in (b"en", b"ja", b"ja-JP,ja;q=0.9,en;q=0.1"):
            question = scope(target=b"/api/%zz", headers=[(b"accept-language", tag)])
            said.append((await ask(front, question, chunks()))[2])
        return said

    english, *japanese = run(sentences())
    assert b"malformed_address" in english
    assert "アドレス".encode() in japanese[0]
    assert japanese[0] == japanese[1]
