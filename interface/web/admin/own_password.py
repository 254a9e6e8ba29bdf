"""One's own password: the current one, and the new one twice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from application.credentials import TooManyAttempts
from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.new_password import new_password
from interface.web.audiences import status_of

blueprint = Blueprint("own_password", __name__)


@blueprint.get("/own-password")
def screen() -> str:
    return render_template("own_password.html")


@blueprint.post("/own-password")
def change() -> Response:
    """Other sessions of the account end; this one goes on."""
    caller.accounts().change_password(
        caller.installation_id(),
        caller.account(),
        request.form.get("current_password", ""),
        new_password(),
        session=session[caller.SESSION],
        source=caller.source(),
    )
    flash(caller.language().say("Your password was changed. You were signed out everywhere else."), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int, dict[str, str]]:
    headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, TooManyAttempts) else {}
    return render_template("own_password.html", refusal=refusal), status_of(refusal), headers
