"""Requests that may come again: each is carried out once, and answered as it was the first time (ADR 50)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Delete, Engine, Row, Update, bindparam, delete, select, update

from application.clock import Clock
from application.credentials.tables import idempotency_keys, seconds
from application.log.acting import Repeatable
from application.log.beside import insert
from application.log.failures import storing
from application.log.sealing import decrypt, encrypt
from domain.refusals import Refused

REMEMBERED = 24 * 60 * 60
"""Seconds for which a request is known again."""

TAKEN_OVER_AFTER = 6
"""Seconds after which whoever carries a request out is taken for dead: no request takes longer. Should one do so all
the same, the log has its command once (see Repeatable)."""

ATTEMPTS = 3

_ROWS = idempotency_keys.c

# Made once: making a statement takes as long as carrying it out.
_IS_IT = _ROWS.command_id == bindparam("id")
_IS_BEGUN = _IS_IT & (_ROWS.begun_at == bindparam("at"))
_READ = select(idempotency_keys).where(_IS_IT)
_KEEP = update(idempotency_keys).where(_IS_BEGUN & _ROWS.answer.is_(None)).values(answer=bindparam("new_answer"))
_BEGIN = update(idempotency_keys).where(_IS_BEGUN & _ROWS.answer.is_(None)).values(begun_at=bindparam("new_begun_at"))
_FORGET = delete(idempotency_keys).where(_IS_BEGUN)


class IdempotencyKeyReused(Refused):
    """The key of one request came with another one."""

    code = "idempotency_key_reused"


class RequestInProgress(Refused):
    """The same request is being carried out."""

    code = "request_in_progress"


class Request(NamedTuple):
    """A request that may come again: its command's id, the key that its sender gave it, and what it says."""

    command_id: UUID
    key: str
    content: bytes


class Claim(NamedTuple):
    """A request that is to be carried out now, by nobody else."""

    request: Request
    command: Repeatable
    begun_at: int
    is_first: bool
    """Whether it never came before; else it may stand in the log."""


class Repeats:
    """Who carries a request out, and what was answered to it, in a table beside the log: all servers share it.

    An answer is sealed under a key made from the pepper and the key that the sender gave; that one is not stored. So
    names, links and tokens in it can be read by nobody but by who sends the request again. Threads may share it.
    """

    def __init__(self, engine: Engine, clock: Clock, mac: Callable[[bytes], bytes]) -> None:
        """`mac` is the pepper's (Pepper.mac)."""
        self._engine, self._clock, self._mac = engine, clock, mac
        self._claim = insert(engine, idempotency_keys).on_conflict_do_nothing().returning(_ROWS.command_id)

    def claim(self, request: Request, position: int) -> Claim | bytes:
        """Begin to carry a request out, or what was answered to it; `position` is one that the log has.

        Raises IdempotencyKeyReused, RequestInProgress, PepperUnusable, Busy, StorageFailed.
        """
        fingerprint = self._secret("request", request, request.content)
        for _ in range(ATTEMPTS):
            now = seconds(self._clock())
            with storing():
                if self._is_new(request, fingerprint, position, now):
                    return Claim(request, Repeatable(request.command_id, position), now, is_first=True)
                row = self._row(request)
                if row is None:
                    continue
                if abs(now - row.begun_at) >= REMEMBERED:
                    self._change(_FORGET, request, row.begun_at)
                    continue
                if not hmac.compare_digest(row.fingerprint, fingerprint):
                    raise IdempotencyKeyReused
                if row.answer is not None:
                    return self._unsealed(request, row.answer)
                if abs(now - row.begun_at) < TAKEN_OVER_AFTER:
                    raise RequestInProgress(retry_after=1)
                if self._change(_BEGIN, request, row.begun_at, new_begun_at=now):
                    return Claim(request, Repeatable(request.command_id, row.position), now, is_first=False)
        raise RequestInProgress(retry_after=1)

    def keep(self, claim: Claim, answer: bytes) -> None:
        """Remember what was answered. Raises Busy, StorageFailed: then the log is asked the next time."""
        with storing():
            self._change(_KEEP, claim.request, claim.begun_at, new_answer=self._sealed(claim.request, answer))

    def leave(self, claim: Claim) -> None:
        """Let the same request be carried out again at once, if the log has it not. Raises Busy, StorageFailed."""
        with storing():
            self._change(_BEGIN, claim.request, claim.begun_at, new_begun_at=claim.begun_at - TAKEN_OVER_AFTER)

    def forget_old(self) -> None:
        """Remove what is remembered no longer; a row that a clock of the future wrote as well."""
        now = seconds(self._clock())
        old = (_ROWS.begun_at < now - REMEMBERED) | (_ROWS.begun_at > now + REMEMBERED)
        with storing():
            with self._engine.connect() as connection:
                if connection.execute(select(_ROWS.command_id).where(old).limit(1)).first() is None:
                    return
            with self._engine.begin() as connection:
                connection.execute(delete(idempotency_keys).where(old))

    def _is_new(self, request: Request, fingerprint: bytes, position: int, now: int) -> bool:
        row = {"command_id": str(request.command_id), "fingerprint": fingerprint, "position": position, "begun_at": now}
        with self._engine.begin() as connection:
            return connection.execute(self._claim, row).first() is not None

    def _row(self, request: Request) -> Row[Any] | None:  # Any: SQLAlchemy knows no types of columns
        with self._engine.connect() as connection:
            return connection.execute(_READ, {"id": str(request.command_id)}).first()

    def _change(self, statement: Update | Delete, request: Request, at: int, **values: int | bytes) -> bool:
        """Change the row of a request that was begun `at`; whether nobody took it over since."""
        with self._engine.begin() as connection:
            result = connection.execute(statement, {"id": str(request.command_id), "at": at, **values})
            return result.rowcount == 1

    def _secret(self, purpose: str, request: Request, *parts: bytes) -> bytes:
        """32 bytes that nobody can make who has not the pepper and the sender's key."""
        hashes = b"".join(sha256(part).digest() for part in (request.key.encode(), *parts))
        return self._mac(purpose.encode() + b"\0" + request.command_id.bytes + hashes)

    def _sealed(self, request: Request, answer: bytes) -> bytes:
        return encrypt(self._secret("answer", request), answer, request.command_id.bytes)

    def _unsealed(self, request: Request, sealed: bytes) -> bytes:
        return decrypt(self._secret("answer", request), sealed, request.command_id.bytes)
