"""Refusals that are nobody's fault: the database is busy, full, or not set up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import IntegrityError, PersistenceError
from sqlalchemy.exc import OperationalError

from domain.refusals import Refused


class Busy(Refused):
    """Others were writing all the time; nothing was stored."""

    code = "busy"


class StorageFailed(Refused):
    """The database refused the write; nothing was stored."""

    code = "storage_failed"


class AlreadyOpened(Refused):
    """One database serves one installation."""

    code = "already_initialized"


@contextmanager
def storing() -> Iterator[None]:
    """Turns the failures of the log's store and of the tables beside it into refusals; a conflict passes through.

    These are failures of the library, of SQLAlchemy, and of SQLite itself.

    Raises Busy when others were writing all the time, StorageFailed when the database refused.
    """
    try:
        yield
    except (IntegrityError, sqlite3.IntegrityError):
        raise
    except (PersistenceError, OperationalError, sqlite3.Error) as error:
        reason = str(error.orig if isinstance(error, OperationalError) else error)
        if "locked" in reason or isinstance(error, TimeoutError):
            raise Busy from error
        raise StorageFailed(reason=reason) from error
