"""The timer beside the server: it writes the use of tokens, and once a day tells the log of those that end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from application.credentials.tables import create_tables
from interface.composition import Seatledger, compose
from interface.settings import Settings
from interface.token_timer import TokenTimer
from tests.clock import SetClock

BY = "cli:tester"


@pytest.fixture
def clock() -> SetClock:
    return SetClock("2026-04-20")


def settings_in(directory: Path) -> Settings:
    return Settings(database=f"sqlite:///{directory / 'seatledger.sqlite'}")


def open_(directory: Path, clock: SetClock) -> Seatledger:
    return compose(settings_in(directory), clock=clock)


@pytest.fixture
def workers(tmp_path: Path, clock: SetClock) -> Iterator[list[Seatledger]]:
    settings_in(tmp_path).log.make(create_tables)
    with closing(open_(tmp_path, clock)) as one, closing(open_(tmp_path, clock)) as other:
        one.licensing.open_installation("Example", "timetracker-nx", "UTC", "admin", by=BY)
        yield [one, other]


def make_token(seatledger: Seatledger, name: str, days: int | None) -> str:
    licensing, id_ = seatledger.licensing, seatledger.installation_id
    return licensing.create_token(id_, name, ["login-check"], expires_after=days, by=BY).token_id


def test_what_was_noted_is_written(workers: list[Seatledger]) -> None:
    one, other = workers
    token_id = make_token(one, "Gateway", None)
    one.token_uses.note(token_id, date(2026, 4, 20))
    TokenTimer(one).look()
    assert other.token_uses.days() == {token_id: date(2026, 4, 20)}


def test_w1_tokens_that_end_are_told_once_a_day_by_one_worker(
    workers: list[Seatledger], clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    timers = [TokenTimer(worker) for worker in workers]
    gateway = make_token(workers[0], "Gateway", 61)
    make_token(workers[0], "Monitoring", None)

    def told_on(day: str) -> list[str]:
        clock.set(day)
        caplog.clear()
        for timer in (*timers, *timers):
            timer.look()
        assert {record.levelno for record in caplog.records} <= {logging.WARNING}
        return caplog.messages

    assert told_on("2026-04-20") == []
    (sentence,) = told_on("2026-04-21")
    assert sentence.startswith(f"The API token “Gateway” ({gateway}) ends on 2026-06-20 (60 days left).")
    assert len(told_on("2026-04-22")) == 1
    (sentence,) = told_on("2026-06-21")
    assert sentence.startswith(f"The API token “Gateway” ({gateway}) ended on 2026-06-20")


def test_a_server_that_starts_again_does_not_repeat_itself(
    workers: list[Seatledger], caplog: pytest.LogCaptureFixture
) -> None:
    make_token(workers[0], "Gateway", 1)
    for _ in range(2):
        TokenTimer(workers[0]).look()
    assert len(caplog.records) == 1


def test_a_database_that_takes_no_writes_is_said_once_and_the_ends_are_told_all_the_same(
    workers: list[Seatledger], caplog: pytest.LogCaptureFixture
) -> None:
    one = workers[0]
    one.token_uses.note(make_token(one, "Gateway", 1), date(2026, 4, 20))
    with one.engine.connect() as connection:  # the pool gives the same connection again
        connection.exec_driver_sql("PRAGMA query_only = on")
    timer = TokenTimer(one)
    for _ in range(3):
        timer.look()
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.ERROR]
    assert caplog.messages[1] == ("The use of API tokens could not be noted: attempt to write a readonly database")
