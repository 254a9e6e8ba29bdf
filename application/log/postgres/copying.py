"""PostgreSQL: every row of a database into an SQLite file, which is the form of all backups, and back (ADR 52)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from hashlib import sha256
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from psycopg import sql

from application.log.failures import DatabaseUnusable
from application.log.postgres.connection import Connection
from application.log.stored import Ask, Progress, nothing
from domain.refusals import Problem

BATCH = 500
"""Rows at once: with their leaves they take a server far less than the time that it has for an answer."""

EVENTS, WRITTEN_BY_TRIGGER = "stored_events", "merkle_leaves"

KEPT_BY_EACH = ("schema_version", "files_beside", "view_snapshots")
"""What is no content of the log: each database has its own."""

Value = str | int | bytes | None
"""What SQLite stores, and how this module knows a column of either database."""

Row = tuple[Value, ...]


class Content(NamedTuple):
    """A table of both databases, and its columns in SQLite's order, the key first."""

    table: str
    columns: list[str]

    def names(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    def order(self) -> str:
        """By the key: positions in the order in which the log takes them."""
        return ", ".join("12"[: len(self.columns)])


def contents(file: sqlite3.Connection) -> list[Content]:
    """The tables of a file that this version made, events first: leaves follow them."""
    names = file.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name <> "
        "'stored_events', name"
    )
    return [
        Content(name, [column for _, column, *_ in file.execute("SELECT * FROM pragma_table_info(?)", [name])])
        for (name,) in names.fetchall()
        if name not in KEPT_BY_EACH
    ]


WAIT_FOR_US = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""The server waits while we write and compare the other side, whatever it is set to."""


def copy_out(server: Connection, file: sqlite3.Connection) -> None:
    """Every row, as it is at one moment, into a file with empty tables. Raises psycopg.Error, sqlite3.Error."""
    with server.transaction():
        server.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        server.execute(WAIT_FOR_US)
        file.execute("BEGIN")
        for content in contents(file):
            marks = ", ".join("?" * len(content.columns))
            rows = _server_rows(server, content)
            while batch := list(islice(rows, BATCH)):
                file.executemany(f"INSERT INTO {content.table} VALUES ({marks})", batch)
        file.execute("COMMIT")


def copy_in(owner: Connection, file: sqlite3.Connection, place: str, ask: Ask, progress: Progress) -> None:
    """Every row of a file into empty tables, all or nothing; then each table is compared with the file's, and asked.

    Leaves are written by the server itself, and so are right only if they are the file's. Raises psycopg.Error,
    sqlite3.Error, DatabaseUnusable if something is there or another row than in the file.
    """
    with owner.transaction():
        owner.execute(WAIT_FOR_US)
        owner.execute("LOCK TABLE stored_events IN SHARE ROW EXCLUSIVE MODE")
        if owner.execute("SELECT FROM merkle_leaves LIMIT 1").fetchone():
            raise DatabaseUnusable(place, Problem("installed_meanwhile"))
        for content in contents(file):
            if content.table != WRITTEN_BY_TRIGGER:
                _fill(owner, content, _file_rows(file, content), progress if content.table == EVENTS else nothing)
            if _fingerprint(_server_rows(owner, content)) != _fingerprint(_file_rows(file, content)):
                raise DatabaseUnusable(place, Problem("table_kept_otherwise", table=content.table))
        owner.execute("ANALYZE stored_events, merkle_leaves, person_keys")  # whoever asks next need not wait for it
        ask()


def _fill(owner: Connection, content: Content, rows: Iterator[Row], progress: Progress) -> None:
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(content.table), content.names())
    while batch := list(islice(rows, BATCH)):
        with owner.cursor() as cursor, cursor.copy(target) as copy:
            for row in batch:
                copy.write_row(row)
        progress(len(batch))
    if "id" in content.columns:  # numbers that the server gives go on behind those
        owner.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {} HAVING max(id) > 0").format(
                content.table, sql.Identifier(content.table)
            )
        )


def _server_rows(server: Connection, content: Content) -> Iterator[Row]:
    with server.cursor(name="copying", binary=True) as rows:
        rows.itersize = BATCH
        query = sql.SQL("SELECT {} FROM {} ORDER BY " + content.order())
        rows.execute(query.format(content.names(), sql.Identifier(content.table)))
        for row in rows:
            yield tuple(map(_as_in_the_file, row))


def _file_rows(file: sqlite3.Connection, content: Content) -> Iterator[Row]:
    yield from file.execute(f"SELECT * FROM {content.table} ORDER BY {content.order()}")


def _as_in_the_file(value: Value | UUID | date) -> Value:
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, date) else value


def _fingerprint(rows: Iterable[Row]) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: their order, which databases see otherwise, does not matter."""
    number = total = 0
    for row in rows:
        number += 1
        total += int.from_bytes(sha256(repr(row).encode()).digest())
    return number, total % 2**256
