"""PostgreSQL: a log in a database of a server, its recorder, its reader, and what the audit log keeps beside events."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from eventsourcing.utils import Environment
from psycopg import errors

from application.log.failures import DatabaseUnusable, UrlInvalid, one_line
from application.log.postgres import copying, schema
from application.log.postgres.audit_writer import PostgresAuditWriter
from application.log.postgres.connection import COPYING_SECONDS, Connection, connect, described
from application.log.postgres.people import PostgresPeople
from application.log.postgres.reader import PostgresReader
from application.log.postgres.recorder import Factory
from application.log.postgres.snapshots import PostgresSnapshots
from application.log.schema import VERSION, SchemaUnfit, Tables, ask_known
from application.log.sqlite import SQLiteLog, backup, taking_in
from application.log.stored import Ask, Progress, TakenIn, nothing
from application.log.urls import is_misread, without_quotations
from domain.refusals import Problem

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from application.log import Log


@dataclass(frozen=True)
class PostgresLog:
    """The log in a PostgreSQL database (see application.log.Log); `owner` is the URL of the role that made it."""

    url: str = field(repr=False)
    owner: str = field(default="", repr=False)

    @property
    def path(self) -> None:
        return None

    @property
    def place(self) -> str:
        return described(self.url)

    def exists(self) -> bool:
        with self._asking() as connection:
            return schema.version(connection) is not None

    def barrier(self) -> None:
        return None  # the server's own words say which right is missing

    def schema_version(self) -> int | None:
        with self._asking() as connection:
            return schema.version(connection)

    def make(self, tables: Tables) -> None:
        self.migrate(tables)

    def remove(self) -> None:
        """Nothing: an empty schema is what `migrate` leaves too, and `init` goes on from it."""

    def migrate(self, tables: Tables, *, auditor: str = "") -> int | None:
        if not self.owner:
            raise SchemaUnfit(Problem("owner_not_named"))
        with self._opened(self.url) as program, self._opened(self.owner) as owner:
            if schema.database(program) != schema.database(owner):
                raise SchemaUnfit(Problem("owner_of_another", owner=described(self.owner), place=self.place))
            name = str(program.info.user)
            if auditor and not schema.has_role(owner, auditor):
                raise SchemaUnfit(Problem("role_unknown", role=auditor))
            owner.seconds = COPYING_SECONDS
            owner.execute("SET lock_timeout = 0")  # of many who do it at once, each has its turn
            owner.execute("SELECT pg_advisory_lock(%s)", [schema.ONE_AT_A_TIME])
            before = schema.version(owner)
            if before is not None and before > VERSION:
                return before
            with owner.transaction():
                schema.make(owner)
            engine = _engine(lambda: connect(self.owner))
            tables(engine)
            engine.dispose()
            with owner.transaction():
                _grant(owner, name, auditor)
                schema.set_version(owner, VERSION)
            return before

    def settle(self) -> None:
        """Nothing: the server does."""

    def is_in_use(self) -> bool:
        with self._asking() as connection:
            others = connection.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'seatledger' "
                "AND pid <> pg_backend_pid() LIMIT 1"
            ).fetchone()
        return others is not None

    def back_up(self, target: Path, files: Mapping[str, bytes], tables: Tables) -> SQLiteLog:
        copy = SQLiteLog(target)
        copy.migrate(tables)
        try:
            with self._asking() as server, backup.filling(target, files, self.place) as file:
                server.seconds = COPYING_SECONDS
                copying.copy_out(server, file)
        except sqlite3.Error as error:  # of the copy, such as a full disk
            raise DatabaseUnusable(str(target), one_line(error)) from error
        return copy

    def taking_in(self, source: Path) -> AbstractContextManager[TakenIn]:
        return taking_in(source)

    def give_way(
        self, incoming: Log, _aside: Path, tables: Tables, *, ask: Ask = nothing, progress: Progress = nothing
    ) -> None:
        if incoming.path is None:
            raise TypeError("a backup is a file")
        incoming.migrate(tables)
        version = self.migrate(tables) or VERSION
        ask_known(max(version, VERSION), self.place)
        with self._opened(self.owner) as owner, closing(sqlite3.connect(incoming.path)) as file:
            owner.seconds = COPYING_SECONDS
            copying.copy_in(owner, file, self.place, ask, progress)

    def files(self) -> list[Path]:
        return []

    def schema_differences(self) -> list[str]:
        with self._asking() as connection:
            return schema.differences(connection)

    def clock(self) -> datetime:
        with self._asking() as connection:
            ((seconds,),) = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchall()
        return datetime.fromtimestamp(float(seconds), UTC)

    def mighty_role(self) -> str | None:
        with self._asking() as connection:
            return schema.mighty_role(connection)

    def engine_version(self) -> str:
        with self._asking() as connection:
            return f"PostgreSQL {connection.info.parameter_status('server_version')}"

    def installation_ids(self) -> list[UUID]:
        try:
            with closing(self.reader()) as reader:
                return reader.installation_ids()
        except errors.UndefinedTable:
            return []
        except psycopg.Error as error:
            raise DatabaseUnusable(self.place, one_line(error)) from None

    def reader(self) -> PostgresReader:
        return PostgresReader(self.url)

    def audit_writer(self) -> PostgresAuditWriter:
        return PostgresAuditWriter(self.url)

    def people(self) -> PostgresPeople:
        return PostgresPeople(self.url)

    def snapshots(self) -> PostgresSnapshots:
        return PostgresSnapshots(self.url)

    def recorders(self, env: Environment) -> Factory:
        return Factory(env, self.url)

    def tables(self) -> Engine:
        return _engine(lambda: connect(self.url))

    def _asking(self) -> AbstractContextManager[Connection]:
        return self._opened(self.url)

    @contextmanager
    def _opened(self, url: str) -> Iterator[Connection]:
        try:
            with closing(connect(url)) as connection:
                yield connection
        except psycopg.Error as error:
            raise DatabaseUnusable(described(url), one_line(error)) from error


def _grant(owner: Connection, program: str, auditor: str) -> None:
    if program != owner.info.user:
        schema.grant(owner, program)
    if auditor:
        schema.grant_auditor(owner, auditor)


def _engine(creator: Callable[[], Connection]) -> Engine:
    from application.log.beside import open_postgres_engine  # SQLAlchemy's import takes longer than most commands

    return open_postgres_engine(creator)


def open_server(url: str, owner: str, name: str) -> PostgresLog:
    """The log at a URL, as libpq reads it; `name` is that of its setting. Raises UrlInvalid."""
    for setting, each in ((name, url), ("SEATLEDGER_DATABASE_OWNER", owner)):
        if is_misread(each):
            raise UrlInvalid(Problem("server_url_misread", name=setting))
        try:
            described(each)
        except psycopg.ProgrammingError as error:
            reason = without_quotations(str(error))
            raise UrlInvalid(Problem("server_url_invalid", name=setting, reason=reason)) from None
        except UnicodeError:
            raise UrlInvalid(Problem("server_url_invalid", name=setting, reason=Problem("not_utf8"))) from None
    return PostgresLog(url, owner)
