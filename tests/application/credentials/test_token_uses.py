"""The last use of API tokens: noted without a database, written once a day whatever the number of workers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, event

from application.credentials import TokenUses

MONDAY = date(2026, 10, 5)
TUESDAY = MONDAY + timedelta(days=1)


def statements_of(engine: Engine) -> list[str]:
    """The statements that it is given from now on, each by its first word."""
    words: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: words.append(args[2].split()[0]))
    return words


def test_a_use_is_written_with_its_day(engine: Engine, other_engine: Engine) -> None:
    uses = TokenUses(engine)
    uses.note("abcdefgh", MONDAY)
    assert TokenUses(other_engine).days() == {}
    uses.write(MONDAY)
    assert TokenUses(other_engine).days() == {"abcdefgh": MONDAY}
    uses.note("abcdefgh", TUESDAY)
    uses.note("ijklmnop", TUESDAY)
    uses.write(TUESDAY)
    assert TokenUses(other_engine).days() == {"abcdefgh": TUESDAY, "ijklmnop": TUESDAY}


def test_noting_a_use_asks_no_database(engine: Engine) -> None:
    uses, statements = TokenUses(engine), statements_of(engine)
    for _ in range(1000):
        uses.note("abcdefgh", MONDAY)
    assert statements == []


def test_a_token_is_written_once_a_day_whatever_the_number_of_workers(engine: Engine, other_engine: Engine) -> None:
    workers = [(TokenUses(one), statements_of(one)) for one in (engine, other_engine)]
    for day in (MONDAY, TUESDAY):
        for uses, statements in workers:
            statements.clear()
            for _ in range(3):
                uses.note("abcdefgh", day)
                uses.write(day)
        assert [statements.count("INSERT") for _, statements in workers] == [1, 0]
        assert [len(statements) for _, statements in workers] == [2, 1]


def test_a_worker_that_is_behind_takes_no_day_back(engine: Engine, other_engine: Engine) -> None:
    behind, ahead = TokenUses(engine), TokenUses(other_engine)
    behind.note("abcdefgh", MONDAY)
    ahead.note("abcdefgh", TUESDAY)
    ahead.write(TUESDAY)
    behind.write(TUESDAY)
    assert ahead.days() == {"abcdefgh": TUESDAY}


def test_a_day_that_a_wrong_clock_wrote_gives_way_once_the_clock_was_corrected(engine: Engine) -> None:
    uses = TokenUses(engine)
    uses.note("abcdefgh", date(2099, 1, 1))
    uses.write(date(2099, 1, 1))
    uses.note("abcdefgh", MONDAY)
    uses.write(MONDAY)
    assert uses.days() == {"abcdefgh": MONDAY}


def test_a_write_that_failed_is_made_up_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    uses = TokenUses(engine)
    uses.note("abcdefgh", MONDAY)
    with monkeypatch.context() as broken:
        broken.setattr(engine, "begin", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            uses.write(MONDAY)
    uses.write(MONDAY)
    assert uses.days() == {"abcdefgh": MONDAY}


def test_one_of_all_workers_is_the_first_to_tell_the_log_on_a_day(engine: Engine, other_engine: Engine) -> None:
    workers = [TokenUses(engine), TokenUses(other_engine)]
    for day in (MONDAY, TUESDAY):
        assert [uses.is_first_to_tell(day) for uses in (*workers, *workers)] == [True, False, False, False]
