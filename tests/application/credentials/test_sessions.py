"""Sessions: opened, seen, over, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2.profiles import CHEAPEST
from sqlalchemy import Engine, event, func, select

from application.credentials import Credentials, PasswordHashing
from application.credentials.tables import sessions
from tests.clock import SetClock
from tests.examples import PASSWORD

ALICE, SINCE = "6b1d6d9e-alice", 7


def everything_stored(engine: Engine) -> str:
    with engine.connect() as connection:
        return repr(connection.execute(select(sessions)).all())


def test_a_session_says_whose_it_is_and_since_when_that_account_has_its_right(credentials: Credentials) -> None:
    token = credentials.open_session(ALICE, SINCE)
    assert credentials.session(token) == (ALICE, SINCE)


def test_another_process_knows_the_session(credentials: Credentials, other_engine: Engine, clock: SetClock) -> None:
    token = credentials.open_session(ALICE, SINCE)
    assert Credentials(other_engine, clock).session(token) == (ALICE, SINCE)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 10_000])
def test_a_token_of_no_session_is_nobodys(credentials: Credentials, token: str) -> None:
    credentials.open_session(ALICE, SINCE)
    assert credentials.session(token) is None


def test_no_token_is_stored(credentials: Credentials, engine: Engine) -> None:
    tokens = {credentials.open_session(ALICE, SINCE) for _ in range(20)}
    assert len(tokens) == 20
    stored = everything_stored(engine)
    assert not any(token in stored for token in tokens)


def test_a_session_that_is_used_lasts_12_hours_and_no_longer(credentials: Credentials, clock: SetClock) -> None:
    token = credentials.open_session(ALICE, SINCE)
    for _ in range(47):
        clock.go_on(minutes=15)
        assert credentials.session(token)
    clock.go_on(minutes=15)
    assert credentials.session(token) is None


def test_an_idle_session_ends_after_30_minutes(credentials: Credentials, clock: SetClock) -> None:
    token = credentials.open_session(ALICE, SINCE)
    clock.go_on(minutes=29, seconds=59)
    assert credentials.session(token)
    clock.go_on(minutes=30)
    assert credentials.session(token) is None


def test_a_session_seen_often_is_written_once_in_five_minutes(
    credentials: Credentials, clock: SetClock, engine: Engine
) -> None:
    token = credentials.open_session(ALICE, SINCE)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for _ in range(600):
        clock.go_on(seconds=1)
        credentials.session(token)
    assert sum(not statement.startswith("SELECT") for statement in statements) == 2


@pytest.mark.sqlite_alone("its one writer at a time")
def test_a_session_goes_on_while_another_process_holds_the_database(
    credentials: Credentials, other_engine: Engine, clock: SetClock
) -> None:
    token = credentials.open_session(ALICE, SINCE)
    clock.go_on(minutes=10)
    with other_engine.connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        assert credentials.session(token) == (ALICE, SINCE)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400)])
def test_l3_a_clock_set_back_lengthens_no_session(credentials: Credentials, clock: SetClock, back: timedelta) -> None:
    token = credentials.open_session(ALICE, SINCE)
    clock.now -= back
    assert credentials.session(token) is None
    assert credentials.session(credentials.open_session(ALICE, SINCE)), "signing in again works at once"


def test_a_closed_session_is_over_and_the_others_are_not(credentials: Credentials) -> None:
    here, there = credentials.open_session(ALICE, SINCE), credentials.open_session(ALICE, SINCE)
    credentials.close_session(here)
    assert credentials.session(here) is None
    assert credentials.session(there)


def test_changing_the_own_password_ends_the_accounts_other_sessions(credentials: Credentials) -> None:
    here, there = credentials.open_session(ALICE, SINCE), credentials.open_session(ALICE, SINCE)
    bobs = credentials.open_session("bob", SINCE)
    credentials.set_password(ALICE, SINCE, PASSWORD, except_token=here)
    assert [bool(credentials.session(each)) for each in (here, there, bobs)] == [True, False, True]


def test_a_password_set_for_somebody_ends_all_of_their_sessions(credentials: Credentials) -> None:
    token = credentials.open_session(ALICE, SINCE)
    credentials.set_password(ALICE, SINCE, PASSWORD)
    assert credentials.session(token) is None


def test_sessions_that_are_over_are_cleared_away_at_sign_in(
    credentials: Credentials, clock: SetClock, engine: Engine
) -> None:
    for _ in range(5):
        credentials.open_session(ALICE, SINCE)
    clock.go_on(minutes=31)
    token = credentials.open_session("bob", SINCE)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(sessions)).scalar() == 1
    assert credentials.session(token)


@pytest.mark.sqlite_alone("the words of its errors")
def test_an_error_of_the_database_shows_no_digest(engine: Engine, clock: SetClock, other_engine: Engine) -> None:
    with other_engine.begin() as connection:
        sessions.drop(connection)
    with pytest.raises(Exception, match="no such table") as caught:
        Credentials(engine, clock, PasswordHashing(CHEAPEST)).open_session(ALICE, SINCE)
    assert ALICE not in str(caught.value)
