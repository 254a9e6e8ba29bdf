"""One-time links with which a new administrator sets a password."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from application.credentials import Credentials
from application.credentials.tables import password_links
from tests.clock import SetClock
from tests.examples import PASSWORD

ALICE, SINCE = "6b1d6d9e-alice", 7


def test_a_link_is_looked_at_as_often_as_one_likes_and_redeemed_once(credentials: Credentials) -> None:
    token = credentials.make_link(ALICE, SINCE)
    assert credentials.peek_link(token) == (ALICE, SINCE)
    assert credentials.peek_link(token) == (ALICE, SINCE)
    assert credentials.redeem_link(token) == (ALICE, SINCE)
    assert credentials.peek_link(token) is None
    assert credentials.redeem_link(token) is None


def test_of_eight_who_redeem_a_link_at_once_in_two_processes_one_gets_it(
    credentials: Credentials, other_engine: Engine, clock: SetClock
) -> None:
    both = (credentials, Credentials(other_engine, clock))
    with ThreadPoolExecutor(8) as threads:
        for _ in range(25):
            token, together = credentials.make_link(ALICE, SINCE), Barrier(8)

            def redeem(number: int, token: str = token, together: Barrier = together) -> object:
                together.wait()
                return both[number % 2].redeem_link(token)

            got = list(threads.map(redeem, range(8)))
            assert [each for each in got if each] == [(ALICE, SINCE)]


def test_a_link_is_over_after_24_hours(credentials: Credentials, clock: SetClock) -> None:
    token = credentials.make_link(ALICE, SINCE)
    clock.go_on(hours=23, minutes=59)
    assert credentials.peek_link(token)
    clock.go_on(minutes=1)
    assert credentials.peek_link(token) is None
    assert credentials.redeem_link(token) is None


def test_l3_a_clock_set_back_lengthens_no_link(credentials: Credentials, clock: SetClock) -> None:
    token = credentials.make_link(ALICE, SINCE)
    clock.go_on(hours=-1)
    assert credentials.redeem_link(token) is None


def test_a_new_link_makes_the_earlier_one_void(credentials: Credentials) -> None:
    earlier, later = credentials.make_link(ALICE, SINCE), credentials.make_link(ALICE, SINCE)
    others = credentials.make_link("bob", SINCE)
    assert credentials.redeem_link(earlier) is None
    assert credentials.redeem_link(later) == (ALICE, SINCE)
    assert credentials.redeem_link(others) == ("bob", SINCE)


def test_a_link_of_an_earlier_right_does_not_replace_one_of_the_present_right(credentials: Credentials) -> None:
    present = credentials.make_link(ALICE, 12)
    credentials.make_link(ALICE, 7)
    assert credentials.redeem_link(present) == (ALICE, 12)


def test_setting_a_password_makes_the_link_void(credentials: Credentials) -> None:
    token = credentials.make_link(ALICE, SINCE)
    credentials.set_password(ALICE, SINCE, PASSWORD)
    assert credentials.redeem_link(token) is None


@pytest.mark.parametrize("token", ["", "x", "\ud800"])
def test_a_text_that_is_no_link_is_nobodys(credentials: Credentials, token: str) -> None:
    credentials.make_link(ALICE, SINCE)
    assert credentials.redeem_link(token) is None


def test_the_token_is_not_stored(credentials: Credentials, engine: Engine) -> None:
    token = credentials.make_link(ALICE, SINCE)
    with engine.connect() as connection:
        assert token not in repr(connection.execute(select(password_links)).all())
