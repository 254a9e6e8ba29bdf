"""The second factor: codes of an app, each taken once, and recovery codes."""

from __future__ import annotations

from threading import Barrier, Thread

import pyotp
import pytest
from sqlalchemy import Engine

from application.credentials import SecondFactors
from tests.clock import SetClock

ALICE, SINCE = "alice", 7


@pytest.fixture
def factors(engine: Engine, clock: SetClock) -> SecondFactors:
    return SecondFactors(engine, clock)


def begin(factors: SecondFactors) -> str:
    return factors.begin(ALICE, SINCE, name="alice", issuer="Seatledger Acme").secret


def code(secret: str, clock: SetClock, steps: int = 0) -> str:
    """The code as an app shows it, so many steps from now."""
    return pyotp.TOTP(secret).at(int(clock.now.timestamp()) + 30 * steps)


def turn_on(factors: SecondFactors, clock: SetClock) -> tuple[str, list[str]]:
    secret = begin(factors)
    codes = factors.confirm(ALICE, SINCE, code(secret, clock))
    assert codes is not None
    clock.go_on(seconds=60)
    return secret, codes


def test_it_is_off_until_the_first_code_is_right(factors: SecondFactors, clock: SetClock) -> None:
    secret = begin(factors)
    assert factors.confirm(ALICE, SINCE, "000000" if code(secret, clock) != "000000" else "000001") is None
    assert not factors.is_on(ALICE, SINCE)
    assert not factors.accepts(ALICE, SINCE, code(secret, clock))
    assert len(factors.confirm(ALICE, SINCE, code(secret, clock)) or []) == 10
    assert factors.is_on(ALICE, SINCE)


def test_what_an_app_reads_names_the_account_and_the_issuer(factors: SecondFactors) -> None:
    enrollment = factors.begin(ALICE, SINCE, name="Zoë & co", issuer="Seatledger Acme")
    parsed = pyotp.parse_uri(enrollment.address)
    assert (parsed.name, parsed.issuer, parsed.secret) == ("Zoë & co", "Seatledger Acme", enrollment.secret)


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_codes_of_the_step_before_and_after_are_taken_and_no_others(
    factors: SecondFactors, clock: SetClock, steps: int, is_taken: bool
) -> None:
    secret, _ = turn_on(factors, clock)
    clock.go_on(seconds=300)
    assert factors.accepts(ALICE, SINCE, code(secret, clock, steps)) is is_taken


def test_a_code_is_taken_once_and_no_earlier_one_after_it(factors: SecondFactors, clock: SetClock) -> None:
    secret, _ = turn_on(factors, clock)
    spelled = code(secret, clock)
    assert factors.accepts(ALICE, SINCE, f" {spelled[:3]} {spelled[3:]} ")
    assert not factors.accepts(ALICE, SINCE, spelled)
    assert not factors.accepts(ALICE, SINCE, code(secret, clock, -1))


def test_of_many_who_bring_one_code_at_once_one_comes_in(factors: SecondFactors, clock: SetClock) -> None:
    secret, codes = turn_on(factors, clock)
    for brought in (code(secret, clock), codes[0]):
        start, taken = Barrier(6), list[bool]()

        def bring(brought: str = brought, start: Barrier = start, taken: list[bool] = taken) -> None:
            start.wait()
            taken.append(factors.accepts(ALICE, SINCE, brought))

        threads = [Thread(target=bring) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == [False] * 5 + [True]


def test_a_recovery_code_works_once_however_it_is_spelled(factors: SecondFactors, clock: SetClock) -> None:
    _, codes = turn_on(factors, clock)
    assert len(set(codes)) == 10
    assert factors.accepts(ALICE, SINCE, codes[3].upper().replace("-", " "))
    assert not factors.accepts(ALICE, SINCE, codes[3])
    assert factors.recovery_codes_left(ALICE, SINCE) == 9


@pytest.mark.parametrize("text", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "\ud800", "-", "0" * 5000])
def test_what_is_no_code_is_refused(factors: SecondFactors, clock: SetClock, text: str) -> None:
    turn_on(factors, clock)
    assert not factors.accepts(ALICE, SINCE, text)


def test_it_ends_with_the_right_and_another_app_replaces_it_only_when_confirmed(
    factors: SecondFactors, clock: SetClock
) -> None:
    secret, _ = turn_on(factors, clock)
    assert not factors.is_on(ALICE, SINCE + 1)
    another = begin(factors)
    assert factors.accepts(ALICE, SINCE, code(secret, clock))
    clock.go_on(seconds=90)
    assert factors.confirm(ALICE, SINCE, code(another, clock)) is not None
    clock.go_on(seconds=90)
    assert not factors.accepts(ALICE, SINCE, code(secret, clock))
    assert factors.accepts(ALICE, SINCE, code(another, clock))
    factors.turn_off(ALICE)
    assert not factors.is_on(ALICE, SINCE)
    assert factors.recovery_codes_left(ALICE, SINCE) == 0


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
"""Letters and digits as Japanese keyboards type them when they are not told otherwise."""


@pytest.mark.parametrize("hyphen", "－ー−‐")
def test_codes_are_taken_in_wide_letters_and_digits(factors: SecondFactors, clock: SetClock, hyphen: str) -> None:
    secret, codes = turn_on(factors, clock)
    clock.go_on(seconds=300)
    assert factors.accepts(ALICE, SINCE, code(secret, clock).translate(WIDE))
    assert factors.accepts(ALICE, SINCE, codes[0].upper().translate(WIDE).replace("－", hyphen) + "　")
    assert not factors.accepts(ALICE, SINCE, codes[0])
