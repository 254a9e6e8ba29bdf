"""What recording costs on each database: adding users by 1 and 8 writers, beside bare INSERTs of the same rows.

The bare rows go into tables without triggers, with as many commits: what the database itself takes for them.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count
from os import urandom
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from application.licensing import Licensing
from interface.settings import Settings
from tests.benchmarks.databases import BY, DATABASES, installation

ROUNDS = 7
SECONDS = 1.0
WRITERS = (1, 8)
LEAST = {("SQLite", 1): 0.38, ("SQLite", 8): 0.6, ("PostgreSQL", 1): 0.38, ("PostgreSQL", 8): 0.38}
"""How many of the bare INSERTs we must reach."""

TOPIC, STATE = "seatledger:UserAdded", b"x" * 400
BARE = (
    "CREATE TABLE bare_events (id TEXT, position BIGINT, topic TEXT, state {bytes}, PRIMARY KEY (id, position))",
    "CREATE TABLE bare_leaves (id TEXT, position BIGINT, leaf {bytes}, PRIMARY KEY (id, position))",
    "CREATE TABLE bare_keys (id TEXT PRIMARY KEY, key {bytes})",
)

Write = Callable[[int], None]
"""One commit; the number of the writer."""


def main() -> bool:
    """Measure in alternated rounds, print a table, and give whether every ratio is high enough."""
    print(f"Recording: one user a commit, medians of {ROUNDS} rounds of {SECONDS:g} s")
    print(f"{'':<11} {'writers':>8} {'bare/s':>9} {'ours/s':>9} {'ours/bare':>10}")
    verdicts = [one(name, writers) for name in DATABASES for writers in WRITERS]
    return all(verdicts)


def one(name: str, writers: int) -> bool:
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        settings = stack.enter_context(DATABASES[name](Path(directory)))
        seatledger, id_ = stack.enter_context(installation(settings))
        bare = bare_write(name, settings, writers, stack)
        ours = our_write(seatledger.licensing, id_)
        rounds = [(commits(bare, writers), commits(ours, writers)) for _ in range(ROUNDS)]
    bare_rate, our_rate = (statistics.median(column) / SECONDS for column in zip(*rounds, strict=True))
    ratio = statistics.median(ours / bare for bare, ours in rounds)
    least = LEAST[name, writers]
    verdict = "reached" if ratio >= least else "missed"
    print(f"{name:<11} {writers:>8} {bare_rate:>9.0f} {our_rate:>9.0f} {ratio:>10.2f}   at least {least}: {verdict}")
    return verdict == "reached"


def commits(write: Write, writers: int) -> int:
    """How many commits as many writers make in a round."""
    end = time.perf_counter() + SECONDS

    def work(writer: int) -> int:
        done = 0
        while time.perf_counter() < end:
            write(writer)
            done += 1
        return done

    with ThreadPoolExecutor(writers) as threads:
        return sum(threads.map(work, range(writers)))


def our_write(licensing: Licensing, id_: UUID) -> Write:
    numbers = count()
    return lambda _: licensing.add_user(id_, f"user-{next(numbers)}", by=BY)


def bare_write(name: str, settings: Settings, writers: int, stack: ExitStack) -> Write:
    if name == "SQLite":
        path = settings.database.removeprefix("sqlite:///")

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
            connection.execute("PRAGMA secure_delete = ON")
            return connection

        lites = [stack.enter_context(closing(connect())) for _ in range(writers)]
        for table in BARE:
            lites[0].execute(table.format(bytes="BLOB"))

        def write_lite(writer: int) -> None:
            id_, connection = str(uuid4()), lites[writer]
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare_events VALUES (?, ?, ?, ?)", (id_, 1, TOPIC, STATE))
            connection.execute("INSERT INTO bare_leaves VALUES (?, ?, ?)", (id_, 1, urandom(32)))
            connection.execute("INSERT INTO bare_keys VALUES (?, ?)", (id_, urandom(32)))
            connection.execute("COMMIT")

        return write_lite
    with psycopg.connect(settings.database_owner, autocommit=True) as owner:
        for table in BARE:
            owner.execute(table.format(bytes="BYTEA").encode())
        owner.execute(b"GRANT ALL ON bare_events, bare_leaves, bare_keys TO seatledger")
    connections = [
        stack.enter_context(closing(psycopg.connect(settings.database, autocommit=True))) for _ in range(writers)
    ]

    def write(writer: int) -> None:
        id_ = str(uuid4())
        connections[writer].execute(
            "WITH leaf AS (INSERT INTO bare_leaves VALUES (%s, 1, %s)), key AS (INSERT INTO bare_keys VALUES (%s, %s)) "
            "INSERT INTO bare_events VALUES (%s, 1, %s, %s)",
            [id_, urandom(32), id_, urandom(32), id_, TOPIC, STATE],
            prepare=True,
        )

    return write


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
