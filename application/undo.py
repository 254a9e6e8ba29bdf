"""Taking back what a command did to users: what that was, what changed since, and the command that undoes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha1
from typing import NamedTuple
from uuid import UUID, uuid5

from application.user_batch import BadName, UsersRefused, refused_of
from application.user_import import MAX_LINES
from domain.installation import Installation, Stamp
from domain.refusals import Problem, Refused

OnUser = (
    Installation.UserAdded
    | Installation.UserDeleted
    | Installation.UserRestored
    | Installation.UserRenamed
    | Installation.AdministratorGranted
    | Installation.AdministratorRevoked
)
"""The events that undo takes back."""


class UnknownCommand(Refused):
    """No event of the history is of this command."""

    code = "unknown_command"


class CommandNotOnUsers(Refused):
    """The command did something else than change users."""

    code = "command_not_on_users"


class UndoRefused(UsersRefused):
    """Some of the users cannot be as they were; nothing was undone."""

    code = "undo_refused"


class Undone(NamedTuple):
    """What taking a command back did: login names, by what became of them."""

    deleted: list[str]
    restored: list[str]
    granted: list[str]
    revoked: list[str]
    renamed: list[str]
    """Those who have the name again that they had before."""
    were_administrators: list[str]
    """Those of the restored ones who had been administrators: they are ordinary users now (U6)."""


class UserCommand(NamedTuple):
    """What a command did to users, as the history has it up to a position."""

    command_id: UUID
    position: int
    events: list[OnUser]
    """Its events, the oldest first."""
    since: dict[str, OnUser | Installation.PersonErased]
    """The first later event about each of its users, by their id; of erased ones, that they were."""
    were_administrators: list[str]
    """The ids of those whom it deleted while they were administrators."""
    names_before: dict[str, str]
    """The login names of those whom it renamed, as they were before, by their id."""


def user_command(events: Callable[[], Iterable[Installation.Event]], command_id: UUID) -> UserCommand:
    """Finds a command by its id; that of an import is the one from which its lines' ids are made.

    `events` reads the whole history, each time that it is called. Raises UnknownCommand, CommandNotOnUsers.
    """
    ids = _ids(events, command_id)
    position = 0
    mine: list[OnUser] = []
    since: dict[str, OnUser | Installation.PersonErased] = {}
    users: set[str] = set()
    names: dict[str, str] = {}
    names_before: dict[str, str] = {}
    administrators: set[str] = set()
    were_administrators: list[str] = []
    for event in events():
        position = event.originator_version
        if event.command_id in ids:
            if not isinstance(event, OnUser):
                raise CommandNotOnUsers(command_id=str(command_id))
            mine.append(event)
            users.add(event.user_id)
            if isinstance(event, Installation.UserDeleted) and event.user_id in administrators:
                were_administrators.append(event.user_id)
            if isinstance(event, Installation.UserRenamed):
                names_before.setdefault(event.user_id, names[event.user_id])
        elif isinstance(event, OnUser) and event.user_id in users:
            since.setdefault(event.user_id, event)
        elif isinstance(event, Installation.PersonErased) and event.account_id in users:
            since[event.account_id] = event
        _note_right(administrators, event)
        if isinstance(event, Installation.UserAdded | Installation.UserRenamed):
            names[event.user_id] = event.login_name
    return UserCommand(command_id, position, mine, since, were_administrators, names_before)


def _ids(events: Callable[[], Iterable[Installation.Event]], command_id: UUID) -> set[str]:
    """The command ids of the events that a command recorded. Raises UnknownCommand if there are none."""
    recorded = {event.command_id for event in events()}
    if str(command_id) in recorded:
        return {str(command_id)}
    # An import's lines have ids of version 5. Which line one is of, only trying tells; uuid5 itself would take six
    # times as long as the hash that it begins with.
    lines = {id_ for id_ in recorded if id_[14:15] == "5"}
    beginnings = {bytes.fromhex(id_[:8] + id_[9:13]) for id_ in lines}
    ids: set[str] = set()
    for number in range(MAX_LINES + 1):
        if len(ids) == len(lines):
            break
        digest = sha1(command_id.bytes + b"%d" % number, usedforsecurity=False).digest()
        if digest[:6] in beginnings and (id_ := str(uuid5(command_id, str(number)))) in lines:
            ids.add(id_)
    if not ids:
        raise UnknownCommand(command_id=str(command_id))
    return ids


def _note_right(administrators: set[str], event: Installation.Event) -> None:
    match event:
        case Installation.UserAdded() if event.administrator:
            administrators.add(event.user_id)
        case Installation.AdministratorGranted():
            administrators.add(event.user_id)
        case Installation.AdministratorRevoked() | Installation.UserDeleted():
            administrators.discard(event.user_id)


def take_back(command: UserCommand, installation: Installation, stamp: Stamp) -> Undone:
    """Undo what the command did, the newest event first.

    Raises UndoRefused, which names everybody who was changed since, or whom a rule keeps as they are.
    """
    changed = [(installation.users[user_id].login_name, _changed_by(later)) for user_id, later in command.since.items()]
    deeds = [
        (user.login_name, partial(_take_back, event, command, user.login_name, installation, stamp))
        for event in reversed(command.events)
        if (user := installation.users[event.user_id]) and event.user_id not in command.since
    ]
    bad: list[BadName] = [*changed, *refused_of(installation, deeds)]
    if bad:
        raise UndoRefused.for_names(bad)
    return undone_names(command, installation)


def _changed_by(later: OnUser | Installation.PersonErased) -> Problem:
    code = "erased_since" if isinstance(later, Installation.PersonErased) else "changed_since"
    return Problem(code, position=later.originator_version, command_id=later.command_id)


def _take_back(event: OnUser, command: UserCommand, login_name: str, installation: Installation, stamp: Stamp) -> None:
    match event:
        case Installation.UserRenamed():
            installation.rename_user(login_name, command.names_before[event.user_id], stamp=stamp)
        case Installation.UserAdded() | Installation.UserRestored():
            installation.delete_user(login_name, stamp=stamp)
        case Installation.UserDeleted():
            installation.restore_user(login_name, stamp=stamp)
        case Installation.AdministratorGranted():
            installation.revoke_administrator(login_name, stamp=stamp)
        case Installation.AdministratorRevoked():
            installation.grant_administrator(login_name, stamp=stamp)


def undone_names(command: UserCommand, installation: Installation) -> Undone:
    """What taking the command back did, once it is done."""

    def names(*kinds: type[OnUser]) -> list[str]:
        ids = [event.user_id for event in command.events if isinstance(event, kinds)]
        return [installation.users[user_id].login_name for user_id in ids]

    return Undone(
        deleted=names(Installation.UserAdded, Installation.UserRestored),
        restored=names(Installation.UserDeleted),
        granted=names(Installation.AdministratorRevoked),
        revoked=names(Installation.AdministratorGranted),
        renamed=names(Installation.UserRenamed),
        were_administrators=[installation.users[user_id].login_name for user_id in command.were_administrators],
    )
