"""Sign-in guessing is slowed down (B8), and the administrator always gets in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, func, select

from application.credentials import SignInThrottle, TooManyAttempts
from application.credentials.tables import sign_in_attempts
from application.erased_names import Pepper
from application.words.language import ENGLISH
from application.words.refusals import sentence
from tests.clock import SetClock

HOME = "203.0.113.7"
_numbers = count()


def elsewhere() -> str:
    """Another address at every call."""
    number = next(_numbers)
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def is_let_through(throttle: SignInThrottle, name: str, source: str, device: str | None = None) -> bool:
    try:
        throttle.before_attempt(name, source, device)
    except TooManyAttempts:
        return False
    return True


def wait_for(throttle: SignInThrottle, name: str, source: str) -> int:
    with pytest.raises(TooManyAttempts) as refused:
        throttle.before_attempt(name, source)
    return refused.value.retry_after


def test_b8_of_200_guesses_at_one_moment_five_are_looked_at(throttle: SignInThrottle) -> None:
    assert sum(is_let_through(throttle, "alice", HOME) for _ in range(200)) == 5


def test_b8_of_200_guesses_from_200_addresses_five_are_looked_at(throttle: SignInThrottle) -> None:
    assert sum(is_let_through(throttle, "alice", elsewhere()) for _ in range(200)) == 5


def test_b8_of_200_names_guessed_from_one_address_20_are_looked_at(throttle: SignInThrottle) -> None:
    assert sum(is_let_through(throttle, f"name {number}", HOME) for number in range(200)) == 20


def test_b8_a_name_is_guessed_about_a_hundred_times_a_day_however_many_addresses_guess(
    throttle: SignInThrottle, clock: SetClock
) -> None:
    looked_at = 0
    for _ in range(24 * 60):
        looked_at += is_let_through(throttle, "alice", elsewhere())
        clock.go_on(minutes=1)
    assert 90 < looked_at < 120


def test_the_wait_doubles_up_to_15_minutes_and_no_further(throttle: SignInThrottle, clock: SetClock) -> None:
    for _ in range(5):
        throttle.before_attempt("alice", elsewhere())
    waits = []
    for _ in range(13):
        waits.append(wait_for(throttle, "alice", elsewhere()))
        clock.go_on(seconds=waits[-1])
        throttle.before_attempt("alice", elsewhere())
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_an_address_waits_a_minute_at_most(throttle: SignInThrottle, clock: SetClock) -> None:
    waits = []
    for number in range(30):
        while not is_let_through(throttle, f"name {number}", HOME):
            waits.append(wait_for(throttle, f"name {number}", HOME))
            clock.go_on(seconds=waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_asking_again_too_early_does_not_lengthen_the_wait(throttle: SignInThrottle, clock: SetClock) -> None:
    for _ in range(8):
        while not is_let_through(throttle, "alice", HOME):
            clock.go_on(seconds=1)
    waits = []
    for _ in range(4):
        waits.append(wait_for(throttle, "alice", HOME))
        clock.go_on(seconds=1)
    assert waits == [8, 7, 6, 5]


def test_a_refused_attempt_on_one_name_is_not_counted_for_the_address(throttle: SignInThrottle) -> None:
    for _ in range(100):
        is_let_through(throttle, "alice", HOME)
    assert sum(is_let_through(throttle, f"name {number}", HOME) for number in range(100)) == 15


def test_the_refusal_has_a_code_a_wait_and_a_sentence(throttle: SignInThrottle) -> None:
    for _ in range(5):
        throttle.before_attempt("alice", HOME)
    with pytest.raises(TooManyAttempts) as refused:
        throttle.before_attempt("alice", HOME)
    assert refused.value.code == "too_many_attempts"
    assert refused.value.retry_after == 1
    assert sentence(refused.value, ENGLISH) == "Too many sign-ins failed. Try again later; seconds to wait: 1."


def test_a_sign_in_ends_the_names_wait_and_only_gives_its_own_attempt_back_to_the_address(
    throttle: SignInThrottle,
) -> None:
    for _ in range(4):
        throttle.before_attempt("alice", HOME)
    throttle.succeeded("alice", HOME)
    assert sum(is_let_through(throttle, "alice", HOME) for _ in range(10)) == 5
    assert sum(is_let_through(throttle, f"name {number}", HOME) for number in range(30)) == 20 - 3 - 5


def test_signing_in_with_ones_own_account_does_not_pay_for_guessing_others(throttle: SignInThrottle) -> None:
    guesses = 0
    for number in range(100):
        guesses += is_let_through(throttle, f"name {number}", HOME)
        if is_let_through(throttle, "my own", HOME):
            throttle.succeeded("my own", HOME)
    assert guesses == 20


def test_an_administrator_on_a_known_device_gets_in_whoever_guesses_the_name_and_from_wherever(
    throttle: SignInThrottle, clock: SetClock
) -> None:
    throttle.before_attempt("alice", HOME)
    device = throttle.succeeded("alice", HOME)
    for _ in range(200):
        for source in (HOME, elsewhere()):
            is_let_through(throttle, "alice", source)
            is_let_through(throttle, "bob", source)
        clock.go_on(seconds=20)
    assert not is_let_through(throttle, "alice", HOME)
    throttle.before_attempt("alice", HOME, device)
    assert throttle.succeeded("alice", HOME, device) == device


def test_a_sign_in_on_a_known_device_gives_strangers_no_fresh_guesses(throttle: SignInThrottle) -> None:
    device = throttle.succeeded("alice", HOME)
    for _ in range(200):
        is_let_through(throttle, "alice", elsewhere())
    throttle.before_attempt("alice", HOME, device)
    throttle.succeeded("alice", HOME, device)
    assert not is_let_through(throttle, "alice", elsewhere())


def test_a_stolen_device_token_is_throttled_too_and_is_good_for_its_name_alone(throttle: SignInThrottle) -> None:
    device = throttle.succeeded("alice", HOME)
    assert sum(is_let_through(throttle, "alice", elsewhere(), device) for _ in range(200)) == 5
    assert sum(is_let_through(throttle, "bob", elsewhere(), device) for _ in range(200)) == 5
    assert sum(is_let_through(throttle, "bob", elsewhere()) for _ in range(200)) == 0


def test_an_invented_device_token_changes_nothing(throttle: SignInThrottle) -> None:
    assert sum(is_let_through(throttle, "alice", elsewhere(), f"device {number}") for number in range(200)) == 5


def test_a_one_time_link_lets_a_new_administrator_in_while_the_name_is_guessed(throttle: SignInThrottle) -> None:
    for _ in range(200):
        is_let_through(throttle, "alice", elsewhere())
    device = throttle.succeeded("alice", HOME)
    throttle.before_attempt("alice", HOME, device)


def test_a_welcome_opens_five_sign_ins_whatever_the_address_and_for_no_other_name(throttle: SignInThrottle) -> None:
    """S-3: strangers behind the same address keep guessing meanwhile, and use none of them up."""
    for name in ("alice", "bob"):
        for _ in range(100):
            is_let_through(throttle, name, HOME)
    throttle.welcome("alice")
    for _ in range(5):
        assert sum(is_let_through(throttle, "alice", HOME) for _ in range(50)) == 50
        throttle.before_attempt("alice", HOME)
        throttle.succeeded("alice", HOME)
        assert not is_let_through(throttle, "bob", HOME)
    assert sum(is_let_through(throttle, "alice", HOME) for _ in range(50)) < 50


def test_a_welcome_is_over_after_an_hour(throttle: SignInThrottle, clock: SetClock) -> None:
    throttle.welcome("alice")
    assert sum(is_let_through(throttle, "alice", HOME) for _ in range(50)) == 50
    clock.go_on(hours=1, seconds=1)
    assert sum(is_let_through(throttle, "alice", HOME) for _ in range(50)) == 5


def test_the_own_password_is_counted_for_the_session_whatever_strangers_do(throttle: SignInThrottle) -> None:
    for _ in range(100):
        is_let_through(throttle, "alice", HOME)
    for _ in range(5):
        throttle.before_attempt_in("session of alice")
    with pytest.raises(TooManyAttempts):
        throttle.before_attempt_in("session of alice")
    throttle.before_attempt_in("another session")
    throttle.succeeded_in("session of alice")
    throttle.before_attempt_in("session of alice")


def test_a_quiet_day_forgets_the_failures(throttle: SignInThrottle, clock: SetClock) -> None:
    for _ in range(200):
        is_let_through(throttle, "alice", elsewhere())
    clock.go_on(hours=24, seconds=1)
    assert sum(is_let_through(throttle, "alice", elsewhere()) for _ in range(10)) == 5


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=400), timedelta(days=365 * 70)])
def test_c9_a_clock_set_back_locks_nobody_out(throttle: SignInThrottle, clock: SetClock, back: timedelta) -> None:
    for _ in range(200):
        is_let_through(throttle, "alice", HOME)
    clock.now -= back
    throttle.before_attempt("alice", HOME)
    assert sum(is_let_through(throttle, "alice", HOME) for _ in range(200)) == 4


@pytest.mark.parametrize("back", range(1, 400, 57))
def test_w25_who_need_not_wait_need_not_when_the_clock_steps_back(
    throttle: SignInThrottle, clock: SetClock, back: int
) -> None:
    """Neither after a sign-in, nor after fewer failures than cost a wait, nor at a device that is known."""
    device = throttle.succeeded("alice", HOME)
    for name in ("alice", "ben"):
        throttle.before_attempt(name, HOME)
    throttle.succeeded("alice", HOME)
    throttle.welcome("cem")
    throttle.before_attempt_in("a session")
    throttle.before_code("an account")
    clock.go_on(seconds=-back)
    for name in ("alice", "ben", "cem"):
        throttle.before_attempt(name, HOME)
    throttle.before_attempt("alice", HOME, device)
    throttle.before_attempt_in("a session")
    throttle.before_code("an account")


def test_hosts_of_one_ipv6_network_count_as_one_address(throttle: SignInThrottle) -> None:
    sources = [f"2001:db8:0:1::{number:x}" for number in range(1, 101)]
    assert sum(is_let_through(throttle, f"name {source}", source) for source in sources) == 20
    assert is_let_through(throttle, "alice", "2001:db8:0:2::1")


@pytest.mark.parametrize("source", ["", "unix:", "::ffff:203.0.113.7", "fe80::1%eth0", "\ud800"])
def test_any_text_is_a_source(throttle: SignInThrottle, source: str) -> None:
    assert sum(is_let_through(throttle, f"name {number}", source) for number in range(30)) == 20


def test_an_ipv4_address_is_the_same_one_written_as_ipv6(throttle: SignInThrottle) -> None:
    for number in range(20):
        throttle.before_attempt(f"name {number}", f"::ffff:{HOME}")
    assert not is_let_through(throttle, "alice", HOME)


def test_guesses_made_at_once_in_two_processes_are_all_counted(
    throttle: SignInThrottle, other_engine: Engine, clock: SetClock, pepper: Pepper
) -> None:
    both = (throttle, SignInThrottle(other_engine, clock, pepper.mac))
    sources = [elsewhere() for _ in range(200)]
    with ThreadPoolExecutor(8) as threads:
        let_through = threads.map(lambda n: is_let_through(both[n % 2], "alice", sources[n]), range(200))
    assert sum(let_through) == 5


def test_no_name_and_no_address_is_stored(throttle: SignInThrottle, engine: Engine) -> None:
    throttle.before_attempt("alice", HOME)
    device = throttle.succeeded("alice", HOME)
    with engine.connect() as connection:
        stored = repr(connection.execute(select(sign_in_attempts)).all())
    assert not any(text in stored for text in ("alice", HOME, device))


def test_what_is_past_is_cleared_away_at_a_sign_in(throttle: SignInThrottle, clock: SetClock, engine: Engine) -> None:
    for number in range(50):
        throttle.before_attempt(f"name {number}", elsewhere())
    device = throttle.succeeded("alice", HOME)
    clock.go_on(days=179)
    assert is_let_through(throttle, "alice", HOME, device)
    throttle.succeeded("bob", HOME)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(sign_in_attempts)).scalar() == 2
