"""The door to the database: everything that knows one stands in here, and others ask for a log by its URL.

`open_log(url)` gives the Log: what reads it, what writes it, what the audit log keeps beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment

from application.log.failures import DatabaseUnusable, UrlInvalid
from application.log.schema import SchemaUnfit, Tables
from application.log.sqlite import SQLiteLog
from application.log.stored import Ask, AuditWriter, LogReader, People, Progress, Snapshots, TakenIn, nothing
from application.log.urls import without_secrets
from domain.refusals import Problem

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["DatabaseUnusable", "Log", "SchemaUnfit", "UrlInvalid", "open_log"]

DEFAULT_URL = "sqlite:///seatledger.sqlite"

POSTGRES = ("postgresql://", "postgres://")


class Log(Protocol):
    """The log of a database, and what lies beside it. Nothing is opened until it is asked for."""

    @property
    def place(self) -> Path | str:
        """Where it is, as people are told: without a password."""

    @property
    def path(self) -> Path | None:
        """The file that it is, beside which others lie that belong to it; None for a server's."""

    def exists(self) -> bool: ...
    def barrier(self) -> Problem | None:
        """The permission for want of which this process cannot use it, if it is that."""

    def make(self, tables: Tables) -> None:
        """Make an empty database, for its owner alone, with `tables` beside the log.

        Raises SchemaUnfit, DatabaseUnusable; OSError, also if it is there already and a file.
        """

    def remove(self) -> None:
        """Remove what `make` made, if an empty one is in the way of the next `make`."""

    def schema_version(self) -> int | None:
        """The version of the schema that is there (see application.log.schema); None where nothing was made.

        Raises DatabaseUnusable.
        """

    def migrate(self, tables: Tables, *, auditor: str = "") -> int | None:
        """Bring the schema forward to this program's; gives the version that was there. A newer one stays.

        `auditor` is a role of the server's that may read the log from then on. Raises SchemaUnfit, DatabaseUnusable.
        """

    def installation_ids(self) -> list[UUID]:
        """The installations in it, without writing anything or making it. Raises DatabaseUnusable."""

    def settle(self) -> None:
        """Bring everything into the one place, where nobody else has it open; never fails, as nothing depends on it."""

    def is_in_use(self) -> bool:
        """Whether any process has it open."""

    def back_up(self, target: Path, files: Mapping[str, bytes], tables: Tables) -> Log:
        """Copy it as it is at one moment into the empty file `target`, which is SQLite's whatever this log is in, and
        the files with it; others go on. Gives the copy. `tables` are those beside the log.

        Raises OSError, DatabaseUnusable if it is damaged.
        """

    def taking_in(self, source: Path) -> AbstractContextManager[TakenIn]:
        """A backup's copy beside this log, whole by the database's own word; gone in the end if it gave no other log
        its place. Raises OSError, DatabaseUnusable."""

    def give_way(
        self, incoming: Log, aside: Path, tables: Tables, *, ask: Ask = nothing, progress: Progress = nothing
    ) -> None:
        """Let `incoming` take this log's place, all or nothing; a file that was there is kept as `aside`.

        `ask` is called last of all, while nothing is changed yet, and may raise; `progress` with numbers of events.

        On a server, where the log must be empty, its rows are compared in the end. Raises OSError, SchemaUnfit,
        DatabaseUnusable.
        """

    def files(self) -> list[Path]:
        """The files that hold it on this machine, of which each has a mode; none for a server's."""

    def schema_differences(self) -> list[str]:
        """The tables and triggers that this version makes and that are not there, or are others."""

    def mighty_role(self) -> str | None:
        """The program's own role on a server, if it could alter the history; None for one that cannot, and a file's."""

    def engine_version(self) -> str:
        """The name and version of what keeps the database, such as SQLite 3.40.1."""

    def clock(self) -> datetime | None:
        """What the clock of the database's server says; None for a file, which has none. Raises DatabaseUnusable."""

    def reader(self) -> LogReader: ...
    def audit_writer(self) -> AuditWriter: ...
    def people(self) -> People: ...
    def snapshots(self) -> Snapshots: ...
    def recorders(self, env: Environment) -> InfrastructureFactory[Any]:  # Any: the library leaves its recorder open
        """The library's factory of recorders. Any: it names a tracking recorder, of which we use none."""

    def tables(self) -> Engine:
        """For the tables beside the log."""


def open_log(url: str, owner: str = "", name: str = "SEATLEDGER_DATABASE") -> Log:
    """The log at a URL: `sqlite:///path`, or `postgresql://...` as libpq reads it. Raises UrlInvalid.

    `owner` is the URL of the role that makes the schema on a server, `name` that of the setting for people.
    """
    if url.startswith(POSTGRES):
        from application.log.postgres import open_server  # the driver's import takes longer than most commands

        return open_server(url, owner, name)
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite" or not path or path.startswith(":memory:"):
        raise UrlInvalid(Problem("not_a_database_url", name=name, example=DEFAULT_URL, url=repr(without_secrets(url))))
    return SQLiteLog(Path(path))
