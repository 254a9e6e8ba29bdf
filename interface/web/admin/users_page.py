"""The Users screen: the list, its search and filters, and the way back to it after a change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from application.accounts import account_of
from application.last_days import NEVER, Unused, UnusedUnknown
from application.license_keys import day_from
from application.user_sheet import sheet_of
from application.views.entitlement import Entitlement
from application.views.user_list import Page
from domain.login_name import login_key
from domain.refusals import Refused
from interface.web import caller
from interface.web.downloads import SHEET, attached

PAGE = 50


class Shown(NamedTuple):
    """Which users a list shows; None is whatever they are."""

    deleted: bool | None = None
    administrator: bool | None = None


class Listed(NamedTuple):
    """A page of the list; if it is of unused licenses, who holds one, or why that is not known."""

    page: Page
    unused: Unused | None
    unknown: UnusedUnknown | None


SHOWN = {
    "present": Shown(deleted=False),
    "administrators": Shown(deleted=False, administrator=True),
    "deleted": Shown(deleted=True),
    "all": Shown(),
}
"""By what the form calls them; the first if not said otherwise."""

PLACE = ("search", "show", "added_from", "unused", "after")
"""What says which part of the list is on the screen."""


UNUSED = {"30": 30, "90": 90, "180": 180, "never": NEVER}
"""For how many days somebody was not there, by what the form calls it."""


def back() -> Response:
    """To the list as it was: the same search, the same page, and the row that was acted on, or the one after it."""
    where = {name: request.form.get(name) or None for name in PLACE}
    row = request.form.get("row", "")
    anchor = f"user-{row}" if row.isascii() and row.replace("-", "").isalnum() else None
    return redirect(url_for("users.screen", **where, _anchor=anchor), 303)  # type: ignore[arg-type]


def page(fields: Mapping[str, str], refusal: Refused | None = None) -> str:
    """The screen. `fields` say which part of the list it shows; of a form, they also are what was typed."""
    now = caller.now()
    view = now.view
    where = _where(fields)
    users, unused, unknown = _users(where, limit=PAGE)
    without_password = {
        user.user_id
        for user in users.users
        if (account := account_of(view, user.user_id)) and not caller.accounts().has_password(account)
    }
    return render_template(
        "users.html",
        page=users,
        where=where,
        without_password=without_password,
        former_names=_former_names(view, users, where["search"]),
        valid=now.valid,
        in_use=view.in_use,
        refusal=refusal,
        restorable=_restorable(fields, refusal),
        unused=unused,
        unknown=unknown,
        today=now.day,
        last_days=caller.seatledger().last_days.day_of(user.user_id for user in users.users),
    )


def sheet(fields: Mapping[str, str]) -> Response:
    """Everybody on the list, on whichever page, as a file; of all users those who are present."""
    view = caller.view()
    where = _where(fields)
    if where["show"] == "all":
        where["show"] = "present"
    users = _users(where | {"after": ""}, limit=len(view.users)).page.users
    rows = sheet_of(users, caller.seatledger().last_days.days())
    return attached((row.encode() for row in rows), SHEET, f"users-{view.position}.csv")


def _where(fields: Mapping[str, str]) -> dict[str, str]:
    where = {name: fields.get(name, "") for name in PLACE}
    if where["show"] not in SHOWN:
        where["show"] = next(iter(SHOWN))
    if where["unused"] not in UNUSED:
        where["unused"] = ""
    elif where["show"] not in ("present", "administrators"):  # nobody else holds a license
        where["show"] = "present"
    return where


def _former_names(view: Entitlement, users: Page, search: str) -> dict[str, str]:
    """By id, the name of before by which a search finds somebody who is named otherwise now (U8)."""
    part = login_key(search)
    return {
        user.user_id: former.login_name
        for user in users.users
        if part not in user.login_key
        for former in view.former_names.get(user.user_id, ())
        if part in former.login_key
    }


def _users(where: Mapping[str, str], limit: int) -> Listed:
    shown = SHOWN[where["show"]]
    first_day = _day(where["added_from"])
    only = unused = unknown = None
    if first_day:
        only = caller.licensing().users_added_since(caller.installation_id(), first_day)
    if where["unused"]:
        try:
            unused = _unused(where["unused"])
        except UnusedUnknown as refusal:
            unknown = refusal
        ids = unused.ids if unused else frozenset()
        only = ids if only is None else only & ids
    page = caller.seatledger().user_list.page(
        caller.view(),
        after=where["after"],
        limit=limit,
        search=where["search"],
        deleted=shown.deleted,
        administrator=shown.administrator,
        only=only,
    )
    return Listed(page, unused, unknown)


def _unused(choice: str) -> Unused:
    """Raises UnusedUnknown."""
    id_, days = caller.installation_id(), UNUSED[choice]
    return caller.seatledger().last_days.unused(id_, days, never=choice == "never")


def _day(text: str) -> date | None:
    try:
        return day_from(text)
    except ValueError:
        return None


def _restorable(fields: Mapping[str, str], refusal: Refused | None) -> str | None:
    """The registered name of the deleted user for whom a refused form asked: to be restored instead (W-18)."""
    if refusal is None or refusal.code != "user_deleted":
        return None
    user = caller.view().user(fields.get("login_name", ""))
    return user.login_name if user and user.is_deleted else None
