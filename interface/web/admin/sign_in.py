"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from application.accounts import SignedIn
from application.credentials import TooManyAttempts
from domain.refusals import Refused
from interface.web import caller
from interface.web.access import local_path
from interface.web.audiences import status_of
from interface.web.security import known_device, remember_device

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def screen() -> str | Response:
    if g.account is not None:
        return redirect(url_for("system_settings.screen"), 303)
    return render_template("sign_in.html", next=request.args.get("next", ""))


@blueprint.post("/sign-in")
def sign_in() -> Response:
    """Opens a session of its own: nothing that the browser held before is kept."""
    signed_in = caller.accounts().sign_in(
        caller.installation_id(),
        request.form.get("login_name", ""),
        request.form.get("password", ""),
        source=caller.source(),
        device=known_device(),
    )
    target = local_path(request.form.get("next", ""))
    return begin_session(signed_in, target or url_for("system_settings.screen"))


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
    headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, TooManyAttempts) else {}
    page = render_template("sign_in.html", refusal=refusal, next=request.form.get("next", ""))
    return page, status_of(refusal), headers


def begin_session(signed_in: SignedIn, target: str) -> Response:
    """Somebody is signed in from here on, and nobody else: the session that the browser had before ends."""
    end_session()
    session[caller.SESSION] = signed_in.session
    response = redirect(target, 303)
    remember_device(response, signed_in.device)
    return response


def end_session() -> None:
    """Ends the session that the cookie names, if there is one, and empties the cookie."""
    if token := session.get(caller.SESSION):
        caller.accounts().sign_out(token, source=caller.source())
    session.clear()
