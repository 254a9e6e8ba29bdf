"""What a password may be, and how it is hashed."""

from __future__ import annotations

import os
import secrets
import sys
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread, get_native_id
from typing import TypeVar

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from application.credentials.weaknesses import refuse_weak
from domain.refusals import PasswordLengthWrong, Refused

SHORTEST, LONGEST = 12, 128

_MOST_COMPOSED = 4
"""NFKC makes one character of at most four; a longer text cannot be valid, and normalizing it could take long."""

AT_ONCE, WAITING = 2, 16
"""How many hashes a process makes at once (128 MiB with our parameters), and how many may wait for their turn."""

NICENESS = 19
"""By how much hashing steps back behind login checks, where threads have a priority of their own (Linux)."""

_line = BoundedSemaphore(AT_ONCE + WAITING)
_turn = BoundedSemaphore(AT_ONCE)

T = TypeVar("T")


class HashingBusy(Refused):
    """As many wait for a hash as may wait; nothing was changed."""

    code = "busy"

    @property
    def says(self) -> str:
        return "busy.hashing"


def accepted_password(password: str, context: Iterable[str]) -> None:
    """Asked when a password is set, and only then: those that were set before a rule go on working.

    `context` has the names of the product, the installation and the account.

    Raises:
        PasswordLengthWrong: fewer than 12 or more than 128 code points.
        PasswordCommon, PasswordRepeats, PasswordIsRun, PasswordOfContext: whoever guesses tries it early.
    """
    password_bytes(password)
    refuse_weak(password, context)


def password_bytes(password: str) -> bytes:
    """The bytes to hash: the password in Unicode's NFKC form, so that every keyboard spells it alike, as UTF-8.

    Raises:
        PasswordLengthWrong: it does not have 12 to 128 code points in that form.
    """
    if len(password) > LONGEST * _MOST_COMPOSED:
        raise PasswordLengthWrong(length=len(password))
    text = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordLengthWrong(length=len(text))
    return text.encode("utf-8", "surrogatepass")


class PasswordHashing:
    """Argon2id with RFC 9106's second recommended choice (64 MiB, 3 passes, 4 lanes), unless told otherwise."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._nobodys = _hash_of_nothing(parameters)

    def hash(self, password: str) -> str:
        """The hash to store. Raises `PasswordLengthWrong`, `HashingBusy`."""
        accepted = password_bytes(password)
        return _aside(lambda: self._hasher.hash(accepted))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits the stored hash. Without one it takes the same work, and does not fit.

        A password that can never have been set takes the same work too: how long an answer takes tells nobody
        which names are known. Raises `HashingBusy`.
        """
        try:
            text = password_bytes(password)
        except PasswordLengthWrong:
            stored, text = None, b"no password"
        try:
            return _aside(lambda: self._hasher.verify(stored or self._nobodys, text))
        except VerifyMismatchError:
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether the stored hash was made with other parameters than ours."""
        return self._hasher.check_needs_rehash(stored)


def _aside(work: Callable[[], T]) -> T:
    """What `work` gives or raises, done in a thread of its own that steps back behind all others.

    A new thread each time, which is nothing beside a hash: one that was kept would be missing after a fork. Raises
    HashingBusy.
    """
    if not _line.acquire(blocking=False):
        raise HashingBusy
    try:
        with _turn:
            result: Future[T] = Future()
            Thread(target=_step_back, args=(work, result), name="hashing", daemon=True).start()
            return result.result()
    finally:
        _line.release()


def _step_back(work: Callable[[], T], result: Future[T]) -> None:
    try:
        if sys.platform == "linux":
            # Of this thread alone; those that argon2 starts, one for each lane, have it from here.
            ours = os.getpriority(os.PRIO_PROCESS, get_native_id())
            os.setpriority(os.PRIO_PROCESS, get_native_id(), min(19, ours + NICENESS))
        result.set_result(work())
    except BaseException as error:  # raised again where the result is awaited
        result.set_exception(error)


def _hash_of_nothing(parameters: Parameters) -> str:
    """A hash that no password has, spelled without the work of hashing: random bits in the place of its result."""
    salt, result = (
        b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (parameters.salt_len, parameters.hash_len)
    )
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${result}"
