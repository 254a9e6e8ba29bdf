"""Several users at once: what is done to all of them, or to none if one is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Self

from application.log.acting import Command
from domain.installation import Installation, Stamp
from domain.login_name import login_key, shown
from domain.refusals import LastAdministrator, LoginNameTaken, Problem, Refused

Deed = Callable[[], None]
"""Does something to one user. Raises the Refused that keeps it from being done."""

BadName = tuple[str, Problem | Refused]
"""A user's name, and what keeps from doing it."""


class UsersRefused(Refused):
    """Some of several users were refused; nothing was changed. The fact `lines` has every BadName."""

    code = "users_refused"

    @classmethod
    def for_names(cls, names: list[BadName]) -> Self:
        return cls(count=len(names), lines=names)


def to_each(login_names: Iterable[str], act: Callable[[Installation, str, Stamp], None]) -> Command:
    """The command that acts on every user.

    Raises UsersRefused, which names every user who is refused; of a single one, the refusal itself.
    """
    names = list(login_names)

    def command(installation: Installation, stamp: Stamp) -> None:
        bad = refused_of(installation, [(name, partial(act, installation, name, stamp)) for name in names])
        if bad and len(names) == 1 and isinstance(refusal := bad[0][1], Refused):
            raise refusal
        if bad:
            raise UsersRefused.for_names(bad)

    return command


def refused_of(installation: Installation, deeds: Iterable[tuple[str, Deed]]) -> list[BadName]:
    """Does to each user what can be done, and gives those who are refused; the caller then stores nothing.

    What one of the deeds before is the reason for is told so: the rule alone would say what is not true yet.
    """
    names, administrators = installation.names, installation.administrators
    bad: list[BadName] = []
    for name, do in deeds:
        problem: Problem | Refused
        try:
            do()
        except LoginNameTaken as refusal:
            was_taken = login_key(name) in names or installation.bore_erased(login_key(name))
            problem = refusal if was_taken else Problem("login_name_twice")
        except LastAdministrator as refusal:
            problem = refusal if installation.administrators == administrators else Problem("last_of_these")
        except Refused as refusal:
            problem = refusal
        else:
            continue
        bad.append((shown(name), problem))
    return bad
