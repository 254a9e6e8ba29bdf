"""API tokens: made, shown once, listed, replaced, revoked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.licensing import MAX_TOKEN_DAYS, NewToken
from application.views import tokens
from application.views.tokens import TokenLine
from application.words.history import name_of, who
from application.words.messages import Message, message, plural
from domain.installation import SCOPES
from domain.refusals import Refused
from interface.web import caller, form_ids
from interface.web.admin.confirmation import question
from interface.web.audiences import status_of

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")

ABOUT_SCOPES: dict[str, Message] = {
    "login-check": message("ask whether somebody may log in"),
    "license": message("read the license and register license keys"),
    "users": message("list, add, rename, delete, restore and erase users"),
    "administrators": message(
        "make users administrators, and ordinary users again: whoever has this token can get every right"
    ),
    "audit": message("read everything, the history too"),
    "snapshot": message(
        "fetch the decisions about all users in advance, for a gateway that goes on without Seatledger"
    ),
}


class DaysInvalid(Refused):
    """The field for the days of a new token holds no whole number."""

    code = "days_invalid"


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("")
def create() -> ResponseReturnValue:
    if page := question():
        return page
    name = request.form.get("name", "")
    token = caller.licensing().create_token(
        caller.installation_id(),
        name,
        request.form.getlist("scope"),
        expires_after=_days(request.form.get("expires_after", "")),
        by=caller.account().by,
        command_id=form_ids.command(),
    )
    return _shown_once(token)


@blueprint.post("/replace")
def replace() -> ResponseReturnValue:
    """The new token stands beside the old one, which goes on working: nothing stands still meanwhile."""
    if page := question():
        return page
    token_id = request.form.get("token_id", "")
    token = caller.licensing().replace_token(
        caller.installation_id(), token_id, by=caller.account().by, command_id=form_ids.command()
    )
    text = caller.language().say(
        "The old token “{name}” ({token_id}) works until you revoke it. Give the new one to the program first.",
        name=caller.view().tokens[token_id].name,
        token_id=token_id,
    )
    flash(text, "note")
    return _shown_once(token)


@blueprint.post("/revoke")
def revoke() -> Response:
    """Revoke the token, or those that were chosen in a list."""
    token_ids = request.form.getlist("token_id")
    caller.licensing().revoke_token(
        caller.installation_id(), *token_ids, by=caller.account().by, command_id=form_ids.command()
    )
    names = [caller.view().tokens[token_id].name for token_id in token_ids]
    if not names:
        flash(caller.language().say("No token was chosen, so nothing was changed."), "note")
        return redirect(url_for(".screen"), 303)
    text = plural(
        "The token “{name}” was revoked; it is refused from now on.",
        "{number} tokens were revoked; they are refused from now on.",
    )
    flash(caller.language().say(text, number=len(names), name=names[0]), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(refusal), status_of(refusal)


def offer_revoking(account_id: str | None) -> None:
    """For the next page: the tokens that somebody leaves behind who has no right any more (S-10).

    The cookie takes the id of whoever left alone: their tokens may be more than a cookie holds.
    """
    if account_id is not None and left_by(account_id):
        flash({"account_id": account_id, "name": name_of(account_id, caller.view())}, "tokens")  # type: ignore[arg-type]


def left_by(account_id: str) -> list[TokenLine]:
    """The tokens that still work of somebody who has no right any more."""
    now = caller.now()
    working = {token.token_id for token in tokens.working_tokens_of(account_id, now)}
    lines = tokens.lines(now, caller.seatledger().token_uses.days()) if working else []
    return [line for line in lines if line.token.token_id in working and line.maker_has_left]


def _shown_once(token: NewToken) -> Response:
    """A token's text goes to the next page in the cookie that holds the session itself, and is gone once shown."""
    name = caller.view().tokens[token.token_id].name
    flash({"name": name, "text": token.text}, "token")  # type: ignore[arg-type]
    return redirect(url_for(".screen"), 303)


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
    lines = tokens.lines(now, caller.seatledger().token_uses.days())
    return render_template(
        "tokens.html",
        lines=sorted(lines, key=lambda line: (line.status == "revoked", line.token.name)),
        makers={line.token.token_id: who(line.token.by, now.view, caller.language()) for line in lines},
        scopes={scope: ABOUT_SCOPES[scope] for scope in SCOPES},
        most_days=MAX_TOKEN_DAYS,
        refusal=refusal,
    )
