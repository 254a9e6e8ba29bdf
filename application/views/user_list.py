"""The list of users: sorted by name, searched, a page at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from application.views.entitlement import Entitlement
from application.views.name_changes import NameChanges
from domain.login_name import login_key
from domain.state import User


class Page(NamedTuple):
    """Users in the order of their login keys, erased ones first.

    `next` is the login name after which to go on, None at the end; `previous` the one after which the page before
    begins, "" if that is the first page, None on it. An erased user stands there by a blank and their id.
    """

    users: list[User]
    next: str | None
    previous: str | None = None


_LAST_ID = "~"
"""Comes after every id."""


def _place(user: User) -> str:
    return f" {user.user_id}" if user.is_erased else user.login_name


class SortedKeys(NamedTuple):
    """The login keys and ids of all users of a view, in their order, and the changes of names of its log."""

    view: Entitlement
    keys: list[tuple[str, str]]
    changes: NameChanges | None


class UserList:
    """Keeps the sorted keys of the newest view, into which each change of a name is put in its place."""

    def __init__(self, changes_of: Callable[[UUID], NameChanges] | None = None) -> None:
        """`changes_of` gives the changes of names in the log of an installation; without it, each view is sorted."""
        self._changes_of = changes_of
        self._sorted: SortedKeys | None = None

    def page(
        self,
        view: Entitlement,
        *,
        after: str = "",
        limit: int = 100,
        search: str = "",
        deleted: bool | None = None,
        administrator: bool | None = None,
        only: frozenset[str] | None = None,
    ) -> Page:
        """At most `limit` users after the login name `after` of whom a name, of now or before, contains `search`.

        `deleted` False leaves deleted users out, True gives them alone, None gives all; `administrator` likewise.
        `only` are the ids of those who may stand there at all.
        """
        keys = self._keys(view)
        part = login_key(search)
        is_erased = after.startswith(" ") and after[1:] in view.users
        place = ("", after[1:]) if is_erased else (login_key(after), _LAST_ID)
        start = bisect_right(keys, place) if after else 0
        former = {id_ for id_, names in view.former_names.items() if any(part in each.login_key for each in names)}

        def matching(keys: Iterable[tuple[str, str]]) -> list[User]:
            users = (view.users[id_] for key, id_ in keys if part in key or id_ in former)
            fitting = (
                user
                for user in users
                if deleted in (None, user.is_deleted)
                and administrator in (None, user.is_administrator)
                and (only is None or user.user_id in only)
            )
            return list(islice(fitting, limit + 1))

        users = matching(islice(keys, start, None))
        before = matching(keys[number] for number in range(start - 1, -1, -1))
        return Page(
            users[:limit],
            next=_place(users[limit - 1]) if len(users) > limit else None,
            previous=(_place(before[limit]) if len(before) > limit else "") if before else None,
        )

    def _keys(self, view: Entitlement) -> list[tuple[str, str]]:
        before, changes = self._sorted, self._changes_of(view.installation_id) if self._changes_of else None
        if before is not None and before.view.users is view.users:
            return before.keys
        keys = _followed(before, view) if before is not None and before.changes is changes else None
        if keys is None:
            keys = sorted((user.login_key, user.user_id) for user in view.users.values())
        if before is None or before.changes is not changes or before.view.position < view.position:
            self._sorted = SortedKeys(view, keys, changes)
        return keys


def _followed(before: SortedKeys, view: Entitlement) -> list[tuple[str, str]] | None:
    """The sorted keys of a later view of the same log; None if it is not known what has changed."""
    changed = before.changes.between(before.view.position, view.position) if before.changes else None
    if changed is None:
        return None
    keys = before.keys.copy() if changed else before.keys  # others may be reading it
    for user_id in changed:
        old, new = before.view.users.get(user_id), view.users.get(user_id)
        if old is not None:
            del keys[bisect_left(keys, (old.login_key, user_id))]
        if new is not None:
            insort(keys, (new.login_key, user_id))
    return keys if len(keys) == len(view.users) else None
