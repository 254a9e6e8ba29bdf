"""`Idempotency-Key`: a request that comes again is carried out once, and answered as it was the first time."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from application.log.failures import Busy, OutcomeUnknown
from application.repeats import REMEMBERED, TAKEN_OVER_AFTER, Claim, Repeats, Request
from interface.web.app import create_app
from interface.web.gateway.once import IdempotencyKeyInvalid, key_of
from tests.examples import a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House
from tests.refused import refused

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def send(program: Program, method: str, path: str, body: Any = None, *, key: str = KEY) -> TestResponse:
    content = {} if body is None else {"json": body}
    return program.ask(method, path, headers={"Idempotency-Key": f'"{key}"'}, **content)


def same(one: TestResponse, other: TestResponse) -> bool:
    return (one.status, one.data, list(one.headers)) == (other.status, other.data, list(other.headers))


def on_another_server(house: House, program: Program) -> Program:
    """The same program, which asks another server over the same database; the first may be gone by then."""
    secret = b"an example, not a secret, 32 byte"
    app: Flask = create_app(house.another_process().seatledger, secret_key=secret, https=False)
    other = Program(app)
    other.headers = program.headers
    return other


REQUESTS = (
    ("POST", "/api/v1/users", {"login_name": "dan"}),
    ("DELETE", "/api/v1/users/ann", None),
    ("POST", "/api/v1/users/ben/restore", None),
    ("POST", "/api/v1/users/eve/rename", {"login_name": "eva"}),
    ("POST", "/api/v1/users/max/erase", {"free_name": True}),
    ("PUT", "/api/v1/users/eva/administrator", None),
    ("DELETE", "/api/v1/users/root/administrator", None),
    ("POST", "/api/v1/users", {"login_name": "ann"}),
    ("DELETE", "/api/v1/users/nobody", None),
)
"""Each that changes a user, and two that are refused."""


@pytest.fixture
def people(house: House) -> House:
    house.add("ann", "ben", "eve", "max")
    house.add("root", administrator=True)
    house.do("delete_users", ["ben", "max"])
    return house


def test_the_same_request_is_done_once_and_answered_alike_on_every_server(people: House, users: Program) -> None:
    first = [send(users, *request, key=str(number)) for number, request in enumerate(REQUESTS)]
    people.do("delete_user", "eva")  # what is true by now does not matter
    size = people.size()
    for program in (users, on_another_server(people, users)):
        for number, request in enumerate(REQUESTS):
            assert same(first[number], send(program, *request, key=str(number)))
    assert people.size() == size


def test_a_license_key_is_registered_once_and_a_refusal_recorded_once(house: House, licenses: Program) -> None:
    for key, text in (("a", a_key()), ("b", "no license key")):
        first = send(licenses, "POST", "/api/v1/license-keys", {"license_key": text}, key=key)
        size = house.size()
        assert same(first, send(licenses, "POST", "/api/v1/license-keys", {"license_key": text}, key=key))
        assert house.size() == size


def test_a_scope_that_is_missing_is_said_alike(house: House) -> None:
    program = Program(house.app, house.token("users"))
    request = ("POST", "/api/v1/users", {"login_name": "ann", "administrator": True})
    first = send(program, *request)
    assert_problem(first, 403, "scope_missing")
    assert "WWW-Authenticate" in first.headers
    assert same(first, send(program, *request))


def test_another_request_with_the_key_is_refused(house: House, users: Program) -> None:
    send(users, "POST", "/api/v1/users", {"login_name": "ann"})
    size = house.size()
    for method, path, body in (
        ("POST", "/api/v1/users", {"login_name": "ben"}),
        ("POST", "/api/v1/users", {"login_name": "ann", "administrator": True}),
        ("DELETE", "/api/v1/users/ann", None),
        ("PUT", "/api/v1/users/ann/administrator", None),
    ):
        assert_problem(send(users, method, path, body), 422, "idempotency_key_reused")
    assert house.size() == size


def test_what_a_body_says_counts_and_not_its_spelling(users: Program) -> None:
    first = send(users, "POST", "/api/v1/users", {"login_name": "ann", "administrator": False})
    again = users.ask(
        "POST",
        "/api/v1/users",
        headers={"Idempotency-Key": KEY, "Content-Type": "application/json"},
        data='{ "login_name" : "\\u0061nn" }',
    )
    assert same(first, again)


def test_keys_of_two_tokens_never_meet(house: House, users: Program) -> None:
    send(users, "POST", "/api/v1/users", {"login_name": "ann"})
    other = Program(house.app, house.token("users"))
    assert send(other, "POST", "/api/v1/users", {"login_name": "ben"}).status_code == 201


def test_the_command_has_the_id_that_the_page_says(house: House, users: Program) -> None:
    send(users, "POST", "/api/v1/users", {"login_name": "ann"})
    newest = house.entries[-1]
    assert UUID(newest.command_id) == uuid5(house.id, f"{newest.event.by} {KEY}")


def begun(program: Program, method: str, path: str, body: Any = None, *, key: str = KEY) -> TestResponse:
    """What a server answered that died before: it had carried the request out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Repeats, "keep", lambda *_: None)
        return send(program, method, path, body, key=key)


