"""Login checks answered before Flask: the same bytes, headers and status as from Flask, whatever is sent and when."""

from __future__ import annotations

import json
from collections.abc import Iterable
from ipaddress import ip_network
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote

import pytest
from werkzeug.exceptions import InternalServerError

from application.views import absence
from interface.front import Front
from interface.front.asking import Scope
from interface.front.refusals import every_refusal
from interface.web.gateway import plain_checks
from interface.web.gateway.plain_checks import PlainChecks
from interface.web.prepared import prepare
from interface.web.routes import Routes
from tests.examples import ADMINISTRATOR, a_key
from tests.interface.front.asgi import ask, chunks, run, scope
from tests.interface.web.gateway.test_database_away import away, is_back
from tests.interface.web.gateway.test_hostile_requests import NAMES, QUERIES
from tests.interface.web.house import House
from tests.world import BY

HEADERS = [
    (b"x-http-method-override", b"DELETE"),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-forwarded-for", b"192.0.2.1"),
    (b"forwarded", b"for=192.0.2.1;host=evil.example"),
    (b"accept", b"text/html"),
    (b"accept-language", b"de"),
    (b"accept-language", b"ja"),
    (b"accept-language", b"ja-JP,ja;q=0.9,en;q=0.5"),
    (b"accept-language", b"en;q=0.2, ja;q=0"),
    (b"accept-language", b"\xe9,;q=;;" * 60),
    (b"accept-encoding", b"br;q=NaN"),
    (b"cookie", b"seatledger=; " * 500),
    (b"if-none-match", b"*"),
    (b"if-modified-since", b"Sat, 28 Nov 2026 09:00:00 GMT"),
    (b"range", b"bytes=0-0"),
    (b"origin", b"https://evil.example"),
    (b"sec-fetch-site", b"cross-site"),
    (b"content-length", b"0"),
    (b"x_login_name", b"bob"),
    (b"x-request-id", b"from-a-proxy.1"),
    (b"x-request-id", b"not safe"),
    (b"host", b"localhost"),
    (b"host", b"evil.example"),
]
HOSTS = [b"evil.example", b"LOCALHOST", b"localhost.", b"localhost:8000", b"localhost:99999", b"", b"\xe9", b"[::1]"]
METHODS = ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"]
MORE = ["", "login_name=", "login_name", "login_name=%FF", "login_name=+alice+", "login_name=%41lice", "login_name=a=b"]


class Both(NamedTuple):
    """The same application, asked as it is served, and by Flask alone; and how often Flask was asked."""

    served: Front
    by_flask: Front
    asked: list[str]

    def compare(self, questions: Iterable[Scope]) -> list[tuple[int, bytes]]:
        """What is answered to each, after the answers were seen to be the same: twice, since the second is kept."""

        async def all_of_them() -> list[tuple[int, bytes]]:
            statuses = []
            for question in questions:
                expected = await ask(self.by_flask, question, chunks())
                for _ in range(2):
                    assert await ask(self.served, question, chunks()) == expected, question
                statuses.append((expected[0], expected[2]))
            return statuses

        return run(all_of_them())

    def ask(self, question: Scope) -> bytes:
        """The body of the answer as served."""
        return run(ask(self.served, question))[2]


@pytest.fixture
def both(house: House) -> Both:
    app, asked = house.app, list[str]()
    inner = app.wsgi_app

    def counting(environ, start_response):  # type: ignore[no-untyped-def]  # as Flask has it
        asked.append(environ["QUERY_STRING"])
        return inner(environ, start_response)

    app.wsgi_app = counting  # type: ignore[method-assign]  # the way that Flask's documentation names
    prepared = prepare(app, [*every_refusal(10), InternalServerError()])
    routes = Routes(app.url_map).of
    proxies = (ip_network("127.0.0.0/8"),)
    by_flask = Front(app, prepared, seconds=10, access_log=None, route_of=routes, trusted_proxies=proxies)
    before = {plain_checks.PATH: PlainChecks(app)}
    served = Front(app, prepared, seconds=10, access_log=None, route_of=routes, before=before, trusted_proxies=proxies)
    asked.clear()
    return Both(served, by_flask, asked)


def check(
    token: str,
    query: str = "login_name=alice",
    *more: tuple[bytes, bytes],
    method: str = "GET",
    host: bytes | None = None,
) -> Scope:
    asked = scope(method, b"/api/v1/login-check", [(b"authorization", b"Bearer " + token.encode()), *more])
    asked["query_string"] = query.encode("latin-1")
    if host is not None:
        asked["headers"][0] = (b"host", host)
    return asked


def names(*logins: str) -> list[str]:
    return [f"login_name={quote(login)}" for login in logins]


