"""On which day each user was last there, as gateways report it, and so who holds a license unused (ADR 67)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Date, Engine, String, bindparam, column, delete, func, or_, select, table

from application.credentials.tables import last_seen, last_seen_days
from application.licensing import Licensing
from application.log.beside import insert
from application.log.failures import storing
from domain.refusals import Refused

MOST_NAMES = 1000
"""How many login names one report has at most: about as many as a body of 64 KiB holds."""

REMEMBERED_DAYS = 400
"""For so many days it is known whether they were reported. Nobody is asked for as unused for longer than a year."""

LONGEST = 365

NEVER = 30
"""Days for which somebody must have been a user, and reports must have come, to be told as never seen."""

_PERSON_KEYS = table("person_keys", column("account_id"))
"""Has everybody who is not erased (P1)."""


class DayInFuture(Refused):
    """A report is about a day that has not come."""

    code = "day_in_future"


class TooManyNames(Refused):
    """A report has more login names than one call takes."""

    code = "too_many_names"


class UnusedUnknown(Refused):
    """Nobody can say who was not there for so long: reports are missing."""

    code = "unused_unknown"

    @property
    def says(self) -> str:
        if "first" not in self.facts:
            return f"{self.code}.never"
        return f"{self.code}.gaps" if "reported" in self.facts else self.code


class Report(NamedTuple):
    """What came of a report: how many of its login names are users', and how many nobody's."""

    known: int
    unknown: int


class Unused(NamedTuple):
    """The ids of the users who were not there on any of the last `days` days, or never; and what that rests on."""

    ids: frozenset[str]
    days: int
    reported: int
    """How many of these days were reported."""
    newest: date
    """The newest day that was reported."""


class LastDays:
    """The last day of each user, beside the log: days alone, by ids alone, in no export and no audit.

    Nothing here deletes a user. Threads may share it.
    """

    def __init__(self, licensing: Licensing, engine: Engine) -> None:
        self._licensing, self._engine = licensing, engine
        new = insert(engine, last_seen).from_select(
            ["account_id", "day"],
            select(bindparam("of", type_=String), bindparam("on", type_=Date)).where(
                # Nobody who was erased while the report was on its way (P5).
                select(_PERSON_KEYS.c.account_id).where(_PERSON_KEYS.c.account_id == bindparam("of")).exists()
            ),
        )
        # A day that has not come was written before the clock was corrected; it gives way to any other.
        is_later = or_(last_seen.c.day < new.excluded.day, last_seen.c.day > bindparam("today", type_=Date))
        self._note = new.on_conflict_do_update(
            index_elements=[last_seen.c.account_id], set_={"day": new.excluded.day}, where=is_later
        )
        self._note_day = insert(engine, last_seen_days).on_conflict_do_nothing().returning(last_seen_days.c.day)

    def report(self, id_: UUID, day: date, login_names: Collection[str]) -> Report:
        """These people were there on that day. A day that is earlier than the one known changes nothing for them.

        With no names it says that the day was reported. Raises DayInFuture, TooManyNames, Busy, StorageFailed.
        """
        now = self._licensing.now(id_)
        if day > now.day:
            raise DayInFuture(day=day, today=now.day)
        if len(login_names) > MOST_NAMES:
            raise TooManyNames(number=len(login_names), most=MOST_NAMES)
        users = [now.user(name) for name in login_names]
        ids = sorted({user.user_id for user in users if user is not None})  # in one order, so that nobody deadlocks
        with storing(), self._engine.begin() as connection:
            if ids:
                connection.execute(self._note, [{"of": each, "on": day, "today": now.day} for each in ids])
            if now.day - day <= timedelta(days=REMEMBERED_DAYS):
                self._tell_day(connection, day, now.day)
        unknown = users.count(None)
        return Report(len(users) - unknown, unknown)

    def day_of(self, ids: Iterable[str]) -> dict[str, date]:
        """The last day of each of these, as far as it is known."""
        with storing(), self._engine.connect() as connection:
            rows = connection.execute(select(last_seen).where(last_seen.c.account_id.in_(list(ids))))
            return {row.account_id: row.day for row in rows}

    def days(self) -> dict[str, date]:
        """The last day of everybody of whom it is known."""
        with storing(), self._engine.connect() as connection:
            return {row.account_id: row.day for row in connection.execute(select(last_seen))}

    def unused(self, id_: UUID, days: int, *, never: bool = False) -> Unused:
        """Who is a user now and was not there on any of the last `days` days, or `never`.

        Nobody who was added or restored within these days. Raises UnusedUnknown, Busy, StorageFailed.
        """
        now = self._licensing.now(id_)
        first_day = now.day - timedelta(days=days)
        with storing(), self._engine.connect() as connection:
            reported = self._reported(connection, first_day, now.day, days)
            there = select(last_seen.c.account_id)
            if not never:
                there = there.where(last_seen.c.day >= first_day)
            ids = set(connection.execute(there).scalars())
        ids |= self._licensing.users_come_since(id_, first_day)
        users = now.view.users.values()
        unused = frozenset(user.user_id for user in users if not user.is_deleted and user.user_id not in ids)
        return reported._replace(ids=unused)

    def _reported(self, connection: Connection, first_day: date, today: date, days: int) -> Unused:
        """What the answer rests on. Raises UnusedUnknown."""
        day = last_seen_days.c.day
        bounds = select(func.min(day), func.max(day)).where(day <= today)
        first, newest = connection.execute(bounds).one()
        if first is None:
            raise UnusedUnknown(days=days)
        if first > first_day:
            raise UnusedUnknown(days=days, first=first, known_on=first + timedelta(days=days))
        within = select(func.count()).where((day >= first_day) & (day < today))
        reported = connection.execute(within).scalar_one()
        if 2 * reported < days:
            raise UnusedUnknown(days=days, first=first, reported=reported)
        return Unused(frozenset(), days, reported, newest)

    def _tell_day(self, connection: Connection, day: date, today: date) -> None:
        """Note that the day was reported; the first time, clear away what is of use to nobody."""
        if connection.execute(self._note_day, {"day": day}).first() is None:
            return
        connection.execute(
            delete(last_seen_days).where(
                or_(last_seen_days.c.day < today - timedelta(days=REMEMBERED_DAYS), last_seen_days.c.day > today)
            )
        )
        connection.execute(delete(last_seen).where(last_seen.c.account_id.not_in(select(_PERSON_KEYS.c.account_id))))
