"""The list of users: sorted by name, searched, a page at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from rpds import HashTrieMap

from application.views.entitlement import Entitlement, User
from domain.login_name import login_key


class Page(NamedTuple):
    """Users in the order of their login keys.

    `next` is the login name after which to go on, None at the end; `previous` the one after which the page before
    begins, "" if that is the first page, None on it.
    """

    users: list[User]
    next: str | None
    previous: str | None = None


class UserList:
    """Keeps the sorted keys of the newest view; a view shares its map until a user is added or changed."""

    def __init__(self) -> None:
        self._sorted: tuple[HashTrieMap[str, User] | None, list[str]] = (None, [])

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
        """At most `limit` users after the login name `after` whose login name contains `search`.

        `deleted` False leaves deleted users out, True gives them alone, None gives all; `administrator` likewise.
        `only` are the ids of those who may stand there at all.
        """
        keys = self._keys(view)
        part = login_key(search)
        start = bisect_right(keys, login_key(after)) if after else 0

        def matching(keys: Iterable[str]) -> list[User]:
            users = (view.users[key] for key in keys if part in key)
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
            next=users[limit - 1].login_name if len(users) > limit else None,
            previous=(before[limit].login_name if len(before) > limit else "") if before else None,
        )

    def _keys(self, view: Entitlement) -> list[str]:
        users, keys = self._sorted
        if users is not view.users:
            keys = sorted(view.users)
            self._sorted = (view.users, keys)
        return keys
