"""How passwords are hashed: by a process that steps back behind login checks, for a line of bounded length."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import IO, Any, cast

from argon2 import Parameters, PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from application.credentials import hasher
from application.credentials.hasher import Costs
from application.credentials.passwords import password_bytes
from domain.refusals import PasswordLengthWrong, Refused

LINE = 17
"""How many may have a hash made or wait for it. They are made one by one: each takes 64 MiB with our parameters."""


class HashingBusy(Refused):
    """As many wait for a hash as may wait; nothing was changed."""

    code = "busy"

    @property
    def says(self) -> str:
        return "busy.hashing"


class HashingFailed(RuntimeError):
    """The process that hashes gave an error, or ended twice over one password."""


class PasswordHashing:
    """Argon2id with RFC 9106's second recommended choice (64 MiB, 3 passes, 4 lanes), unless told otherwise."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._parameters = parameters
        self._nobodys = _hash_of_nothing(parameters)

    def hash(self, password: str) -> str:
        """The hash to store. Raises `PasswordLengthWrong`, `HashingBusy`."""
        costs = Costs(*(getattr(self._parameters, name) for name in Costs._fields))
        return str(_hasher.ask({"password": password_bytes(password).hex(), "costs": costs}))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits the stored hash. Without one it takes the same work, and does not fit.

        A password that can never have been set takes the same work too: how long an answer takes tells nobody
        which names are known. Raises `HashingBusy`.
        """
        try:
            text = password_bytes(password)
        except PasswordLengthWrong:
            stored, text = None, b"no password"
        return bool(_hasher.ask({"password": text.hex(), "stored": stored or self._nobodys}))

    def is_outdated(self, stored: str) -> bool:
        """Whether the stored hash was made with other parameters than ours."""
        return PasswordHasher.from_parameters(self._parameters).check_needs_rehash(stored)


class _Hasher:
    """Starts the process at the first question, and anew if it has ended: it may be what the system kills first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.forget()

    def forget(self) -> None:
        """In a process that was forked: what runs belongs to the parent, and so does its end of the pipes."""
        if self._process:
            self._process.returncode = 0  # nobody waits for it here
            _to(self._process).close()
            _from(self._process).close()
        self._process = None
        self._line, self._turn = BoundedSemaphore(LINE), Lock()

    def ask(self, question: dict[str, object]) -> bool | str:  # object: what JSON takes
        """Its answer. Raises HashingBusy, HashingFailed."""
        if not self._line.acquire(blocking=False):
            raise HashingBusy
        try:
            with self._turn:
                reply = self._answer(json.dumps(question).encode() + b"\n")
        finally:
            self._line.release()
        if "error" in reply:
            raise HashingFailed(reply["error"])
        result: bool | str = reply["result"]
        return result

    def _answer(self, line: bytes) -> dict[str, Any]:  # Any: a document of JSON
        for _ in range(2):
            process = self._process = self._process or _start()
            with suppress(BrokenPipeError):
                _to(process).write(line)
                if reply := _from(process).readline():
                    return dict(json.loads(reply))
            self.end()
        raise HashingFailed("ended")

    def end(self) -> None:
        """It has nothing to finish that anybody waits for."""
        process, self._process = self._process, None
        if process:
            with process:
                process.kill()


def _start() -> subprocess.Popen[bytes]:
    """Isolated (-I): neither the working folder nor the environment has a say in what it imports."""
    command = [sys.executable, "-I", str(Path(hasher.__file__))]
    # Without buffers, of which a fork would make two.
    return subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  a file of ours


def _to(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdin)


def _from(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdout)


def _hash_of_nothing(parameters: Parameters) -> str:
    """A hash that no password has, spelled without the work of hashing: random bits in the place of its result."""
    salt, result = (
        b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (parameters.salt_len, parameters.hash_len)
    )
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${result}"


_hasher = _Hasher()
"""One for this process: whoever asks shares it."""

atexit.register(_hasher.end)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_hasher.forget)