def test_every_request_is_answered_as_by_flask(house: House, both: Both) -> None:
    house.register(a_key(licenses=9))
    for name in ("alice", "Zoë 山田", 'say "hi"\\', "a+b&c=d"):
        house.add_user(name)
    token, other = house.token("login-check", "audit"), house.token("users")
    hostile = [json.loads(f'"{name}"').encode("utf-8", "surrogatepass") for name in NAMES.values()]
    queries = [
        *QUERIES,
        *MORE,
        *(f"login_name={quote(name)}" for name in hostile),
        *names("alice", "ALICE", ADMINISTRATOR, "Zoë 山田", 'say "hi"\\', "a+b&c=d", "nobody"),
        "login_name=alice&release_date=2026-10-01",
        "login_name=alice&position=2",
    ]
    without = check(token)
    without["headers"] = without["headers"][:1]
    hostless = check(token)
    hostless["headers"] = hostless["headers"][1:]
    statuses = both.compare(
        [
            *(check(token, query) for query in queries),
            *(check(token, "login_name=alice", header) for header in HEADERS),
            *(check(token, host=host) for host in HOSTS),
            *(check(token, method=method) for method in METHODS),
            *(check(text) for text in (other, "", "x", token[:-1], f" {token} ", f"{token}, {token}", "\xe9")),
            check(token, "login_name=alice", (b"authorization", b"Bearer x")),
            without,
            hostless,
        ]
    )
    assert {200, 400, 401, 403, 405} <= {status for status, _ in statuses}


def test_after_every_change_it_is_answered_as_by_flask(house: House, both: Both) -> None:
    """Each deed changes what Flask says of somebody; nothing of what was kept before is said again."""
    for name in ("alice", "bob"):
        house.add_user(name)
    made = house.do("create_token", "Gateway", ["login-check"])
    questions = [check(made.text, query) for query in names("alice", "bob", "carol", ADMINISTRATOR)]
    deeds = [
        lambda: house.register(a_key(licenses=3)),
        lambda: house.do("grant_administrator", "alice"),
        lambda: house.add_user("carol"),
        lambda: house.do("delete_user", "bob"),
        lambda: house.do("rename_user", "alice", "Alicia"),
        lambda: house.licensing.erasing.user(house.id, "bob", by=BY),
        lambda: house.clock.go_on(days=1),
        lambda: house.on("2027-05-01"),
        lambda: house.do("revoke_token", made.token_id),
    ]
    told = [both.compare(questions)]
    for deed in deeds:
        deed()
        told.append(both.compare(questions))
    assert all(now != before for before, now in pairwise(told))
    assert {status for status, _ in told[-1]} == {401}


def test_flask_is_asked_once_for_each_kind_of_user_until_something_changes(house: House, both: Both) -> None:
    for name in ("alice", "bob", "carol"):
        house.add_user(name)
    token = house.token("login-check")
    for name in ("alice", "bob", "carol", "alice"):
        assert json.loads(both.ask(check(token, f"login_name={name}")))["login_name"] == name
    assert both.asked == ["login_name=alice"]
    both.ask(check(token, f"login_name={ADMINISTRATOR}"))
    house.add_user("dora")
    both.ask(check(token, "login_name=bob"))
    assert len(both.asked) == 3


def test_a_token_that_is_used_is_noted(house: House, both: Both) -> None:
    made = house.do("create_token", "Gateway", ["login-check"])
    both.ask(check(made.text, f"login_name={ADMINISTRATOR}"))
    house.clock.go_on(days=1)
    house.seatledger.token_uses.write(house.today)
    both.compare([check(made.text, f"login_name={ADMINISTRATOR}")])
    house.seatledger.token_uses.write(house.today)
    assert house.seatledger.token_uses.days()[made.token_id] == house.today


@pytest.mark.sqlite_alone("the file is put aside, as a server cannot be")
def test_while_the_database_is_away_both_say_since_when_and_afterwards_neither(
    house: House, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(absence, "ASK_AGAIN", 0.01)
    house.add_user("alice")
    house.add_user("bob")
    questions = [check(house.token("login-check"), query) for query in names("alice", "bob", "nobody")]
    (fresh, *_) = both.compare(questions)
    with away(house):
        (stale, *_) = both.compare(questions)
        assert "stale_since" in json.loads(stale[1])
    is_back(house)
    assert both.compare(questions)[0] == fresh


def test_answers_that_may_be_old_say_so_both_ways(house: House, both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.licensing, "max_age", 1.0)  # as SEATLEDGER_MAX_AGE_MS=1000 does
    for name in ("alice", "bob"):
        house.add_user(name)
    token = house.token("login-check")
    told = both.compare([check(token, query) for query in names("alice", "bob")])
    assert [json.loads(body)["max_age_ms"] for _, body in told] == [1000, 1000]
    assert both.asked == ["login_name=alice", "login_name=alice", "login_name=bob"]
    house.do("delete_user", "bob")  # recorded by this very process: no look from before is good enough
    both.compare([check(token, "login_name=bob")])
    assert json.loads(both.ask(check(token, "login_name=bob"))) != json.loads(told[1][1])
