"""Backups: a copy of the database while it is in use, and one that takes its place after it was examined."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from application.auditing import AuditLog
from application.credentials.tables import create_tables
from application.examination import LogContradicted
from application.files import problem_of, writing_new
from application.files_beside import FilesBeside
from application.log import DatabaseUnusable, Log
from application.log.mapper import AllowedTopicsMapper
from application.permissions import OTHERS_WRITE, barrier, owner_of
from application.proof.notes import load_log_key
from application.signer_memory import SignerMemory
from domain.refusals import Problem, Refused

NAME = "seatledger-{moment}.sqlite"


class BackupRefused(Refused):
    """No backup was written."""

    code = "backup_refused"

    @property
    def says(self) -> str:
        return f"{self.code}.altered" if "position" in self.facts else self.code


class RestoreRefused(Refused):
    """Nothing was restored: the database is what it was."""

    code = "restore_refused"

    @property
    def says(self) -> str:
        return f"{self.code}.altered" if "position" in self.facts else self.code


class BackedUp(NamedTuple):
    """The backup that was written, how far its history goes, and which files with secrets are in it."""

    backup: Path
    events: int
    newest: datetime
    secrets: tuple[Path, ...]


class Restored(NamedTuple):
    """The backup that was put in place, how far its history goes, and where the database that was there lies now."""

    backup: Path
    events: int
    newest: datetime
    aside: Path | None
    files: Mapping[str, bytes]
    """What the backup took along, by the names that it has there (see FilesBeside)."""


def back_up(log: Log, place: Path, files: FilesBeside, now: datetime, *, with_secrets: bool = False) -> BackedUp:
    """Write a backup into a directory, or as a new file, for its owner alone, whole or not at all.

    It holds what the database holds, the newest note that was signed and who was erased; and no secret unless asked.
    Before it gets its name, it is examined as `restore` does it. Raises BackupRefused, FileExists, DatabaseUnusable if
    the database is damaged.
    """
    backup = place / NAME.format(moment=_in_a_name(now)) if place.is_dir() else place
    try:
        _ask_safe(backup.parent)
        # Read before the database is copied: what they say then is true of the copy too, which may know of more.
        contents = files.read(with_secrets=with_secrets)
        with writing_new(backup) as stream:
            copy = log.back_up(Path(stream.name), contents, create_tables)
            events, newest = examined(copy, copy.installation_ids()[0], now)
    except LogContradicted as contradiction:
        raise BackupRefused(**contradiction.facts) from contradiction
    except OSError as error:
        raise BackupRefused(problem=failed(backup, error)) from error
    secrets = tuple(path for name, path in files.secrets.items() if name in contents)
    return BackedUp(backup, events, newest, secrets)


def restore(log: Log, backup: Path, now: datetime, *, replacing: bool) -> Restored:
    """Put a backup, or the newest one of a directory, in the database's place; a file that is there is kept beside it.

    The backup is examined first: by the database itself, and every event against its leaf and every checkpoint.
    A server's database must hold no installation. Raises RestoreRefused, DatabaseUnusable, SchemaUnfit, LogUnreadable
    if the backup is from a newer version.
    """
    backup = _newest_of(backup) if backup.is_dir() else backup
    is_there = _ask_place(log, replacing=replacing)
    place = log.path or backup
    aside = place.with_name(f"{place.name}.replaced-{_in_a_name(now)}")
    try:
        with log.taking_in(backup) as incoming:
            id_ = _only_installation(incoming.log, backup)
            if is_there:
                _ask_same_installation(log, id_)
            events, newest = examined(incoming.log, id_, now)
            if is_there and log.is_in_use():
                raise RestoreRefused(problem=Problem("database_in_use", place=str(log.place)))
            log.give_way(incoming.log, aside, create_tables)
    except LogContradicted as contradiction:
        raise RestoreRefused(**contradiction.facts) from contradiction
    except OSError as error:
        raise RestoreRefused(problem=failed(log.path or backup, error)) from error
    return Restored(backup, events, newest, aside if is_there else None, incoming.files)


def _ask_place(log: Log, *, replacing: bool) -> bool:
    """Whether there is a file to be replaced. Nothing is ever replaced on a server. Raises RestoreRefused."""
    if log.path is None:
        if log.installation_ids():
            raise RestoreRefused(problem=Problem("server_holds_installation", place=str(log.place)))
        return False
    if log.exists() and not replacing:
        raise RestoreRefused(problem=Problem("database_is_there", place=str(log.place)))
    return log.exists()


def _ask_safe(directory: Path) -> None:
    """Nobody else may write there: who does could put another file in a backup's place."""
    info = directory.stat()
    if os.name != "posix":  # elsewhere a mode says nothing
        return
    if info.st_mode & OTHERS_WRITE:
        raise BackupRefused(problem=Problem("others_can_write", path=str(directory)))
    if os.geteuid() not in (0, info.st_uid) and info.st_uid != 0:
        raise BackupRefused(problem=Problem("belongs_to_another", path=str(directory), owner=owner_of(directory)))


def _newest_of(directory: Path) -> Path:
    backups = sorted(directory.glob(NAME.format(moment="*")))  # their names sort as their moments do
    if not backups:
        raise RestoreRefused(problem=Problem("no_backup_there", directory=str(directory)))
    return backups[-1]


def _only_installation(incoming: Log, backup: Path) -> UUID:
    ids = incoming.installation_ids()
    if len(ids) != 1:
        raise RestoreRefused(problem=Problem("backup_holds_nothing", backup=str(backup)))
    return ids[0]


def _ask_same_installation(log: Log, id_: UUID) -> None:
    """A backup replaces its own installation alone. One that is damaged cannot say which it is, and gives way."""
    try:
        ids = log.installation_ids()
    except DatabaseUnusable:
        return
    if ids and ids != [id_]:
        there, other = str(ids[0]), str(id_)
        raise RestoreRefused(
            problem=Problem("other_installation_there", place=str(log.place), there=there, other=other)
        )


def examined(copy: Log, id_: UUID, now: datetime) -> tuple[int, datetime]:
    """How many events there are, and when the newest was recorded, after every check. Raises LogContradicted."""
    # It asks for no log key, and so for nothing that was signed with it: a backup is older than that.
    beside = copy.path or Path()
    audit_log = AuditLog(copy, lambda: load_log_key(beside), SignerMemory.beside(beside), lambda: now)
    events = audit_log.ask_whole(id_)
    with closing(copy.reader()) as reader:
        newest = AllowedTopicsMapper().to_domain_event(next(reader.events(id_, newest_first=True)))
    return events, newest.timestamp


def _in_a_name(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def failed(path: Path, error: OSError) -> Problem:
    """Why a file at or beside `path` could not be read or written."""
    place = Path(error.filename or path)
    problem = barrier(place) or barrier(path, writing=True) if isinstance(error, PermissionError) else None
    return problem or Problem("file_failed", path=str(place), reason=problem_of(error))
