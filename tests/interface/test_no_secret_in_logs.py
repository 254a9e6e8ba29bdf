"""No line of the log holds a key, a password, a token, a link, a cookie or a name, wherever a request has them.

Every route is asked by every method, as the hostile suites ask, with secrets in each place; and somebody walks through
the screens. The lines are those of the front, of the access log and of everything that logs.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from werkzeug.exceptions import InternalServerError

from interface.front import AccessLog, Front
from interface.front.asking import Scope
from interface.front.refusals import every_refusal
from interface.logs import formatter
from interface.web.gateway import plain_checks
from interface.web.gateway.plain_checks import PlainChecks
from interface.web.prepared import prepare
from interface.web.routes import Routes
from tests.examples import ADMINISTRATOR, PASSWORD, a_key
from tests.interface.front.asgi import ask, chunks, run, scope
from tests.interface.web.gateway.test_hostile_requests import BODIES, QUERIES
from tests.interface.web.house import House

NAME = "nobody-may-read-this-name"
LINK = "a-one-time-link-of-43-characters-and-no-more"
CALENDAR = "a-calendar-that-is-known-by-its-address"
COOKIE = "a-session-of-somebody-who-is-signed-in"
NEW_PASSWORD = "four other words of no kin"
UNKNOWN = "slt_abcdefgh_" + "A1b2C3d" * 7


class Log:
    """What a server writes, in one form."""

    def __init__(self, form: str) -> None:
        self.stream = io.StringIO()
        self.access = AccessLog(self.stream, form)
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter(form))

    @property
    def text(self) -> str:
        self.access.write()
        return self.stream.getvalue()


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    log, root = Log(request.param), logging.getLogger()
    level = root.level
    root.addHandler(log.handler)
    root.setLevel(logging.DEBUG)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(level)


def front_of(house: House, log: Log) -> Front:
    app = house.app
    return Front(
        app,
        prepare(app, [*every_refusal(1), InternalServerError()]),
        seconds=1,
        access_log=log.access,
        route_of=Routes(app.url_map).of,
        before={plain_checks.PATH: PlainChecks(app)},
    )


def with_secrets(house: House, token: str) -> Iterator[tuple[Scope, bytes]]:
    """Requests with secrets in path, query, headers and body, to every route and to none."""
    fields = {
        "license_key": a_key(),
        "password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "login_name": NAME,
        "token": token,
        "link": f"http://localhost/password#{LINK}",
    }
    rules = {
        re.sub(r"<[^>]+>", secret, rule.rule)
        for rule in house.app.url_map.iter_rules()
        for secret in ((NAME, token, CALENDAR) if "<" in rule.rule else (NAME,))
    }
    paths = [*sorted(rules), f"/calendar/{CALENDAR}.ics", f"/password/{LINK}", f"/{token}", f"/{a_key()}", f"//{NAME}"]
    json_body = json.dumps(fields).encode()
    form = urlencode(fields).encode()
    bodies = [(b"application/json", json_body), (b"application/x-www-form-urlencoded", form)]
    headers = [
        (b"authorization", b"Bearer " + token.encode()),
        (b"cookie", f"seatledger={COOKIE}; seatledger-device={COOKIE}".encode()),
        (b"x-login-name", NAME.encode()),
        (b"x-request-id", LINK.encode()),
        (b"referer", f"http://localhost/password#{LINK}".encode()),
        (b"idempotency-key", f'"{NEW_PASSWORD}"'.encode()),
    ]
    for path in paths:
        for method in ("GET", "POST", "PUT", "DELETE"):
            target = f"{quote(path)}?{urlencode(fields)}".encode()
            for content_type, body in bodies if method == "POST" else [(b"text/plain", b"")]:
                length = (b"content-length", str(len(body)).encode())
                yield scope(method, target, [*headers, (b"content-type", content_type), length]), body
    for body in BODIES.values():
        mixed = body + json_body
        length = (b"content-length", str(len(mixed)).encode())
        yield scope("POST", b"/api/v1/users", [*headers, (b"content-type", b"application/json"), length]), mixed
    for query in QUERIES:
        target = f"/api/v1/login-check?{query}&login_name={NAME}&token={token}".encode("utf-8", "replace")
        yield scope("GET", target, headers), b""
    for host in (token.encode(), a_key().encode()):
        asked = scope("GET", b"/", headers)
        yield asked | {"headers": [(b"host", host), *asked["headers"][1:]]}, b""
    yield scope("POST", b"/api/v1/users", [*headers, (b"content-length", b"9999")]), form  # cut off


def assert_silent(log: Log, *secrets: str) -> None:
    text = log.text
    for secret in secrets:
        for spelled in (secret, quote(secret), json.dumps(secret)[1:-1]):
            assert spelled not in text, next(line for line in text.splitlines() if spelled in line)


def test_no_line_says_what_a_request_says(house: House, log: Log) -> None:
    front, token = front_of(house, log), house.token("login-check")
    for each in (token, UNKNOWN):
        asked = list(with_secrets(house, each))

        async def ask_all(questions: list[tuple[Scope, bytes]] = asked) -> None:
            for question, body in questions:
                await ask(front, question, chunks(body))

        before = log.text.count("\n")
        run(ask_all())
        assert log.text.count("\n") >= before + len(asked), "every request has its line"
    assert_silent(log, token, UNKNOWN, a_key(), PASSWORD, NEW_PASSWORD, LINK, CALENDAR, COOKIE, NAME)


def test_no_line_says_what_a_defect_repeats(house: House, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails may say what it was given; of the names of people, that cannot be known."""
    front, token = front_of(house, log), house.token("login-check", "license")

    def fail(*arguments: object, **named: object) -> None:
        raise RuntimeError(f"Authorization: Bearer {token}, {a_key()}, password={PASSWORD.replace(' ', '-')}")

    monkeypatch.setattr(house.licensing, "now", fail)
    monkeypatch.setattr(house.licensing, "last_known", fail)
    bearer = (b"authorization", b"Bearer " + token.encode())
    for path in (b"/api/v1/license", b"/users", b"/api/v1/login-check?login_name=admin"):
        run(ask(front, scope("GET", path, [bearer]), chunks()))
    assert "RuntimeError" in log.text
    assert_silent(log, token, a_key(), PASSWORD.replace(" ", "-"))


