"""The security log: what it keeps, for how long, and what never stands in it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from application.credentials import Outcome, SignIns
from application.credentials.sign_ins import shortened
from tests.clock import SetClock

HOME = "192.0.2.1"


@pytest.fixture
def sign_ins(engine: Engine, clock: SetClock) -> SignIns:
    return SignIns(engine, clock, kept_days=90)


def test_lines_come_newest_first_a_page_at_a_time_and_of_one_account(sign_ins: SignIns, clock: SetClock) -> None:
    for number in range(7):
        sign_ins.record(Outcome.SIGNED_IN, HOME, account_id=f"account {number % 2}")
        clock.go_on(seconds=1)
    first = sign_ins.newest(limit=4)
    then = sign_ins.newest(limit=4, before=first[-1].line)
    assert [each.at for each in (*first, *then)] == sorted((each.at for each in (*first, *then)), reverse=True)
    assert len(first) + len(then) == 7
    assert {each.account_id for each in sign_ins.newest(limit=9, account_id="account 1")} == {"account 1"}


def test_lines_are_kept_for_ninety_days(sign_ins: SignIns, clock: SetClock) -> None:
    sign_ins.record(Outcome.SIGNED_IN, HOME, account_id="old")
    clock.go_on(days=90)
    sign_ins.record(Outcome.SIGNED_IN, HOME, account_id="middle")
    assert [each.account_id for each in sign_ins.newest(limit=9)] == ["middle", "old"]
    clock.go_on(milliseconds=1)
    sign_ins.record(Outcome.SIGNED_OUT, HOME, account_id="new")
    assert [each.account_id for each in sign_ins.newest(limit=9)] == ["new", "middle"]


def test_of_a_name_that_nobody_has_only_the_first_letters_stand_there(sign_ins: SignIns) -> None:
    """People type their password into the field of the name."""
    sign_ins.record(Outcome.UNKNOWN_NAME, HOME, name="correct horse battery staple")
    sign_ins.record(Outcome.WRONG_PASSWORD, HOME, account_id="alice", name="ALICE")
    assert [(each.name, each.account_id) for each in sign_ins.newest(limit=9)] == [(None, "alice"), ("cor…", None)]
    assert [shortened(name) for name in ("", "x", "ann", "anna", "annika")] == ["", "…", "a…", "an…", "ann…"]


def test_whoever_hammers_at_the_door_adds_a_line_a_minute(sign_ins: SignIns, clock: SetClock) -> None:
    for _ in range(100):
        sign_ins.record(Outcome.TOO_MANY_ATTEMPTS, HOME, account_id="alice")
    sign_ins.record(Outcome.TOO_MANY_ATTEMPTS, HOME, name="nobody")
    assert len(sign_ins.newest(limit=200)) == 2
    clock.go_on(seconds=61)
    sign_ins.record(Outcome.TOO_MANY_ATTEMPTS, HOME, account_id="alice")
    assert len(sign_ins.newest(limit=200)) == 3
