"""What tests know of databases: which one they run on, what it says, and what whoever holds it can do.

Of SQLite everything is here, of PostgreSQL in postgres.py.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from application.credentials.tables import create_tables
from application.log.postgres.audit_writer import PostgresAuditWriter
from application.log.sqlite import SQLiteLog, recorder
from application.log.sqlite.audit_writer import SQLiteAuditWriter as AuditWriter
from application.log.sqlite.recorder import APPEND_ONLY_TABLES, LOCK_TIMEOUT
from interface.settings import Settings
from tests import postgres

if TYPE_CHECKING:
    from tests.world import World

__all__ = [
    "APPEND_ONLY_TABLES",
    "DAMAGE",
    "DATABASES",
    "FAILURE",
    "LOCK_TIMEOUT",
    "TEXTS_BYTES",
    "AuditWriter",
    "Connection",
    "Refusal",
    "Running",
    "Session",
    "alter_state",
    "asking",
    "attacking",
    "attacking_at",
    "audit_writer",
    "back_up",
    "connect",
    "connected",
    "copy",
    "copy_all",
    "prepared",
    "put_in",
    "recorder",
    "rows_of",
    "settings_in",
    "sqlite",
]

Connection = sqlite3.Connection


class Session(Protocol):
    """Statements, with a question mark for each value."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Any:  # Any: values and cursors of any kind
        ...


RESTORED = (*APPEND_ONLY_TABLES, "person_keys", "erased_names")
"""What a restore puts back of a log."""

Refusal = (sqlite3.IntegrityError, postgres.Refusal)
"""How the database refuses what its triggers and keys forbid."""

FAILURE = sqlite3.OperationalError("disk I/O error")
"""What a failing disk looks like."""

DAMAGE = sqlite3.DatabaseError("database disk image is malformed")


def sqlite(directory: Path) -> dict[str, Any]:
    """The settings of a database in that directory."""
    return {"database": f"sqlite:///{directory / 'seatledger.sqlite'}"}


def postgresql(directory: Path) -> dict[str, Any]:
    """The settings of a database that belongs to that directory, in which the secrets of its machine lie."""
    name = postgres.database_of(directory)
    return {
        "database": postgres.url(name),
        "database_owner": postgres.url(name, postgres.OWNER),
        "secret_key_file": directory / "secret.key",
    }


DATABASES: dict[str, Callable[[Path], dict[str, Any]]] = {"postgresql": postgresql, "sqlite": sqlite}
"""Every database that Seatledger runs on, by what makes the settings of one for a directory."""


TEXTS_BYTES = {
    "postgresql": ("convert_from(?, 'UTF8')", "convert_to({}, 'UTF8')"),
    "sqlite": ("CAST(? AS TEXT)", "CAST({} AS BLOB)"),
}
"""How a column of texts is written from bytes, and read as such."""


@cache
def prepared() -> bytes:
    """A file of SQLite's with all its tables and nothing in them; writing it takes less than making one."""
    with TemporaryDirectory() as directory:
        log = SQLiteLog(Path(directory) / "seatledger.sqlite")
        log.make(create_tables)
        log.settle()
        return log.place.read_bytes()


class Running:
    """The database on which tests run now; conftest.py says which."""

    kind = "sqlite"


def settings_in(directory: Path) -> dict[str, Any]:
    """The settings of a database for that directory, of the kind on which tests run now."""
    return DATABASES[Running.kind](directory)


def audit_writer() -> type[AuditWriter] | type[PostgresAuditWriter]:
    """What keeps checkpoints on the kind of database on which tests run now."""
    return PostgresAuditWriter if Running.kind == "postgresql" else AuditWriter


def copy(settings: Settings, directory: Path) -> None:
    """Let another directory have a copy of that database, of which nobody is the wiser."""
    if settings.log.path is None:
        postgres.make(directory, postgres.name_in(settings.database))
    else:
        back_up(settings.log.path, sqlite(directory)["database"].removeprefix("sqlite:///"))


def copy_all(world: World, directory: Path) -> None:
    """A copy of a database that nobody has open, and of every file that lies beside it."""
    shutil.copytree(world.directory, directory, dirs_exist_ok=True)
    if world.settings.log.path is None:
        postgres.make(directory, postgres.name_in(world.settings.database))


def asking(settings: Settings) -> AbstractContextManager[Session]:
    """Whoever asks the database itself."""
    if settings.log.path is None:
        return postgres.connected(postgres.name_in(settings.database))
    return connected(settings.log.path)


def attacking_at(settings: Settings) -> AbstractContextManager[Session]:
    """Whoever the database refuses nothing."""
    if settings.log.path is None:
        return postgres.attacking(postgres.name_in(settings.database))
    return attacking(settings.log.path)


def put_in(attacker: Session, table: str, rows: Sequence[Sequence[Any]]) -> None:  # Any: columns of any type
    """These rows stand in a table, too."""
    for row in rows:
        attacker.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608


def rows_of(settings: Settings) -> Callable[[], None]:
    """What the log and people's keys are now; gives how they are put back, as a server's own restore does it."""
    with asking(settings) as session:
        kept = {table: session.execute(f"SELECT * FROM {table}").fetchall() for table in RESTORED}  # noqa: S608

    def put_back() -> None:
        with attacking_at(settings) as attacker:
            for table, rows in kept.items():
                attacker.execute(f"DELETE FROM {table}")  # noqa: S608
                put_in(attacker, table, rows)

    return put_back


def alter_state(attacker: Session, position: int, old: bytes, new: bytes) -> None:
    """What the event at a position says is another thing from now on; `old` stands in it."""
    ((state,),) = attacker.execute(
        "SELECT state FROM stored_events WHERE originator_version = ?", (position,)
    ).fetchall()
    altered = bytes(state).replace(old, new)
    assert altered != state
    attacker.execute("UPDATE stored_events SET state = ? WHERE originator_version = ?", (altered, position))


def connect(path: str | Path) -> sqlite3.Connection:
    """A connection of one's own; each statement is committed at once, unless one begins a transaction."""
    return sqlite3.connect(path, isolation_level=None)


@contextmanager
def connected(path: str | Path) -> Iterator[sqlite3.Connection]:
    """The same, closed in the end."""
    with closing(connect(path)) as connection:
        yield connection


@contextmanager
def attacking(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Somebody with access to the file, who removes what refuses changes; a fresh start puts it back."""
    with connected(path) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table in APPEND_ONLY_TABLES:
            for verb in ("insert", "update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {table}_refuse_{verb}")
        yield connection


def back_up(path: str | Path, to: str | Path) -> None:
    """A copy as SQLite's online backup makes it."""
    with connected(path) as source, connected(to) as target:
        source.backup(target)
