"""The security log: who signed in, failed to, and signed out, from which address; kept for a stated time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Engine, Executable, and_, delete, exists, literal, select

from application.clock import Clock
from application.credentials.tables import CLOCK_SKEW, sign_ins
from application.log.beside import insert

DAY = 24 * 60 * 60

WAITING_EVERY = 60
"""Seconds between two lines for refused attempts on one name: whoever hammers at the door does not fill the log."""


CLEARED_EVERY = 60 * 60
"""Seconds between two looks for lines that are too old, in each process: at every sign-in it would cost a tenth."""


class Outcome(StrEnum):
    """What became of it."""

    SIGNED_IN = "signed_in"
    SIGNED_IN_BY_LINK = "signed_in_by_link"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  what happened, no password
    UNKNOWN_NAME = "unknown_name"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    WRONG_CODE = "wrong_code"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    CALENDAR_ON = "calendar_on"
    CALENDAR_OFF = "calendar_off"


class SignIn(NamedTuple):
    """One line: `at` in milliseconds since 1970; `name` only where no account was meant."""

    line: int
    at: int
    outcome: Outcome
    account_id: str | None
    name: str | None
    address: str


class SignIns:
    """Writes and reads the lines. An account is named by its id, so that an erased person stands nowhere here.

    A name that is no account's stands as its first letters alone: people type their password into that field.
    """

    def __init__(self, engine: Engine, clock: Clock, kept_days: int) -> None:
        self._engine = engine
        self._clock = clock
        self._kept_days = kept_days
        self._add = insert(engine, sign_ins)  # made once; every sign-in adds a line
        self._cleared_at: int | None = None

    def record(self, outcome: Outcome, address: str, *, account_id: str | None = None, name: str | None = None) -> None:
        """Adds a line; the first one in an hour clears away what is older than it may be."""
        now = _milliseconds(self._clock())
        line = {
            "at": now,
            "outcome": outcome.value,
            "account_id": account_id,
            "name": None if account_id or name is None else shortened(name),
            "address": address,
        }
        with self._engine.begin() as connection:
            if outcome is Outcome.TOO_MANY_ATTEMPTS:
                connection.execute(self._unless_just_said(line, now))
            else:
                connection.execute(self._add, line)
            if self._cleared_at is None or not 0 <= now - self._cleared_at < CLEARED_EVERY * 1000:
                connection.execute(delete(sign_ins).where(sign_ins.c.at < now - self._kept_days * DAY * 1000))
                self._cleared_at = now

    def newest(self, *, limit: int, before: int | None = None, account_id: str | None = None) -> list[SignIn]:
        """At most `limit` lines before the line `before`, newest first; of one account, if it is named."""
        row = sign_ins.c
        kept_from = _milliseconds(self._clock()) - self._kept_days * DAY * 1000
        query = select(row.id, row.at, row.outcome, row.account_id, row.name, row.address).where(row.at >= kept_from)
        if before is not None:
            query = query.where(row.id < before)
        if account_id is not None:
            query = query.where(row.account_id == account_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(row.id.desc()).limit(limit)).all()
        return [SignIn(line, at, Outcome(outcome), *others) for line, at, outcome, *others in rows]

    def _unless_just_said(self, line: dict[str, str | int | None], now: int) -> Executable:
        row = sign_ins.c
        same = and_(
            row.account_id.is_not_distinct_from(line["account_id"]), row.name.is_not_distinct_from(line["name"])
        )
        recent = and_(
            row.outcome == line["outcome"], same, row.at > now - WAITING_EVERY * 1000, row.at <= now + CLOCK_SKEW * 1000
        )
        values = select(*(literal(value).label(name) for name, value in line.items())).where(~exists().where(recent))
        return insert(self._engine, sign_ins).from_select(list(line), values)


def _milliseconds(moment: datetime) -> int:
    """Finer than the other tables': the lines stand among events, in their order."""
    return round(moment.timestamp() * 1000)


def shortened(name: str) -> str:
    """The first characters of a name that nobody has: enough to see a typing error, too little of a password.

    Three, and never more than half: somebody who was erased may be called Ann, and their browser still knows it (P5).
    """
    return f"{name[: min(3, len(name) // 2)]}…" if name else ""
