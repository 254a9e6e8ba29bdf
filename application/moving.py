"""Moving: an installation is carried into another database, whole or not at all; the old one stays as it is."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

from application.backups import examined, failed
from application.credentials.tables import create_tables
from application.examination import LogContradicted
from application.files import new_private
from application.log import Log
from application.log.failures import DatabaseUnusable, NoInstallation, database_errors, reason
from application.log.schema import ask_known
from application.log.stored import Progress
from domain.refusals import Problem, Refused

PROGRESS_EVERY = 1000


class MoveRefused(Refused):
    """Nothing was moved: both databases are what they were."""

    code = "move_refused"

    @property
    def says(self) -> str:
        return f"{self.code}.altered" if "position" in self.facts else self.code


class Moved(NamedTuple):
    """What was carried over and compared."""

    events: int
    checkpoints: int


def ask_movable(source: Log, target: Log) -> int:
    """How many events there are to be moved, after every look that needs no copy; nothing is changed.

    Raises MoveRefused, NoInstallation, SchemaUnfit, DatabaseUnusable.
    """
    if _is_same(source, target):
        raise MoveRefused(problem=Problem("in_it_already", place=str(source.place)))
    ask_known(source.schema_version(), str(source.place))
    id_ = _only_installation(source)
    _ask_alone(source)
    if target.path is not None and target.exists():
        raise MoveRefused(problem=Problem("file_exists", path=str(target.place)))
    if target.path is None and target.installation_ids():
        raise MoveRefused(problem=Problem("holds_installation", place=str(target.place)))
    with closing(source.reader()) as reader:
        return reader.newest_position(id_)


def move(source: Log, target: Log, now: datetime, progress: Progress) -> Moved:
    """Carry everything over in one snapshot of the source, examine it as `restore` does, and compare both in the end.

    The target has all of it from one moment on, and nothing before: killed in the midst, it can be run again. Each
    event is done twice, written and compared. Raises MoveRefused, SchemaUnfit, DatabaseUnusable.
    """
    id_ = _only_installation(source)
    beside = target.path.parent if target.path else None  # there is room for it where it goes
    try:
        with TemporaryDirectory(dir=beside, prefix=".seatledger-move-") as directory:
            file = Path(directory) / "seatledger.sqlite"
            new_private(file)
            source.back_up(file, {}, create_tables)
            with target.taking_in(file) as incoming:
                file.unlink()
                examined(incoming.log, id_, now)
                compared: list[Moved] = []

                def ask() -> None:
                    _ask_alone(source)
                    compared.append(_compared(source, incoming.log, id_, progress))

                target.give_way(incoming.log, file, create_tables, ask=ask, progress=progress)
        return compared[-1]
    except LogContradicted as contradiction:
        raise MoveRefused(**contradiction.facts) from contradiction
    except OSError as error:
        raise MoveRefused(problem=failed(target.path or Path(error.filename or ""), error)) from error


def _is_same(source: Log, target: Log) -> bool:
    if source.path and target.path:
        return source.path.resolve() == target.path.resolve()
    return source.place == target.place


def _only_installation(source: Log) -> UUID:
    for id_ in source.installation_ids():
        return id_
    raise NoInstallation


def _ask_alone(source: Log) -> None:
    if source.is_in_use():
        raise MoveRefused(problem=Problem("database_in_use", place=str(source.place)))


def _compared(source: Log, copy: Log, id_: UUID, progress: Progress) -> Moved:
    """Every event, leaf, checkpoint, key and alarm of both, as they are now. Raises MoveRefused, DatabaseUnusable."""
    try:
        return _equal(source, copy, id_, progress)
    except database_errors() as error:
        raise DatabaseUnusable(str(source.place), reason(error)) from error


def _equal(source: Log, copy: Log, id_: UUID, progress: Progress) -> Moved:
    with closing(source.reader()) as one, closing(copy.reader()) as other:
        events = 0
        with closing(one.records(id_)) as records, closing(other.records(id_)) as copies:
            for events, (record, copied) in enumerate(zip_longest(records, copies), 1):
                if record != copied:
                    raise MoveRefused(problem=Problem("changed_meanwhile", place=str(source.place), event=events))
                if events % PROGRESS_EVERY == 0:
                    progress(PROGRESS_EVERY)
        progress(events % PROGRESS_EVERY)
        checkpoints = one.checkpoints(id_)
        same = checkpoints == other.checkpoints(id_) and one.alarms(id_) == other.alarms(id_)
        if not same or sorted(one.log_keys(id_)) != sorted(other.log_keys(id_)):
            raise MoveRefused(problem=Problem("signed_meanwhile", place=str(source.place)))
        return Moved(events, len(checkpoints))
