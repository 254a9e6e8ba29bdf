"""Passwords: the one-time link with which somebody sets one, and changing one's own.

The link's token stands in the query string, which no log of ours holds, and only until the first answer: that moves
it into the cookie and leads on to an address without it, so that neither the history, nor a screenshot, nor a Referer
gives it away.
"""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.accounts import LinkOver
from application.credentials import TooManyAttempts
from domain.refusals import Refused
from interface.web import caller
from interface.web.audiences import status_of

by_link = Blueprint("password_link", __name__)
own = Blueprint("own_password", __name__)

LINK = "link"
"""Where the cookie holds the token of the one-time link, once its holder has come."""


class PasswordsDiffer(Refused):
    """The new password was not typed the same twice."""

    code = "passwords_differ"


def offer_link(name: str) -> None:
    """Make a link for the administrator or auditor of this name, for the next page to show. Raises UnknownAccount.

    It goes to that page in the cookie that holds the session itself, and is gone from it once shown.
    """
    accounts, installation_id = caller.accounts(), caller.installation_id()
    token = accounts.make_link(installation_id, name)
    address = url_for(
        "password_link.screen", link=token, _external=True, _scheme=current_app.config["PREFERRED_URL_SCHEME"]
    )
    flash({"name": accounts.account(installation_id, name).name, "address": address}, "link")  # type: ignore[arg-type]


@by_link.get("/password", endpoint="screen")
def link_screen() -> ResponseReturnValue:
    if "link" in request.args:
        session[LINK] = request.args["link"]
        return redirect(url_for(".screen"), 303)
    return _link_screen()


@by_link.post("/password")
def set_password() -> ResponseReturnValue:
    account = caller.accounts().redeem_link(caller.installation_id(), session.get(LINK, ""), _new_password())
    session.clear()
    flash(caller.language().say("Your password is set. Sign in with it."), "done")
    return redirect(url_for("sign_in.screen", login_name=account.name), 303)


@by_link.errorhandler(Refused)
def link_refused(refusal: Refused) -> ResponseReturnValue:
    return _link_screen(refusal)


@own.get("/own-password", endpoint="screen")
def own_screen() -> str:
    return render_template("own_password.html")


@own.post("/own-password")
def change() -> Response:
    """Other sessions of the account end; this one goes on."""
    caller.accounts().change_password(
        caller.installation_id(),
        caller.account(),
        request.form.get("current_password", ""),
        _new_password(),
        session=session[caller.SESSION],
        source=caller.source(),
    )
    flash(caller.language().say("Your password was changed. You were signed out everywhere else."), "done")
    return redirect(url_for(".screen"), 303)


@own.errorhandler(Refused)
def own_refused(refusal: Refused) -> tuple[str, int, dict[str, str]]:
    headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, TooManyAttempts) else {}
    return render_template("own_password.html", refusal=refusal), status_of(refusal), headers


def _new_password() -> str:
    """The new password of the form: twice, so that a slip of the finger locks nobody out. Raises PasswordsDiffer."""
    password = request.form.get("new_password", "")
    if password != request.form.get("new_password_again", ""):
        raise PasswordsDiffer
    return password


def _link_screen(refusal: Refused | None = None) -> ResponseReturnValue:
    try:
        holder = caller.accounts().link_holder(caller.installation_id(), session.get(LINK, ""))
    except LinkOver as over:
        session.pop(LINK, None)
        holder, refusal = None, over
    page = render_template("password_link.html", holder=holder, refusal=refusal)
    return page, status_of(refusal) if refusal else 200
