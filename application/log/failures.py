"""What a database's error means, said once: a conflict, busy, failed, altered; everything above asks here."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import DataError, IntegrityError, PersistenceError

from domain.refusals import Problem, Refused

CONFLICTS = (IntegrityError, sqlite3.IntegrityError)
"""Another has stored at this position: to be asked again, with what the other has stored."""


class DoesNotFollow(IntegrityError):
    """The log's newest event is none that was known: another has stored, or the log is another one."""


def database_errors() -> tuple[type[Exception], ...]:
    """The kinds of exceptions by which the library, SQLAlchemy and SQLite itself say that a database cannot be used.

    SQLAlchemy's and psycopg's only where they were imported, which takes longer than most commands: they can raise
    nothing before.
    """
    return (PersistenceError, sqlite3.Error, *_of("psycopg", "Error"), *_of("sqlalchemy.exc", "SQLAlchemyError"))


def _write_errors() -> tuple[type[Exception], ...]:
    of_tables = (*_of("sqlalchemy.exc", "OperationalError"), *_of("sqlalchemy.exc", "InternalError"))
    return (PersistenceError, sqlite3.Error, *_of("psycopg", "Error"), *of_tables)


def _of(module_name: str, name: str) -> tuple[type[Exception], ...]:
    module = sys.modules.get(module_name)
    return (getattr(module, name),) if module else ()


BUSY_STATES = frozenset({"55P03", "57014", "40001", "40P01"})
"""PostgreSQL's words for others that were writing all the time: lock and statement time-outs, and deadlocks."""

REMOVED_STATES = frozenset({"SL001", "SL002"})
"""Our own words on PostgreSQL (schema.sql): the leaf before a new event is missing, or its own stands there already."""


class Busy(Refused):
    """Others were writing all the time; nothing was stored."""

    code = "busy"


class ReadingHistory(Busy):
    """The process was still reading the history, as it does after its start; nothing was stored."""

    says = "busy.reading"


class StorageFailed(Refused):
    """The database refused the write; nothing was stored."""

    code = "storage_failed"


class DatabaseAway(PersistenceError):
    """The database could not be asked a moment ago; a thread of its own asks for it again, and nobody waits."""


class HistoryRemoved(DataError):
    """New events do not follow what the log holds: something was removed from it."""


class ReplyLost(PersistenceError):
    """The connection ended before the database said whether it has stored."""


class OutcomeUnknown(Refused):
    """Nobody knows whether the database has stored, since its reply was lost and the log cannot be asked for it.

    The fact `beside`: something beside the log, which the history does not show.
    """

    code = "outcome_unknown"

    @property
    def says(self) -> str:
        return f"{self.code}.beside" if "beside" in self.facts else self.code


UNSTORED = (Busy, StorageFailed, OutcomeUnknown)
"""What keeps from storing something, or from knowing that it is stored."""


class NoInstallation(Refused):
    """The database holds no installation, or none of this id."""

    code = "not_initialized"


class DatabaseUnusable(Exception):
    """A database cannot be opened at all; `reason` is its own word for it, or whose permission is missing."""

    def __init__(self, place: str, reason: str | Problem) -> None:
        super().__init__(place, reason)
        self.place, self.reason = place, reason


class UrlInvalid(ValueError):
    """A URL names no database that this version knows; the problem says so."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class LogUnreadable(Exception):
    """An event of the log cannot be read or does not fit: it was altered, or written by a newer version."""

    def __init__(self, position: int, problem: Problem) -> None:
        super().__init__(position, problem)
        self.position, self.problem = position, problem

    def __str__(self) -> str:
        """For whoever reads a traceback."""
        return f"Event {self.position}: {self.problem}"


@contextmanager
def storing() -> Iterator[None]:
    """Turns the failures of the log's store and of the tables beside it into refusals; a conflict passes through.

    Raises Busy when others were writing all the time, StorageFailed when the database refused or its history was cut,
    OutcomeUnknown when the connection ended before it said so.
    """
    try:
        yield
    except CONFLICTS:
        raise
    except ReplyLost as error:
        raise OutcomeUnknown from error
    except _write_errors() as error:
        if getattr(error, "connection_invalidated", False):  # of SQLAlchemy's; perhaps in the midst of a commit
            raise OutcomeUnknown(beside=True) from error
        origin = getattr(error, "orig", None) or error  # SQLAlchemy's own text has the statement, too
        state = getattr(origin, "sqlstate", None)
        if state in REMOVED_STATES or isinstance(error, HistoryRemoved):
            raise StorageFailed(reason=Problem("history_removed")) from error
        is_busy = "locked" in str(origin) or state in BUSY_STATES
        if is_busy or isinstance(error, TimeoutError):
            raise Busy from error
        raise StorageFailed(reason=one_line(origin)) from error


def reason(error: BaseException) -> str:
    """The database's own words for what went wrong, in one line."""
    while error.__cause__ is not None and not isinstance(error, sqlite3.Error):
        error = error.__cause__
    return one_line(error)


def one_line(error: BaseException) -> str:
    """What an error says, in one line without a full stop at its end."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
