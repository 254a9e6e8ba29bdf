"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.accounts import CodeNeeded, CodeRefused, SignedIn, SignInRefused
from application.credentials import TooManyAttempts
from domain.refusals import Refused
from interface.web import caller, carried
from interface.web.access import local_path
from interface.web.audiences import status_of
from interface.web.security import known_device, remember_device

blueprint = Blueprint("sign_in", __name__)

WAITING = "waiting"
"""Where the cookie holds whose code is asked next, and where to go then."""


@blueprint.get("/sign-in")
def screen() -> str | Response:
    if g.account is not None:
        return redirect(url_for("system_settings.screen"), 303)
    return render_template("sign_in.html", next=request.args.get("next", ""))


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Opens a session of its own: nothing that the browser held before is kept."""
    opened = caller.accounts().sign_in(
        caller.installation_id(),
        request.form.get("login_name", ""),
        request.form.get("password", ""),
        source=caller.source(),
        device=known_device(),
    )
    target = local_path(request.form.get("next", ""))
    return go_on(opened, target or url_for("system_settings.screen"))


@blueprint.get("/sign-in/code")
def code_screen() -> ResponseReturnValue:
    return render_template("code.html") if WAITING in session else redirect(url_for(".screen"), 303)


@blueprint.post("/sign-in/code")
def bring_code() -> ResponseReturnValue:
    """The code of the second factor, or a recovery code. What waits stands in the signed cookie, for five minutes."""
    if WAITING not in session:
        raise SignInRefused
    needed, target = CodeNeeded(*session[WAITING]["needed"]), session[WAITING]["target"]
    try:
        signed_in = caller.accounts().bring_code(
            caller.installation_id(),
            needed,
            request.form.get("code", ""),
            source=caller.source(),
            device=known_device(),
        )
    except (CodeRefused, TooManyAttempts) as refusal:
        page = render_template("code.html", refusal=refusal, carried=_carried())
        return page, status_of(refusal), retry_after(refusal)
    return begin_session(signed_in, target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    end_session()
    flash(caller.language().say("You are signed out."), "done")
    response = redirect(url_for(".screen"), 303)
    # Not "cookies": the device's cookie stays, so that a stranger's guesses do not delay the next sign-in from here.
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int, dict[str, str]]:
    page = render_template("sign_in.html", refusal=refusal, next=request.form.get("next", ""), carried=_carried())
    return page, status_of(refusal), retry_after(refusal)


def retry_after(refusal: Refused) -> dict[str, str]:
    return {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, TooManyAttempts) else {}


def go_on(opened: SignedIn | CodeNeeded, target: str) -> Response:
    """Somebody's password or link was right: signed in from here on, or asked for the second factor."""
    if isinstance(opened, SignedIn):
        return begin_session(opened, target)
    end_session()
    session[WAITING] = {"needed": list(opened), "target": target}
    if form := carried.of_sign_in():
        return make_response(render_template("code.html", carried=form.hidden))
    return redirect(url_for("sign_in.code_screen"), 303)


def begin_session(signed_in: SignedIn, target: str) -> Response:
    """Somebody is signed in from here on, and nobody else: the session that the browser had before ends."""
    end_session()
    session[caller.SESSION] = signed_in.session
    response: Response = redirect(target, 303)
    if form := carried.of_sign_in():
        g.account = caller.who()  # the page is already that of whoever signed in
        response = make_response(render_template("carried.html", form=form, target=target))
    remember_device(response, signed_in.device)
    return response


def _carried() -> list[tuple[str, str]]:
    form = carried.of_sign_in()
    return form.hidden if form else []


def end_session() -> None:
    """Ends the session that the cookie names, if there is one, and empties the cookie."""
    if token := session.get(caller.SESSION):
        caller.accounts().sign_out(token, source=caller.source())
    session.clear()
