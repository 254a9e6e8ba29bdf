"""The API's replay and filters: `as_of`, `position`, and the history's parameters, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Event, Semaphore
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from application.licensing import Licensing
from application.views.day_view import DayView
from interface.web.gateway import replay
from tests.examples import ADMINISTRATOR, a_key, a_period
from tests.interface.web.house import House

LICENSE = "/api/v1/license"
CHECK = "/api/v1/login-check?login_name="
HISTORY = "/api/v1/history"

PATIENCE = 300
"""Seconds after which a test gives up, however busy the machine is."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    """Changed by the live story alone; every other test only asks."""
    house = House(tmp_path_factory.mktemp("replay"))
    yield house
    house.close()


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return house.token("audit")


@pytest.fixture(scope="module", autouse=True)  # first of all, whichever test comes first in this process
def answered(house: House, token: str) -> list[tuple[datetime, int, str, dict[str, Any]]]:
    """What the API answered in the course of a story: moment, position, question, answer."""
    noted = []

    def note() -> None:
        for question in (LICENSE, f"{CHECK}admin", f"{CHECK}ann", f"{CHECK}ann&release_date=2026-10-01"):
            noted.append((house.clock.now, house.view.position, question, ask(house, token, question).json))

    note()
    house.clock.go_on(days=1)
    house.register(a_key(licenses=1))
    note()
    house.clock.go_on(days=1)
    house.add_user("ann")
    note()
    house.clock.go_on(days=1)
    house.register(a_key(licenses=2, license_period=a_period(end=None), maintenance_period=None, issued_at=1776600000))
    note()
    house.clock.go_on(days=1)
    house.do("delete_user", "ann")
    note()
    house.clock.go_on(days=1)
    return noted


def ask(house: House, token: str, path: str) -> TestResponse:
    return house.app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


def problem(response: TestResponse) -> tuple[int, str]:
    assert response.mimetype == "application/problem+json", response.text
    return response.status_code, response.json["code"]


def with_parameter(question: str, parameter: str) -> str:
    return f"{question}{'&' if '?' in question else '?'}{parameter}"


def test_as_of_and_position_give_what_was_answered_then(
    house: House, token: str, answered: list[tuple[datetime, int, str, dict[str, Any]]]
) -> None:
    codes = set()
    for moment, position, question, answer in answered:
        then = quote((moment + timedelta(minutes=1)).isoformat())
        assert ask(house, token, with_parameter(question, f"as_of={then}")).json == answer
        assert ask(house, token, with_parameter(question, f"position={position}")).json == answer
        day = answer["checked_on"]
        assert ask(house, token, with_parameter(question, f"position={position}&on={day}")).json == answer
        codes.add(answer.get("code"))
    assert codes == {
        None,
        "unknown_user",
        "no_license",
        "licenses_exceeded",
        "ok",
        "release_not_covered",
        "user_deleted",
    }


@pytest.mark.parametrize("question", [LICENSE, f"{CHECK}ann"])
@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("position=0", (404, "no_such_position")),
        ("position=1000", (404, "no_such_position")),
        ("position=9007199254740993", (400, "malformed_request")),
        ("position=-1", (400, "malformed_request")),
        ("position=two", (400, "malformed_request")),
        ("position=", (400, "malformed_request")),
        ("as_of=2020-01-01T00:00:00Z", (404, "no_such_position")),
        ("as_of=2099-01-01T00:00:00Z", (404, "no_such_position")),
        ("as_of=0001-01-01T00:00:00%2B14:00", (404, "no_such_position")),
        ("as_of=9999-12-31T23:59:59-14:00", (404, "no_such_position")),
        ("as_of=2020-01-01", (404, "no_such_position")),
        ("as_of=9999-12-31", (404, "no_such_position")),
        ("as_of=2026-04-31", (400, "malformed_request")),
        ("as_of=20260420", (400, "malformed_request")),
        ("as_of=2026-04-20T09:00:00", (400, "malformed_request")),
        ("as_of=2026-04-31T09:00:00Z", (400, "malformed_request")),
        ("as_of=", (400, "malformed_request")),
        ("as_of=2026-04-20T09:00:00Z&position=2", (400, "malformed_request")),
        ("position=2&on=2026-04-19", (400, "day_past")),
        ("position=2&on=0001-01-01", (400, "day_past")),
        ("position=2&on=2026-04-31", (400, "malformed_request")),
        ("position=2&on=", (400, "malformed_request")),
        ("position=0&on=2026-04-20", (404, "no_such_position")),
        ("position=1000&on=2026-04-20", (404, "no_such_position")),
        ("on=2026-04-20", (400, "malformed_request")),
        ("as_of=2026-04-20T09:00:00Z&on=2026-04-20", (400, "malformed_request")),
    ],
)
def test_what_cannot_be_asked_of_the_past_is_a_problem(
    house: House, token: str, question: str, parameter: str, expected: tuple[int, str]
) -> None:
    assert problem(ask(house, token, with_parameter(question, parameter))) == expected


def test_a_plus_that_was_not_encoded_is_explained(house: House, token: str) -> None:
    response = ask(house, token, f"{LICENSE}?as_of=2026-04-20T09:00:00+02:00")
    assert problem(response) == (400, "malformed_request")
    assert "%2B" in response.json["detail"]


@pytest.mark.parametrize("scope", ["license", "login-check", "users"])
def test_s15_a_decision_of_the_past_takes_the_scope_audit(house: House, scope: str) -> None:
    token = house.token(scope)
    for question, scopes in ((LICENSE, ("license",)), (f"{CHECK}ann", ())):
        status = ask(house, token, with_parameter(question, "position=2")).status_code
        assert status == (200 if scope in scopes else 403)


@pytest.mark.parametrize(
    "parameter", ["position=2", "position=2&on=2026-04-20", "position=1000", "as_of=2026-04-20T09:00:00Z"]
)
def test_s15_a_token_for_login_checks_is_told_what_the_past_takes(house: House, parameter: str) -> None:
    response = ask(house, house.token("login-check"), f"{CHECK}ann&{parameter}")
    assert problem(response) == (403, "scope_missing")
    assert "moment takes a token with the scope audit" in response.json["detail"]
    assert 'scope="audit"' in response.headers["WWW-Authenticate"]
    assert ask(house, house.token("login-check", "audit"), f"{CHECK}ann&position=2").status_code == 200


def test_s15_questions_about_the_past_at_once_are_bounded_and_logins_go_on(
    house: House, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = Semaphore(0), Event()
    at = Licensing.at

    def slow(licensing: Licensing, id_: UUID, position: int, day: date | None) -> DayView:
        begun.release()
        assert go_on.wait(PATIENCE)
        return at(licensing, id_, position, day)

    monkeypatch.setattr(Licensing, "at", slow)
    with ThreadPoolExecutor() as pool:
        slow_ones = [pool.submit(ask, house, token, f"{LICENSE}?position=2") for _ in range(replay.AT_ONCE)]
        try:
            for _ in slow_ones:
                assert begun.acquire(timeout=PATIENCE)
            for question in (f"{LICENSE}?position=2", f"{CHECK}ann&as_of=2026-04-20T09:00:00Z"):
                response = ask(house, token, question)
                assert problem(response) == (429, "too_many_questions")
                assert response.headers["Retry-After"] == "1"
            assert ask(house, token, f"{CHECK}ann").status_code == 200
        finally:
            go_on.set()
        assert [answer.result().status_code for answer in slow_ones] == [200] * replay.AT_ONCE
    for _ in range(replay.AT_ONCE + 1):  # what was refused gives its place back, too
        assert problem(ask(house, token, f"{LICENSE}?position=1000")) == (404, "no_such_position")
    assert ask(house, token, f"{LICENSE}?position=2").status_code == 200


def events(response: TestResponse) -> list[tuple[int, str]]:
    assert response.status_code == 200, response.text
    return [(event["position"], event["event"]) for event in response.json["events"]]


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("event=LicenseRegistered", [(6, "LicenseRegistered"), (8, "LicenseRegistered")]),
        ("login_name=ANN", [(7, "UserAdded"), (9, "UserDeleted")]),
        ("login_name=ann&event=UserDeleted&by=cli:tester", [(9, "UserDeleted")]),
        ("from=2026-04-22&to=2026-04-23", [(7, "UserAdded"), (8, "LicenseRegistered")]),
        ("from=2026-04-24&to=2026-04-24", [(9, "UserDeleted")]),
        ("to=2026-04-01", []),
        (f"by={ADMINISTRATOR}", []),
        ("login_name=ann&after=7", [(9, "UserDeleted")]),
    ],
)
def test_the_history_is_filtered(house: House, token: str, query: str, expected: list[tuple[int, str]]) -> None:
    assert events(ask(house, token, f"{HISTORY}?{query}")) == expected


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("query", ["", "event=UserAdded", "login_name=ann"])
def test_filtered_pages_give_every_event_once(house: House, token: str, query: str) -> None:
    whole = events(ask(house, token, f"{HISTORY}?{query}" if query else HISTORY))
    paged: list[tuple[int, str]] = []
    following: int | None = 0
    while following is not None:
        response = ask(house, token, f"{HISTORY}?{query}{'&' if query else ''}limit=1&after={following}")
        paged += events(response)
        following = response.json["next"]
    assert paged == whole
    assert whole


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("event=UserPromoted", (400, "unknown_filter")),
        ("login_name=zoe", (400, "unknown_filter")),
        ("by=zoe", (400, "unknown_filter")),
        ("from=2026-04-23&to=2026-04-22", (400, "unknown_filter")),
        ("event=", (400, "malformed_request")),
        ("login_name=", (400, "malformed_request")),
        ("from=yesterday", (400, "malformed_request")),
        ("until=2026-04-22", (400, "malformed_request")),
    ],
)
def test_a_filter_that_cannot_be_is_a_problem(house: House, token: str, query: str, expected: tuple[int, str]) -> None:
    assert problem(ask(house, token, f"{HISTORY}?{query}")) == expected
