"""The secret addresses of calendars: one for each account, stored as a digest, and bound to the right."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from application.credentials import CalendarAddresses, Credentials, SignInThrottle, TooManyAttempts
from application.credentials.tables import calendar_addresses
from tests.clock import SetClock

ALICE, SINCE = "6b1d6d9e-alice", 7
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.9"


@pytest.fixture
def addresses(engine: Engine, clock: SetClock) -> CalendarAddresses:
    return CalendarAddresses(engine, clock)


def test_a_new_address_takes_the_place_of_the_old_one(addresses: CalendarAddresses) -> None:
    assert not addresses.is_on(ALICE, SINCE)
    old, new = addresses.make(ALICE, SINCE), addresses.make(ALICE, SINCE)
    assert addresses.holder(old) is None
    assert addresses.holder(new) == (ALICE, SINCE)
    assert addresses.is_on(ALICE, SINCE)
    addresses.turn_off(ALICE)
    assert addresses.holder(new) is None
    assert not addresses.is_on(ALICE, SINCE)


def test_it_has_256_random_bits_of_which_the_digest_alone_is_stored(
    addresses: CalendarAddresses, engine: Engine
) -> None:
    secrets = [addresses.make(f"account {number}", SINCE) for number in range(3)]
    assert {len(secret) for secret in secrets} == {43}
    with engine.connect() as connection:
        stored = repr(connection.execute(select(calendar_addresses)).all())
    assert not any(secret in stored for secret in secrets)


def test_one_of_an_earlier_right_is_off_and_a_view_that_is_behind_replaces_nothing(
    addresses: CalendarAddresses,
) -> None:
    secret = addresses.make(ALICE, SINCE)
    assert not addresses.is_on(ALICE, SINCE + 1)
    later = addresses.make(ALICE, SINCE + 1)
    addresses.make(ALICE, SINCE)
    assert addresses.holder(later) == (ALICE, SINCE + 1)
    assert addresses.holder(secret) is None


def test_nothing_of_an_account_that_is_forgotten_stays(addresses: CalendarAddresses, credentials: Credentials) -> None:
    secret, other = addresses.make(ALICE, SINCE), addresses.make("bob", SINCE)
    credentials.forget(ALICE)
    assert addresses.holder(secret) is None
    assert addresses.holder(other) == ("bob", SINCE)


def test_whoever_asks_for_many_that_are_not_there_waits_and_nobody_else(
    throttle: SignInThrottle, clock: SetClock
) -> None:
    for _ in range(20):
        throttle.before_calendar(HOME)
        throttle.no_calendar(HOME)
    with pytest.raises(TooManyAttempts) as refusal:
        throttle.before_calendar(HOME)
    assert refusal.value.retry_after == 1
    throttle.before_calendar(ELSEWHERE)
    throttle.before_attempt("alice", HOME)
    clock.go_on(seconds=1)
    throttle.before_calendar(HOME)
    for _ in range(10):
        clock.go_on(minutes=1)
        throttle.before_calendar(HOME)
        throttle.no_calendar(HOME)
    with pytest.raises(TooManyAttempts) as refusal:
        throttle.before_calendar(HOME)
    assert refusal.value.retry_after == 60
