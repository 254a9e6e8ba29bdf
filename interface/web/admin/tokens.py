"""API tokens: made, shown once, listed, revoked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from application.licensing import MAX_TOKEN_DAYS
from application.words.messages import Message, message
from domain.installation import SCOPES
from domain.refusals import Refused
from interface.web import caller
from interface.web.audiences import status_of

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")

ABOUT_SCOPES: dict[str, Message] = {
    "login-check": message("ask whether somebody may log in"),
    "license": message("read the license and register license keys"),
    "users": message("list, add, delete and restore users, grant and revoke administrators"),
    "audit": message("read everything, the history too"),
}


class DaysInvalid(Refused):
    """The field for the days of a new token holds no whole number."""

    code = "days_invalid"


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("")
def create() -> Response:
    """The token's text goes to the next page in the cookie that holds the session itself, and is gone once shown."""
    name = request.form.get("name", "")
    token = caller.licensing().create_token(
        caller.installation_id(),
        name,
        request.form.getlist("scope"),
        expires_after=_days(request.form.get("expires_after", "")),
        by=caller.account().by,
    )
    flash({"name": name.strip(), "text": token.text}, "token")  # type: ignore[arg-type]
    return redirect(url_for(".screen"), 303)


@blueprint.post("/revoke")
def revoke() -> Response:
    token_id = request.form.get("token_id", "")
    caller.licensing().revoke_token(caller.installation_id(), token_id, by=caller.account().by)
    text = caller.language().say(
        "The token “{name}” was revoked; it is refused from now on.", name=caller.view().tokens[token_id].name
    )
    flash(text, "done")
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(refusal), status_of(refusal)


def _days(text: str) -> int | None:
    """The number of days in the field; None if it is empty. Raises DaysInvalid."""
    digits = text.strip()
    if not digits:
        return None
    if digits.isdecimal():
        # Of a number of more digits, which Python refuses to read if they are thousands, 20 are too many days as well.
        return int(digits.lstrip("0")[:20] or "0")
    raise DaysInvalid


def _screen(refusal: Refused | None = None) -> str:
    now = caller.now()
    return render_template(
        "tokens.html",
        tokens=sorted(now.view.tokens.values(), key=lambda token: (token.is_revoked, token.name, token.token_id)),
        day=now.day,
        scopes={scope: ABOUT_SCOPES[scope] for scope in SCOPES},
        most_days=MAX_TOKEN_DAYS,
        refusal=refusal,
    )
