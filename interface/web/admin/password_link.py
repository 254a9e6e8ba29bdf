"""Where a one-time link leads: its holder sets a password, once.

The link's token stands in the query string, which no log of ours holds, and only until the first answer: that moves
it into the cookie and leads on to an address without it, so that neither the history, nor a screenshot, nor a Referer
gives it away.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from application.accounts import LinkOver
from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.new_password import new_password
from interface.web.audiences import status_of

blueprint = Blueprint("password_link", __name__)

LINK = "link"


@blueprint.get("/password")
def screen() -> ResponseReturnValue:
    if "link" in request.args:
        session[LINK] = request.args["link"]
        return redirect(url_for(".screen"), 303)
    return _screen()


@blueprint.post("/password")
def set_password() -> ResponseReturnValue:
    account = caller.accounts().redeem_link(caller.installation_id(), session.get(LINK, ""), new_password())
    session.clear()
    flash(caller.language().say("Your password is set. Sign in with it."), "done")
    return redirect(url_for("sign_in.screen", login_name=account.name), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> ResponseReturnValue:
    return _screen(refusal)


def _screen(refusal: Refused | None = None) -> ResponseReturnValue:
    try:
        holder = caller.accounts().link_holder(caller.installation_id(), session.get(LINK, ""))
    except LinkOver as over:
        session.pop(LINK, None)
        holder, refusal = None, over
    page = render_template("password_link.html", holder=holder, refusal=refusal)
    return page, status_of(refusal) if refusal else 200
