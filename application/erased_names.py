"""The names of erased people stay taken (P3): a trace of each lies beside the log, which only the pepper can read."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from application.files import made_once, read_small, reason_of
from application.log.stored import People
from domain.refusals import Problem, Refused

PEPPER_BYTES = 32
TRACE_BYTES = 16

_OWN_TRACE = "\0"
"""Its trace lies beside the others, so that another pepper is known for what it is; no name has this login key."""


class PepperUnusable(Refused):
    """The pepper's file is missing, cannot be read, or is another one than names were erased with."""

    code = "pepper_unusable"


class Pepper:
    """32 random bytes in a file of their own, in no backup of the database and in no export; made when first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, ...], bytes] | None = None

    def is_there(self) -> bool:
        return self.path.exists()

    def key(self, *, making: bool) -> bytes:
        """The pepper; a new one if there is none and `making` says so. Raises PepperUnusable."""
        try:
            if making and not self.path.exists():
                made_once(self.path, os.urandom(PEPPER_BYTES).hex().encode() + b"\n")
            return self._key()
        except OSError as error:
            reason = reason_of(error, self.path)
            raise PepperUnusable(problem=Problem("pepper_unreadable", path=str(self.path), reason=reason)) from None

    def mac(self, text: bytes) -> bytes:
        """HMAC-SHA256 of a text, 32 bytes; with a new pepper if there is none. Raises PepperUnusable."""
        return hmac.digest(self.key(making=True), text, "sha256")

    def _key(self) -> bytes:
        status = self.path.stat()
        file = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
        if self._read is None or self._read[0] != file:
            try:
                key = bytes.fromhex(read_small(self.path).decode("ascii"))
            except ValueError:
                key = b""
            if len(key) != PEPPER_BYTES:
                raise PepperUnusable(problem=Problem("pepper_damaged", path=str(self.path)))
            self._read = file, key
        return self._read[1]


class ErasedNames:
    """Remembers names that nobody may bear again, without keeping them."""

    def __init__(self, people: People, pepper: Pepper) -> None:
        self._people, self._pepper = people, pepper

    def bore(self, login_key: str) -> bool:
        """Whether an erased person bore this name. Raises PepperUnusable if that cannot be known.

        Asked for each name of an import: one question, where the pepper is the one that the traces were made with.
        """
        if self._pepper.is_there():
            with suppress(PepperUnusable):  # which does not matter if there are no traces
                key = self._pepper.key(making=False)
                own, trace = self._trace(key, _OWN_TRACE), self._trace(key, login_key)
                there = self._people.traces_among((own, trace))
                if own in there:
                    return trace in there
        self.ask_usable()
        return False

    def keep(self, login_keys: Iterable[str]) -> None:
        """Let these names stay taken. Raises PepperUnusable, Busy, StorageFailed."""
        key = self._known_key() if self._people.has_traces() else self._pepper.key(making=True)
        self._people.keep_traces(self._trace(key, name) for name in (_OWN_TRACE, *login_keys))

    def free(self, login_keys: Iterable[str]) -> None:
        """Let these names be given again: an erasure that failed may have left traces. Raises Busy, StorageFailed."""
        with suppress(PepperUnusable):  # then no trace can be read, and none keeps a name
            if self._people.has_traces():
                key = self._known_key()
                self._people.drop_traces(self._trace(key, name) for name in login_keys)

    def ask_usable(self) -> None:
        """Raises PepperUnusable if there are traces that cannot be read."""
        if self._people.has_traces():
            self._known_key()

    def _known_key(self) -> bytes:
        """The pepper that the traces were made with."""
        if not self._pepper.is_there():
            raise PepperUnusable(problem=Problem("pepper_missing", path=str(self._pepper.path)))
        key = self._pepper.key(making=False)
        if not self._people.traces_among((self._trace(key, _OWN_TRACE),)):
            raise PepperUnusable(problem=Problem("pepper_other", path=str(self._pepper.path)))
        return key

    @staticmethod
    def _trace(key: bytes, login_key: str) -> bytes:
        return hmac.digest(key, login_key.encode(errors="surrogatepass"), "sha256")[:TRACE_BYTES]
