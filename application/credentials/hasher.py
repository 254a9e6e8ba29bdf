"""The process that hashes passwords; `hashing` starts it, and asks it one line at a time.

It runs as a script of its own and imports next to nothing, so that it starts at once. It is no thread of the server:
a thread of low priority that waits for Python's lock keeps everybody waiting who wants that lock after it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import BinaryIO, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

NICENESS = 19
"""By how much hashing steps back behind login checks (POSIX)."""


class Costs(NamedTuple):
    """Argon2's parameters, as PasswordHasher takes them."""

    time_cost: int
    memory_cost: int
    parallelism: int
    hash_len: int
    salt_len: int


def hash_of(password: bytes, costs: Costs) -> str:
    """The Argon2id hash to store."""
    return PasswordHasher(*costs).hash(password)


def fits(stored: str, password: bytes) -> bool:
    """Whether the password has this hash. Raises argon2's InvalidHashError for a text that is no hash."""
    try:
        return PasswordHasher().verify(stored, password)
    except VerifyMismatchError:
        return False


def answer(line: bytes) -> bytes:
    """The line that answers one: its result, or the error that whoever asked raises."""
    question = json.loads(line)
    password = bytes.fromhex(question["password"])
    try:
        if "stored" in question:
            reply: dict[str, bool | str] = {"result": fits(question["stored"], password)}
        else:
            reply = {"result": hash_of(password, Costs(*question["costs"]))}
    except Exception as error:  # whatever it is: who asked is told, and the next one is answered
        reply = {"error": f"{type(error).__name__}: {error}"}
    return json.dumps(reply).encode() + b"\n"


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer line after line, until whoever asks is gone."""
    for line in questions:
        answers.write(answer(line))
        answers.flush()


def main() -> None:
    """Signals are for the server: it finishes what it has begun, and needs us for that. Its end is ours."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICENESS)  # never above 19
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        sys.stdout = None  # nobody hears us any more, and nothing is to be flushed


if __name__ == "__main__":
    main()
