"""Users: the list with search and paging, and what an administrator does to a user."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.accounts import named
from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.confirmation import question
from interface.web.admin.passwords import offer_link
from interface.web.admin.tokens import offer_revoking
from interface.web.audiences import status_of

blueprint = Blueprint("users", __name__, url_prefix="/users")

PAGE = 50

SHOWN = {"present": False, "deleted": True, "all": None}
"""Which users the list shows; the first if not said otherwise."""


@blueprint.get("")
def screen() -> str:
    return _screen(request.args)


@blueprint.post("")
def add() -> ResponseReturnValue:
    name, administrator = _login_name(), "administrator" in request.form
    if administrator and (page := question()):
        return page
    caller.licensing().add_user(caller.installation_id(), name, administrator=administrator, by=caller.account().by)
    flash(caller.language().say("“{name}” was added.", name=_stored_name(name)), "done")
    if administrator:
        offer_link(name)
    return _back()


@blueprint.post("/delete")
def delete() -> Response:
    name = _login_name()
    caller.licensing().delete_user(caller.installation_id(), name, by=caller.account().by)
    flash(caller.language().say("“{name}” was deleted, which frees a license.", name=_stored_name(name)), "done")
    offer_revoking(caller.view().account_id(name))
    return _back()


@blueprint.post("/restore")
def restore() -> Response:
    name = _login_name()
    caller.licensing().restore_user(caller.installation_id(), name, by=caller.account().by)
    flash(caller.language().say("“{name}” was restored as an ordinary user.", name=_stored_name(name)), "done")
    return _back()


@blueprint.post("/grant")
def grant() -> ResponseReturnValue:
    if page := question():
        return page
    name = _login_name()
    caller.licensing().grant_administrator(caller.installation_id(), name, by=caller.account().by)
    flash(caller.language().say("“{name}” is an administrator now.", name=_stored_name(name)), "done")
    offer_link(name)
    return _back()


@blueprint.post("/revoke")
def revoke() -> Response:
    name = _login_name()
    caller.licensing().revoke_administrator(caller.installation_id(), name, by=caller.account().by)
    flash(caller.language().say("“{name}” is an ordinary user now.", name=_stored_name(name)), "done")
    offer_revoking(caller.view().account_id(name))
    return _back()


@blueprint.post("/link")
def link() -> ResponseReturnValue:
    """A new one-time link for an administrator who has no password yet, or has forgotten it."""
    if page := question():
        return page
    offer_link(_login_name())
    return _back()


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(request.form, refusal), status_of(refusal)


def _login_name() -> str:
    return request.form.get("login_name", "")


def _stored_name(login_name: str) -> str:
    """The name as it is registered, which may be spelled otherwise than what was sent (U1)."""
    user = caller.view().user(login_name)
    return user.login_name if user else login_name


def _back() -> Response:
    """To the list as it was: the same search, the same page."""
    search, show, after = (request.form.get(name) or None for name in ("search", "show", "after"))
    return redirect(url_for(".screen", search=search, show=show, after=after), 303)


def _screen(fields: dict[str, str], refusal: Refused | None = None) -> str:
    now = caller.now()
    view = now.view
    search, after = fields.get("search", ""), fields.get("after", "")
    show = fields.get("show", "")
    show = show if show in SHOWN else next(iter(SHOWN))
    page = caller.seatledger().user_list.page(view, after=after, limit=PAGE, search=search, deleted=SHOWN[show])
    without_password = {
        user.user_id
        for user in page.users
        if (account := named(view, user.login_name)) and not caller.accounts().has_password(account)
    }
    return render_template(
        "users.html",
        page=page,
        search=search,
        show=show,
        after=after,
        without_password=without_password,
        valid=now.valid,
        in_use=view.in_use,
        refusal=refusal,
    )