def test_no_line_says_what_somebody_typed_who_walks_through_the_screens(house: House, log: Log) -> None:
    visitor = house.visitor()
    visitor.sign_in(ADMINISTRATOR, "not the right one of all words")
    visitor.sign_in(ADMINISTRATOR)
    visitor.follow(visitor.post("/license", license_key=a_key()))
    visitor.post("/license", license_key=a_key()[:-4])
    visitor.follow(visitor.post("/users", login_name=NAME, administrator="on"))
    page = visitor.follow(visitor.post("/users/link", login_name=NAME)).text
    link = page.partition("/password#")[2].partition('"')[0].partition("<")[0]
    assert len(link) > 20
    other = house.visitor()
    other.get("/password")
    other.post("/password/link", link=f"http://localhost/password#{link}")
    other.post("/password", new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    page = visitor.follow(visitor.post("/tokens", name="Gateway", scope="login-check", expires_after="30")).text
    token = "slt_" + page.partition("slt_")[2][:58]
    assert visitor.get("/users?search=" + token).status_code == 200
    page = visitor.post("/calendar/make").text
    (calendar,) = re.findall(r"/calendar/([A-Za-z0-9_-]{43})\.ics", page)
    asked = scope("GET", f"/calendar/{calendar}.ics".encode())
    assert run(ask(front_of(house, log), asked, chunks()))[0] == 200
    session = visitor.client.get_cookie("seatledger")
    assert session is not None
    assert_silent(log, a_key(), a_key()[:-4], PASSWORD, NEW_PASSWORD, link, token, calendar, session.value, NAME)
