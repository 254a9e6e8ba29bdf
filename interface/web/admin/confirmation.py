"""The password asked again, before what must not be done with somebody else's open browser."""

from __future__ import annotations

from flask import render_template, request, session
from flask.typing import ResponseReturnValue

from application.accounts import CurrentPasswordWrong
from application.credentials import TooManyAttempts
from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.sign_in import retry_after
from interface.web.audiences import status_of
from interface.web.forms import PASSWORD_AGAIN, fields_to_carry


def question() -> ResponseReturnValue | None:
    """The page that asks for the password, and carries the form that was sent; None if it was given just now.

    A view begins with it and goes on with None: `if page := question(): return page`. Once given, the password counts
    for five minutes of the same session. The sign-in itself does not: whoever finds a browser open is signed in.
    """
    token = session[caller.SESSION]
    if PASSWORD_AGAIN not in request.form:
        return None if caller.accounts().is_confirmed(token) else (_page(), 401)
    try:
        caller.accounts().confirm(caller.account(), request.form[PASSWORD_AGAIN], session=token)
    except (CurrentPasswordWrong, TooManyAttempts) as refusal:
        return _page(refusal), status_of(refusal), retry_after(refusal)
    return None


def _page(refusal: Refused | None = None) -> str:
    return render_template("confirmation.html", action=request.path, fields=fields_to_carry(), refusal=refusal)
