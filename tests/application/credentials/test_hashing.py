"""Hashing passwords: bounded, in a process of its own that steps back behind everything else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

import pytest
from argon2.profiles import CHEAPEST

from application.credentials import PasswordHashing, hasher, hashing
from application.credentials.hashing import LINE, HashingBusy, HashingFailed

PASSWORD = "correct horse battery"
HASHING = PasswordHashing(CHEAPEST)


@pytest.fixture
def process() -> Iterator[int]:
    """The running process that hashes."""
    HASHING.hash(PASSWORD)
    running = hashing._hasher._process
    assert running
    yield running.pid
    with suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGCONT)


@pytest.mark.usefixtures("process")
def test_some_wait_for_a_hash_and_the_next_is_told_to_come_again() -> None:
    process = hashing._hasher._process
    assert process
    os.kill(process.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(LINE + 1) as people:
        asked = [people.submit(HASHING.hash, PASSWORD) for _ in range(LINE + 1)]
        sent_away = next(as_completed(asked))
        assert isinstance(sent_away.exception(), HashingBusy)
        os.kill(process.pid, signal.SIGCONT)
        assert all(HASHING.verify(each.result(), PASSWORD) for each in asked if each is not sent_away)
    assert HASHING.hash(PASSWORD), "the line is free again"


@pytest.mark.skipif(sys.platform == "win32", reason="priorities are POSIX's")
def test_hashing_steps_back_and_nobody_else(process: int) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, process) == min(19, ours + hasher.NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


def test_what_goes_wrong_in_hashing_is_raised_where_it_was_asked_for() -> None:
    for _ in range(LINE + 1):
        with pytest.raises(HashingFailed, match="InvalidHash"):
            HASHING.verify("no hash at all", PASSWORD)
    assert HASHING.hash(PASSWORD), "the line is free again"


def test_a_process_that_was_killed_is_started_anew(process: int) -> None:
    """The system kills it first when memory is short: it takes most."""
    os.kill(process, signal.SIGKILL)
    assert HASHING.verify(HASHING.hash(PASSWORD), PASSWORD)


def test_a_process_that_is_killed_over_a_password_is_asked_again(process: int) -> None:
    os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as people:
        asked = people.submit(HASHING.hash, PASSWORD)
        os.kill(process, signal.SIGKILL)
        assert HASHING.verify(asked.result(), PASSWORD)


def test_signals_to_all_of_the_server_leave_the_hash_to_be_finished(process: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(process, number)
    assert HASHING.verify(HASHING.hash(PASSWORD), PASSWORD)
    still = hashing._hasher._process
    assert still
    assert still.pid == process


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.usefixtures("process")
def test_after_a_fork_each_process_has_one_of_its_own() -> None:
    ours = hashing._hasher._process
    child = os.fork()
    if child == 0:
        fits = False
        try:
            fits = HASHING.verify(HASHING.hash(PASSWORD), PASSWORD)
        finally:
            os._exit(0 if fits and hashing._hasher._process is not ours else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert HASHING.verify(HASHING.hash(PASSWORD), PASSWORD)
    assert hashing._hasher._process is ours


def test_it_ends_with_whoever_asks_it() -> None:
    """Whatever became of that one: its standard input is at its end then."""
    command = [sys.executable, "-I", str(Path(hasher.__file__))]
    question = {"password": PASSWORD.encode().hex(), "stored": HASHING.hash(PASSWORD)}
    lines = f"{json.dumps(question)}\n" * 2
    ended = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == '{"result": true}\n' * 2
    assert ended.stderr == ""


def test_a_password_in_any_encoding_comes_over_whole() -> None:
    for password in ("\n" * 12, '"' * 12, "鍵" * 12, "\ud800" * 12, "\0" * 12):
        assert HASHING.verify(HASHING.hash(password), password)
        assert not HASHING.verify(HASHING.hash(password), password + " ")
