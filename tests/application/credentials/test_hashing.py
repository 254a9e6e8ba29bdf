"""Hashing passwords is bounded, and steps back behind everything else that the process does."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Event, Semaphore, get_native_id

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from application.credentials import PasswordHashing
from application.credentials.passwords import AT_ONCE, NICENESS, WAITING, HashingBusy

PASSWORD = "correct horse battery"


def test_two_hashes_at_once_some_wait_and_the_next_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, running = Event(), Semaphore(0)

    def hash_slowly(_: object, __: bytes) -> str:
        running.release()
        assert go_on.wait(60)
        return "hashed"

    monkeypatch.setattr(PasswordHasher, "hash", hash_slowly)
    hashing = PasswordHashing(CHEAPEST)
    with ThreadPoolExecutor(AT_ONCE + WAITING + 1) as people:
        asked = [people.submit(hashing.hash, PASSWORD) for _ in range(AT_ONCE + WAITING + 1)]
        sent_away = next(as_completed(asked))
        assert isinstance(sent_away.exception(), HashingBusy)
        assert all(running.acquire(timeout=60) for _ in range(AT_ONCE))
        assert not running.acquire(blocking=False)
        go_on.set()
        assert {each.result() for each in asked if each is not sent_away} == {"hashed"}
    assert hashing.hash(PASSWORD) == "hashed", "the line is free again"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")
def test_hashing_steps_back_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def niceness(*_: object) -> str:
        return str(os.getpriority(os.PRIO_PROCESS, get_native_id()))

    before = niceness()
    monkeypatch.setattr(PasswordHasher, "hash", niceness)
    assert int(PasswordHashing(CHEAPEST).hash(PASSWORD)) == min(19, int(before) + NICENESS)
    assert niceness() == before


def test_what_goes_wrong_in_hashing_is_raised_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise MemoryError

    monkeypatch.setattr(PasswordHasher, "hash", fail)
    for _ in range(AT_ONCE + WAITING + 1):
        with pytest.raises(MemoryError):
            PasswordHashing(CHEAPEST).hash(PASSWORD)
