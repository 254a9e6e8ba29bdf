"""Passwords: what is accepted, whose they are, and how long they last."""

from __future__ import annotations

import json
import statistics
from dataclasses import replace
from time import process_time

import argon2
import pytest
from argon2.profiles import CHEAPEST, RFC_9106_LOW_MEMORY
from sqlalchemy import Engine, select

from application.credentials import Credentials, PasswordHashing, accepted_password, hashing
from application.credentials.hasher import answer
from application.credentials.tables import passwords
from domain.refusals import PasswordInvalid
from tests.clock import SetClock
from tests.examples import PASSWORD
from tests.refused import refused

ALICE, SINCE = "6b1d6d9e-alice", 7


def stored_hash(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(select(passwords.c.hash)).scalar_one())


def test_a_password_that_was_set_is_verified(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, PASSWORD)
    assert credentials.verify_password(ALICE, SINCE, PASSWORD)
    assert not credentials.verify_password(ALICE, SINCE, PASSWORD + "!")
    assert credentials.has_password(ALICE, SINCE)


def test_a_new_password_replaces_the_old_one(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, PASSWORD)
    credentials.set_password(ALICE, SINCE, "another one, as long")
    assert not credentials.verify_password(ALICE, SINCE, PASSWORD)
    assert credentials.verify_password(ALICE, SINCE, "another one, as long")


def test_an_unknown_name_has_no_password_that_fits(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, PASSWORD)
    assert not credentials.verify_password(None, 0, PASSWORD)
    assert not credentials.verify_password("somebody else", SINCE, PASSWORD)
    assert not credentials.has_password("somebody else", SINCE)


def test_u6_granting_again_never_revives_the_old_password(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, PASSWORD)
    granted_again = SINCE + 5
    assert not credentials.verify_password(ALICE, granted_again, PASSWORD)
    assert not credentials.has_password(ALICE, granted_again)


def test_a_process_whose_view_is_behind_does_not_replace_the_password_of_the_newer_right(
    credentials: Credentials,
) -> None:
    credentials.set_password(ALICE, 12, PASSWORD)
    credentials.set_password(ALICE, 7, "from an earlier right")
    assert credentials.verify_password(ALICE, 12, PASSWORD)


def test_forgetting_an_account_leaves_the_others_alone(credentials: Credentials) -> None:
    for account in (ALICE, "bob"):
        credentials.set_password(account, SINCE, PASSWORD)
    token, link = credentials.open_session(ALICE, SINCE), credentials.make_link(ALICE, SINCE)
    bobs = credentials.open_session("bob", SINCE)
    credentials.forget(ALICE)
    assert not credentials.has_password(ALICE, SINCE)
    assert credentials.session(token) is None
    assert credentials.peek_link(link) is None
    assert credentials.has_password("bob", SINCE)
    assert credentials.session(bobs) == ("bob", SINCE)


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 129, "x" * 100_000, "e\u0301" * 11])
def test_a_password_that_is_too_short_or_too_long_is_refused_and_changes_nothing(
    credentials: Credentials, password: str
) -> None:
    credentials.set_password(ALICE, SINCE, PASSWORD)
    token = credentials.open_session(ALICE, SINCE)
    with pytest.raises(PasswordInvalid):
        credentials.set_password(ALICE, SINCE, password)
    assert credentials.verify_password(ALICE, SINCE, PASSWORD)
    assert credentials.session(token)


@pytest.mark.parametrize(
    "password", ["x" * 12, "x" * 128, " " * 12, "鍵" * 12, "e\u0301" * 128, "α\u0313\u0300\u0345" * 128, "\ud800" * 12]
)
def test_any_12_to_128_characters_are_a_password(credentials: Credentials, password: str) -> None:
    credentials.set_password(ALICE, SINCE, password)
    assert credentials.verify_password(ALICE, SINCE, password)


def test_the_refusal_says_how_long_the_password_is() -> None:
    with refused(PasswordInvalid, "this one has 11"):
        accepted_password("x" * 11, ())


def test_the_same_password_fits_however_the_keyboard_composes_it(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, "caf\u00e9 au lait, s'il vous pla\u00eet")
    assert credentials.verify_password(ALICE, SINCE, "cafe\u0301 au lait, s'il vous plai\u0302t")


def test_every_character_of_a_long_password_counts(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, "x" * 127 + "y")
    assert not credentials.verify_password(ALICE, SINCE, "x" * 127 + "z")
    assert not credentials.verify_password(ALICE, SINCE, "x" * 127 + "yz")


def test_a_text_that_never_was_a_password_is_wrong_and_no_error(credentials: Credentials) -> None:
    credentials.set_password(ALICE, SINCE, PASSWORD)
    for text in ("", "short", "x" * 100_000, "no password"):
        assert not credentials.verify_password(ALICE, SINCE, text)


def test_a_hash_made_with_earlier_parameters_is_made_anew_at_the_next_sign_in(engine: Engine, clock: SetClock) -> None:
    dearer = replace(CHEAPEST, time_cost=CHEAPEST.time_cost + 1)
    earlier, later = (Credentials(engine, clock, PasswordHashing(each)) for each in (CHEAPEST, dearer))
    earlier.set_password(ALICE, SINCE, PASSWORD)
    token, before = earlier.open_session(ALICE, SINCE), stored_hash(engine)
    assert not later.verify_password(ALICE, SINCE, PASSWORD + "!")
    assert stored_hash(engine) == before
    assert later.verify_password(ALICE, SINCE, PASSWORD)
    assert argon2.extract_parameters(stored_hash(engine)) == dearer
    assert later.verify_password(ALICE, SINCE, PASSWORD)
    assert later.session(token), "the password is the same, so the sessions go on"


def test_passwords_are_hashed_with_argon2id_as_rfc_9106_recommends(engine: Engine, clock: SetClock) -> None:
    credentials = Credentials(engine, clock)
    credentials.set_password(ALICE, SINCE, PASSWORD)
    assert stored_hash(engine).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert credentials.verify_password(ALICE, SINCE, PASSWORD)


def test_an_unknown_name_takes_a_hash_of_the_same_parameters() -> None:
    nobodys = PasswordHashing()._nobodys
    assert argon2.extract_parameters(nobodys) == RFC_9106_LOW_MEMORY


@pytest.mark.long
def test_b8_the_time_of_an_answer_does_not_tell_whether_the_name_is_known(
    engine: Engine, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 tries with the real parameters, known and unknown in turn: medians within a tenth.

    The time is that of the processors, of all threads together: Argon2 works in four, and others use this machine. It
    is asked in this process, since nobody may look at another one's so finely.
    """
    monkeypatch.setattr(
        hashing._hasher, "ask", lambda question: json.loads(answer(json.dumps(question).encode()))["result"]
    )
    credentials = Credentials(engine, clock)
    credentials.set_password(ALICE, SINCE, PASSWORD)
    times: dict[str | None, list[float]] = {ALICE: [], None: []}
    for _ in range(500):
        for account in times:
            start = process_time()
            assert not credentials.verify_password(account, SINCE, "a wrong password")
            times[account].append(process_time() - start)
    known, unknown = (statistics.median(each) for each in times.values())
    assert abs(known - unknown) < 0.1 * known, f"known {known:.4f} s, unknown {unknown:.4f} s"
