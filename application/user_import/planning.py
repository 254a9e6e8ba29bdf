"""What an import would do to an installation, and the command that does it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID, uuid5

from application.log.acting import Command
from application.user_import.lines import BadLine, ImportLine, ImportRefused
from domain.installation import Installation, Stamp
from domain.login_name import login_key, shown
from domain.refusals import LoginNameInvalid, LoginNameTaken, Problem, Refused
from domain.state import User


class OtherRights(NamedTuple):
    """Users who are administrators, or are not, while the list says otherwise: an import changes nobody's rights."""

    administrators: list[str]
    """Who is an administrator; the list says false."""
    users: list[str]
    """Who is an ordinary user, also a restored one (U6); the list says true."""


class Import(NamedTuple):
    """What an import does or did: the lines of new and of restored users, and how many names were there already."""

    new: list[ImportLine]
    present: int
    restored: list[ImportLine]
    other_rights: OtherRights

    @property
    def lines(self) -> list[ImportLine]:
        """The lines that record something, in the order of the file."""
        return sorted(self.new + self.restored, key=lambda line: line.number)

    def as_done(self, command_id: UUID, command_ids: Collection[str]) -> Import:
        """What came of it, by the ids of the commands that were recorded: a name that was taken since is there."""
        new, restored = (
            [line for line in lines if str(uuid5(command_id, str(line.number))) in command_ids]
            for lines in (self.new, self.restored)
        )
        present = self.present + len(self.lines) - len(new) - len(restored)
        return self._replace(new=new, restored=restored, present=present)


class _Planned(NamedTuple):
    """What becomes of a line; `user` is who bears the name already."""

    line: ImportLine
    user: User | None


def plan(installation: Installation, lines: Iterable[ImportLine], *, restore: bool = False) -> Import:
    """What importing the lines would do now; deleted users are restored if `restore`, else refused.

    Raises ImportRefused, naming every bad line.
    """
    planned: list[_Planned] = []
    bad: list[BadLine] = []
    first_line: dict[str, int] = {}
    for line in lines:
        user = installation.user_named(line.login_name)
        wrong = line.problem or _wrong(installation, line, user, restore=restore)
        if not isinstance(wrong, Refused) and line.problem is None:
            first = first_line.setdefault(login_key(line.login_name), line.number)
            if first != line.number:
                wrong = Problem("name_on_line_already", name=shown(line.login_name), line=first)
        if wrong is not None:
            bad.append((line.number, wrong))
        else:
            planned.append(_Planned(line, user))
    if bad:
        raise ImportRefused.for_lines(bad)
    return Import(
        new=[line for line, user in planned if user is None],
        present=sum(user is not None and not user.is_deleted for _, user in planned),
        restored=[line for line, user in planned if user is not None and user.is_deleted],
        other_rights=_other_rights(installation, planned),
    )


def _wrong(
    installation: Installation, line: ImportLine, user: User | None, *, restore: bool
) -> Problem | Refused | None:
    """What is wrong with a line's name by the rules; a present user's is in order."""
    try:
        installation.free_name(line.login_name)
    except LoginNameInvalid as refusal:
        return refusal
    except LoginNameTaken:
        if user is None:
            is_known = installation.account_of(line.login_name) is not None
            return Problem("name_of_auditor" if is_known else "name_of_erased", name=shown(line.login_name))
        if login_key(user.login_name) != login_key(line.login_name):
            return Problem("name_given_up", name=shown(line.login_name), now=user.login_name)
        if user.is_deleted and not restore:
            return Problem("name_of_deleted", name=user.login_name)
    return None


def _other_rights(installation: Installation, planned: list[_Planned]) -> OtherRights:
    known = [(line, user) for line, user in planned if user is not None and line.says_rights]
    return OtherRights(
        administrators=[
            user.login_name
            for line, user in known
            if not line.administrator and user.user_id in installation.administrators
        ],
        users=[
            user.login_name
            for line, user in known
            if line.administrator and user.user_id not in installation.administrators
        ],
    )


def adding(lines: list[ImportLine], *, restore: bool = False) -> Command:
    """The command that adds or restores the users of planned lines; line n is the command uuid5(command id, n).

    A name that was taken since the plan is passed over: refusing now, with half of the list stored, would help nobody.
    """

    def add(installation: Installation, stamp: Stamp) -> None:
        for line in lines:
            line_stamp = Stamp(stamp.by, uuid5(stamp.command_id, str(line.number)), stamp.moment)
            if installation.account_of(line.login_name) is None:
                installation.add_user(line.login_name, administrator=line.administrator, stamp=line_stamp)
            elif restore and installation.user_named(line.login_name):
                installation.restore_user(line.login_name, stamp=line_stamp)

    return add
