"""Passwords: the one-time link with which somebody sets one, and changing one's own.

The link's token stands behind a # in the address, which browsers send to nobody: so no log of any proxy holds it. A
few lines of script post it; without them one pastes the link into the page's field. Then the cookie holds it, and the
address is without it.
"""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.accounts import LinkOver, SignedIn
from application.credentials.links import LinkDamaged, link_token
from application.words.messages import message
from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.sign_in import go_on, retry_after
from interface.web.audiences import status_of
from interface.web.security import known_device

by_link = Blueprint("password_link", __name__)
own = Blueprint("own_password", __name__)


class PasswordsDiffer(Refused):
    """The new password was not typed the same twice."""

    code = "passwords_differ"


def offer_link(name: str) -> None:
    """Make a link for the administrator or auditor of this name, for the next page to show. Raises UnknownAccount.

    It goes to that page in the cookie that holds the session itself, and is gone from it once shown.
    """
    accounts, installation_id = caller.accounts(), caller.installation_id()
    token = accounts.make_link(installation_id, name, by=caller.account().by)
    address = url_for(
        "password_link.screen", _anchor=token, _external=True, _scheme=current_app.config["PREFERRED_URL_SCHEME"]
    )
    flash({"name": accounts.account(installation_id, name).name, "address": address}, "link")  # type: ignore[arg-type]


@by_link.get("/password", endpoint="screen")
def link_screen() -> ResponseReturnValue:
    return _link_screen() if caller.LINK in session else render_template("password_link.html", holder=None)


@by_link.post("/password/link")
def take_link() -> ResponseReturnValue:
    """The link as the script posts it or somebody pastes it. Raises LinkDamaged."""
    session.pop(caller.LINK, None)
    session[caller.LINK] = link_token(request.form.get("link", ""))
    return redirect(url_for(".screen"), 303)


@by_link.post("/password")
def set_password() -> ResponseReturnValue:
    """Signs in at once: who holds the link could do so anyway, and the device is known from then on."""
    opened = caller.accounts().redeem_link(
        caller.installation_id(),
        session.get(caller.LINK, ""),
        _new_password(),
        source=caller.source(),
        device=known_device(),
    )
    response = go_on(opened, url_for("system_settings.screen"))
    text = message("Your password is set, and you are signed in.")
    if not isinstance(opened, SignedIn):
        text = message("Your password is set.")
    flash(caller.language().say(text), "done")
    return response


@by_link.errorhandler(Refused)
def link_refused(refusal: Refused) -> ResponseReturnValue:
    return _link_screen(refusal)


@by_link.errorhandler(LinkDamaged)
def link_damaged(refusal: LinkDamaged) -> ResponseReturnValue:
    """The field stands there, so that the link can be pasted once more."""
    return render_template("password_link.html", holder=None, refusal=refusal, again=True), status_of(refusal)


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
    )
    flash(caller.language().say("Your password was changed. You were signed out everywhere else."), "done")
    return redirect(url_for(".screen"), 303)


@own.errorhandler(Refused)
def own_refused(refusal: Refused) -> tuple[str, int, dict[str, str]]:
    return render_template("own_password.html", refusal=refusal), status_of(refusal), retry_after(refusal)


def _new_password() -> str:
    """The new password of the form: twice, so that a slip of the finger locks nobody out. Raises PasswordsDiffer."""
    password = request.form.get("new_password", "")
    if password != request.form.get("new_password_again", ""):
        raise PasswordsDiffer
    return password


def _link_screen(refusal: Refused | None = None) -> ResponseReturnValue:
    try:
        holder = caller.accounts().link_holder(caller.installation_id(), session.get(caller.LINK, ""))
    except LinkOver as over:
        session.pop(caller.LINK, None)
        holder, refusal = None, over
    page = render_template("password_link.html", holder=holder, refusal=refusal)
    return page, status_of(refusal) if refusal else 200
