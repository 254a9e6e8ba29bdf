"""Backups: a copy of the database while it is in use, and one that takes its place after it was examined."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from application.auditing import AuditLog
from application.examination import LogContradicted
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


class RestoreRefused(Refused):
    """Nothing was restored: the database is what it was."""

    code = "restore_refused"

    @property
    def says(self) -> str:
        return f"{self.code}.altered" if "position" in self.facts else self.code


class Restored(NamedTuple):
    """The backup that was put in place, how far its history goes, and where the database that was there lies now."""

    backup: Path
    events: int
    newest: datetime
    aside: Path | None


def back_up(log: Log, directory: Path, now: datetime) -> Path:
    """Write a backup into a directory, for its owner alone, whole or not at all; gives its path.

    It holds what the database holds, and no key. Raises BackupRefused, DatabaseUnusable if the database is damaged.
    """
    _ask_safe(directory)
    backup = directory / NAME.format(moment=_in_a_name(now))
    try:
        log.back_up(backup)
    except OSError as error:
        raise BackupRefused(problem=_failed(backup, error)) from error
    return backup


def restore(log: Log, backup: Path, now: datetime, *, replacing: bool) -> Restored:
    """Put a backup, or the newest one of a directory, in the database's place; that is kept beside it.

    The backup is examined first: by the database itself, and every event against its leaf and every checkpoint.
    Raises RestoreRefused, DatabaseUnusable, LogUnreadable if the backup is from a newer version.
    """
    backup = _newest_of(backup) if backup.is_dir() else backup
    is_there = log.exists()
    if is_there and not replacing:
        raise RestoreRefused(problem=Problem("database_is_there", place=str(log.place)))
    if log.path is None:
        raise RestoreRefused(problem=Problem("server_restores", place=str(log.place)))
    aside = log.path.with_name(f"{log.path.name}.replaced-{_in_a_name(now)}")
    try:
        with log.taking_in(backup) as incoming:
            id_ = _only_installation(incoming, backup)
            _ask_same_installation(log, id_)
            events, newest = _examined(incoming, backup, id_, now)
            if is_there and log.is_in_use():
                raise RestoreRefused(problem=Problem("database_in_use", place=str(log.place)))
            log.give_way(incoming, aside)
    except OSError as error:
        raise RestoreRefused(problem=_failed(log.path, error)) from error
    return Restored(backup, events, newest, aside if is_there else None)


def _ask_safe(directory: Path) -> None:
    """Nobody else may write there: who does could put another file in a backup's place."""
    if os.name != "posix":  # elsewhere a mode says nothing
        return
    info = directory.stat()
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
        ids = log.installation_ids() if log.exists() else []
    except DatabaseUnusable:
        return
    if ids and ids != [id_]:
        there, other = str(ids[0]), str(id_)
        raise RestoreRefused(
            problem=Problem("other_installation_there", place=str(log.place), there=there, other=other)
        )


def _examined(incoming: Log, backup: Path, id_: UUID, now: datetime) -> tuple[int, datetime]:
    """How many events there are, and when the newest was recorded, after every check."""
    # It asks for no log key, and so for nothing that was signed with it: a backup is older than that.
    beside = incoming.path or backup
    audit_log = AuditLog(incoming, lambda: load_log_key(beside), SignerMemory.beside(beside), lambda: now)
    try:
        events = audit_log.ask_whole(id_)
    except LogContradicted as contradiction:
        raise RestoreRefused(**contradiction.facts) from contradiction
    with closing(incoming.reader()) as reader:
        newest = AllowedTopicsMapper().to_domain_event(next(reader.events(id_, newest_first=True)))
    return events, newest.timestamp


def _in_a_name(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _failed(path: Path, error: OSError) -> Problem:
    place = Path(error.filename or path)
    problem = barrier(place) or barrier(path, writing=True) if isinstance(error, PermissionError) else None
    return problem or Problem("file_failed", path=str(place), reason=error.strerror or type(error).__name__)
