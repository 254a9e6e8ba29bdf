"""The list of users: sorted by name, searched, a page at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from rpds import HashTrieMap

from application.views.entitlement import Entitlement
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


class UserList:
    """Keeps the sorted keys of the newest view; a view shares its map until a user is added or changed."""

    def __init__(self) -> None:
        self._sorted: tuple[HashTrieMap[str, User] | None, list[tuple[str, str]]] = (None, [])

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
        before = matching(reversed(keys[:start]))
        return Page(
            users[:limit],
            next=_place(users[limit - 1]) if len(users) > limit else None,
            previous=(_place(before[limit]) if len(before) > limit else "") if before else None,
        )

    def _keys(self, view: Entitlement) -> list[tuple[str, str]]:
        users, keys = self._sorted
        if users is not view.users:
            keys = sorted((user.login_key, user.user_id) for user in view.users.values())
            self._sorted = (view.users, keys)
        return keys