def test_a_server_that_died_is_followed_by_one_that_asks_the_log(people: House, users: Program) -> None:
    first = [begun(users, *request, key=str(number)) for number, request in enumerate(REQUESTS)]
    size = people.size()
    early = send(users, *REQUESTS[0], key="0")
    assert_problem(early, 409, "request_in_progress")
    assert early.headers["Retry-After"] == "1"
    people.clock.go_on(seconds=TAKEN_OVER_AFTER)
    survivor = on_another_server(people, users)
    for number, request in enumerate(REQUESTS):
        answer = send(survivor, *request, key=str(number))
        assert answer.status == first[number].status
        assert same(answer, send(users, *request, key=str(number)))
    assert people.size() == size


@pytest.mark.parametrize("refusal", [Busy(), OutcomeUnknown()], ids=["busy", "unknown"])
@pytest.mark.parametrize("stored", [False, True], ids=["nothing", "stored"])
def test_after_503_it_is_carried_out_unless_the_log_has_it(
    house: House, users: Program, monkeypatch: pytest.MonkeyPatch, refusal: Exception, *, stored: bool
) -> None:
    act = house.licensing._acting.act

    def fail(*args: Any, **options: Any) -> None:
        if stored:
            act(*args, **options)
        raise refusal

    monkeypatch.setattr(house.licensing._acting, "act", fail)
    assert send(users, "POST", "/api/v1/users", {"login_name": "ann"}).status_code == 503
    monkeypatch.undo()
    house.clock.go_on(seconds=TAKEN_OVER_AFTER)
    assert send(users, "POST", "/api/v1/users", {"login_name": "ann"}).status_code == 201
    assert house.events().count("UserAdded") == 2


def test_a_key_is_remembered_for_a_day(house: House, users: Program) -> None:
    send(users, "POST", "/api/v1/users", {"login_name": "ann"})
    house.clock.go_on(seconds=REMEMBERED - 1)
    house.seatledger.repeats.forget_old()
    assert_problem(send(users, "POST", "/api/v1/users", {"login_name": "ben"}), 422, "idempotency_key_reused")
    house.clock.go_on(seconds=2)
    assert send(users, "POST", "/api/v1/users", {"login_name": "ben"}).status_code == 201
    house.clock.go_on(seconds=REMEMBERED + 1)
    house.seatledger.repeats.forget_old()
    assert house.sql("SELECT count(*) FROM idempotency_keys") == [(0,)]


def test_neither_key_nor_answer_can_be_read_from_the_table(house: House, users: Program) -> None:
    send(users, "POST", "/api/v1/users", {"login_name": "Wilhelmina"}, key="wilhelmina-joins")
    [row] = house.sql("SELECT * FROM idempotency_keys")
    assert "wilhelmina" not in str([bytes(each) if isinstance(each, memoryview) else each for each in row]).lower()


def test_one_that_was_too_slow_does_nothing_after_another_took_it_over(house: House) -> None:
    request = Request(uuid4(), KEY, b"POST /api/v1/users")
    repeats, others = house.seatledger.repeats, house.another_process().seatledger.repeats
    slow = repeats.claim(request, house.size())
    house.clock.go_on(seconds=TAKEN_OVER_AFTER)
    quick = others.claim(request, house.size())
    assert isinstance(slow, Claim)
    assert isinstance(quick, Claim)
    house.do("add_user", "ann", command_id=quick.command)
    size = house.size()
    house.do("add_user", "ann", command_id=slow.command)
    assert house.size() == size
    repeats.keep(slow, b"slow")
    others.keep(quick, b"quick")
    repeats.leave(slow)
    assert repeats.claim(request, size) == b"quick"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"a"', "a"),
        ("a", "a"),
        (KEY, KEY),
        (f' "{KEY}" ', KEY),
        ('"a b"', "a b"),
        (r'"\"\\"', '"\\'),
        ('"' + 255 * "k" + '"', 255 * "k"),
    ],
    ids=["string", "token", "uuid", "blanks around", "blank within", "escaped", "longest"],
)
def test_a_key_is_a_string_or_a_token(header: str, key: str) -> None:
    assert key_of(header) == key


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        '""',
        '"',
        '"a',
        'a"',
        '"a", "b"',
        "a,b",
        "a b",
        '"ä"',
        "ä",
        '"\x7f"',
        '"\t"',
        r'"\a"',
        '"a";b=1',
        "k" * 256,
    ],
    ids=range(16),
)
def test_whatever_else_the_header_holds_is_no_key(header: str) -> None:
    with refused(IdempotencyKeyInvalid, "255"):
        key_of(header)


def test_a_request_with_no_key_in_the_header_changes_nothing(house: House, users: Program) -> None:
    answer = users.ask("POST", "/api/v1/users", headers={"Idempotency-Key": "a, b"}, json={"login_name": "ann"})
    assert_problem(answer, 400, "idempotency_key_invalid")
    assert house.view.in_use == 1


def test_questions_take_no_notice_of_it(users: Program) -> None:
    assert users.ask("GET", "/api/v1/users", headers={"Idempotency-Key": "no key at all"}).status_code == 200
