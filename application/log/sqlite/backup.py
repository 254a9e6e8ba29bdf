"""SQLite: a database copied while others write, one examined before it is used, and one that takes another's place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from application.files import writing_whole
from application.log.failures import DatabaseUnusable
from application.log.sqlite.connection import writing

BESIDE = ("-wal", "-shm")
"""What SQLite lays beside a database, by what it adds to its name; the first holds what was written last."""

IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def beside(database: Path, added: str) -> Path:
    return database.with_name(database.name + added)


def settle(database: Path) -> None:
    """Write into the file what still stands beside it, so that a copy of the one file holds everything.

    Where others have the database open, or it cannot be written, it stays as it is: nothing is lost either way.
    """
    if not database.exists():  # to open it would make it
        return
    with suppress(sqlite3.Error), closing(_open(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_in_use(database: Path) -> bool:
    """Whether any process has it open, idle ones too. One that is damaged can no longer say so.

    Only who is alone may end the write-ahead log; opening the database for the next time begins it again.
    """
    if not database.exists():
        return False
    try:
        with closing(_open(database)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode in IN_USE
    except sqlite3.DatabaseError:
        return False
    return False


def back_up(database: Path, target: Path, files: Mapping[str, bytes]) -> None:
    """Copy the database as it is at one moment into the empty file `target`, and the files with it; others go on.

    Raises OSError, DatabaseUnusable if the copy is damaged, which means that the database is.
    """
    try:
        with closing(_open(database)) as source, filling(target, files, str(database)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise DatabaseUnusable(str(database), str(error)) from error


@contextmanager
def filling(target: Path, files: Mapping[str, bytes], origin: str) -> Iterator[sqlite3.Connection]:
    """The file of a backup, to fill with the rows of the database `origin`; then the files are laid in.

    Raises sqlite3.Error, DatabaseUnusable if it is not whole.
    """
    with closing(_open(target)) as copy:
        yield copy
        _drop_snapshots(copy)
        lay_in(copy, files)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, which can be read where nothing can be written
        _ask_whole(copy, origin)


def take_in(backup: Path, target: Path) -> dict[str, bytes]:
    """Copy a backup, and what stands beside it, into the new file `target`; then `target` alone holds all of it.

    Gives the files that were in it, and are no longer. Raises OSError, DatabaseUnusable if it is damaged or no
    database.
    """
    with writing_whole(target) as stream, backup.open("rb") as source:
        shutil.copyfileobj(source, stream)
    try:
        if beside(backup, BESIDE[0]).exists():  # a copy of the files as they lay there, not one of ours
            shutil.copyfile(beside(backup, BESIDE[0]), beside(target, BESIDE[0]))
        with closing(_open(target)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
            _ask_whole(copy, str(backup))
            _drop_snapshots(copy)
            return take_out(copy)
    except sqlite3.Error as error:
        raise DatabaseUnusable(str(backup), str(error)) from error


def lay_in(copy: sqlite3.Connection, files: Mapping[str, bytes]) -> None:
    """Put files into a copy, in a table that no database has that is in use."""
    copy.execute("CREATE TABLE files_beside (name TEXT PRIMARY KEY, content BLOB NOT NULL)")
    copy.executemany("INSERT INTO files_beside VALUES (?, ?)", files.items())


def take_out(copy: sqlite3.Connection) -> dict[str, bytes]:
    """The files in a copy, from which they are gone then: secrets may be among them."""
    (there,) = copy.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'files_beside'"
    ).fetchone()
    if not there:  # a plain copy, or a backup of an older version
        return {}
    rows = copy.execute("SELECT name, content FROM files_beside").fetchall()
    copy.execute("DROP TABLE files_beside")
    return {str(name): bytes(content) for name, content in rows}


def take_place(source: Path, database: Path, aside: Path) -> None:
    """Put `source` where the database is, and keep that as `aside`. There is a database at every moment.

    Whoever gives the command, the new file belongs to whom the old one did, else to whom the directory does.
    """
    owner = (database if database.exists() else database.parent).stat()
    if os.name == "posix" and os.geteuid() == 0:
        os.chown(source, owner.st_uid, owner.st_gid)
    is_there = database.exists()
    if is_there:
        os.link(database, aside)
    for added in BESIDE:  # left by a crash, they would be taken for the new database's own
        if beside(database, added).exists():
            beside(database, added).rename(beside(aside, added))
    if is_there:
        source.replace(database)
    else:  # a file that came meanwhile is nobody's to replace: this fails then
        os.link(source, database)
        source.unlink()


def _drop_snapshots(copy: sqlite3.Connection) -> None:
    """A copy holds the history and what belongs to it; a snapshot of the view is made anew from there."""
    if copy.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'view_snapshots'").fetchone():
        copy.execute("DELETE FROM view_snapshots")


def _ask_whole(copy: sqlite3.Connection, origin: str) -> None:
    (answer, *_) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise DatabaseUnusable(origin, answer.splitlines()[-1])  # the line above it only says “main”


def _open(database: Path | str) -> sqlite3.Connection:
    return writing(str(database))
