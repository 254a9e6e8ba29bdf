"""SQLite: a log in one file, its recorder, its reader, and what the audit log keeps beside events."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID

from eventsourcing.utils import Environment

from application.files import new_private
from application.log.failures import DatabaseUnusable, database_errors, reason
from application.log.schema import VERSION, SchemaUnfit, Tables
from application.log.sqlite import backup
from application.log.sqlite.audit_writer import SQLiteAuditWriter
from application.log.sqlite.connection import LOCK_TIMEOUT, writing
from application.log.sqlite.people import SQLitePeople
from application.log.sqlite.reader import SQLiteReader
from application.log.sqlite.recorder import Factory
from application.log.sqlite.snapshots import SQLiteSnapshots
from application.log.stored import Ask, Progress, TakenIn, nothing
from application.permissions import barrier, is_there
from domain.refusals import Problem

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from application.log import Log


_SCHEMA = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
_TRIGGERS_AND_VIEWS = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"


@dataclass(frozen=True)
class SQLiteLog:
    """The log in an SQLite file (see application.log.Log)."""

    place: Path

    def exists(self) -> bool:
        return is_there(self.place)

    def barrier(self) -> Problem | None:
        return barrier(self.place, writing=True)

    @property
    def path(self) -> Path:
        return self.place

    def make(self, tables: Tables) -> None:
        """An empty file with mode 0600; what SQLite puts beside it gets its mode."""
        new_private(self.place)
        self.migrate(tables)

    def schema_version(self) -> int | None:
        if not self.exists():
            return None
        with self._asking() as there:
            version, *_ = there.execute("PRAGMA user_version").fetchone()
            (tables,) = there.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return int(version) if tables else None

    def migrate(self, tables: Tables, *, auditor: str = "") -> int | None:
        """Two who do it at once do no harm: whatever is there stays, and the version is written in the end."""
        if auditor:
            raise SchemaUnfit(Problem("no_roles_in_a_file", place=str(self.place)))
        before = self.schema_version()
        if before is not None and before > VERSION:
            return before
        try:
            with closing(self.recorders(Environment("seatledger"))) as factory:
                factory.application_recorder()
            engine = self.tables()
            tables(engine)
            engine.dispose()
            with closing(writing(str(self.place))) as connection:
                connection.execute(f"PRAGMA user_version = {VERSION}")
        except database_errors() as error:
            raise DatabaseUnusable(str(self.place), self.barrier() or reason(error)) from error
        return before

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection]:
        """A connection that does not make the file. Raises DatabaseUnusable."""
        try:
            with closing(sqlite3.connect(f"{self.place.absolute().as_uri()}?mode=rw", uri=True)) as there:
                yield there
        except sqlite3.Error as error:
            raise DatabaseUnusable(str(self.place), self.barrier() or str(error)) from error

    def remove(self) -> None:
        for added in ("", *backup.BESIDE):
            backup.beside(self.place, added).unlink(missing_ok=True)

    def settle(self) -> None:
        backup.settle(self.place)

    def is_in_use(self) -> bool:
        return backup.is_in_use(self.place)

    def back_up(self, target: Path, files: Mapping[str, bytes], _tables: Tables) -> SQLiteLog:
        backup.back_up(self.place, target, files)
        return SQLiteLog(target)

    @contextmanager
    def taking_in(self, source: Path) -> Iterator[TakenIn]:
        # Beside the database: only within one file system can it take the place in one step.
        with taking_in(source, beside=self.place) as incoming:
            yield incoming

    def give_way(
        self,
        incoming: Log,
        aside: Path,
        _tables: Tables,
        *,
        ask: Ask = nothing,
        progress: Progress = nothing,  # noqa: ARG002  a file takes its place in one step
    ) -> None:
        ask()
        if incoming.path is not None:
            backup.take_place(incoming.path, self.place, aside)

    def files(self) -> list[Path]:
        paths = (self.place.with_name(self.place.name + added) for added in ("", *backup.BESIDE))
        return [path for path in paths if path.exists()]

    def schema_differences(self) -> list[str]:
        """Compared with what this version makes in an empty database, statement by statement. Makes no database.

        This version makes no other triggers and views anywhere: one could keep what an erasure deletes.
        """
        with self._asking() as there:
            present = dict(there.execute(_SCHEMA).fetchall())
            acting = {name for (name,) in there.execute(_TRIGGERS_AND_VIEWS).fetchall()}
        factory = Factory(Environment("seatledger", {"SQLITE_DBNAME": ":memory:"}))
        try:
            factory.application_recorder()
            with factory.datastore.transaction(commit=False) as fresh:
                fresh.execute(_SCHEMA)
                expected = dict(map(tuple, fresh.fetchall()))
        finally:
            factory.close()
        others = {name for name, sql in expected.items() if present.get(name) != sql}
        return sorted(others | (acting - set(expected)))

    def clock(self) -> None:
        return None

    def mighty_role(self) -> None:
        return None

    def engine_version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def installation_ids(self) -> list[UUID]:
        try:
            with closing(self.reader()) as reader:
                return reader.installation_ids()
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return []
            raise DatabaseUnusable(str(self.place), self.barrier() or str(error)) from None

    def reader(self) -> SQLiteReader:
        return SQLiteReader(str(self.place))

    def audit_writer(self) -> SQLiteAuditWriter:
        return SQLiteAuditWriter(str(self.place))

    def people(self) -> SQLitePeople:
        return SQLitePeople(str(self.place))

    def snapshots(self) -> SQLiteSnapshots:
        return SQLiteSnapshots(str(self.place))

    def recorders(self, env: Environment) -> Factory:
        env.update({"SQLITE_DBNAME": str(self.place), "SQLITE_LOCK_TIMEOUT": str(LOCK_TIMEOUT)})
        return Factory(env)

    def tables(self) -> Engine:
        from application.log.beside import open_engine  # SQLAlchemy's import takes longer than most commands

        return open_engine(f"sqlite:///{self.place}")


@contextmanager
def taking_in(source: Path, beside: Path | None = None) -> Iterator[TakenIn]:
    """A backup's copy in a directory of its own, which goes in the end. Raises OSError, DatabaseUnusable."""
    parent, name = (beside.parent, beside.name) if beside else (None, "seatledger.sqlite")
    with TemporaryDirectory(dir=parent, prefix=f".{name}-restore-") as directory:
        incoming = SQLiteLog(Path(directory) / name)
        yield TakenIn(incoming, backup.take_in(source, incoming.place))
