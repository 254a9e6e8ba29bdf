"""Your sign-ins: one's own open sessions, which can be ended, and what the security log says of the own account."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from application.credentials import OpenSession, key_of
from application.views.entitlement import Entitlement
from interface.web import caller
from interface.web.local_time import local_time
from interface.web.security_lines import lines_of, page_of

blueprint = Blueprint("own_sign_ins", __name__, url_prefix="/sign-ins")

OTHERS = "others"
"""The value of the field `session` that means all sessions but this one."""


class Session(NamedTuple):
    """An open session as it is shown; moments are local."""

    key: str
    opened: str
    last_used: str
    address: str | None
    is_this: bool


@blueprint.get("")
def screen() -> str:
    view, account = caller.view(), caller.account()
    page = page_of(account.account_id)
    return render_template(
        "own_sign_ins.html",
        sessions=[_shown(each, view) for each in caller.accounts().sessions(account)],
        others=OTHERS,
        lines=lines_of(page, view),
        older=page.before,
        days=caller.seatledger().settings.sign_ins_days,
        time_zone=view.time_zone,
    )


@blueprint.post("/end")
def end() -> Response:
    """End one of the own sessions, or all but this one."""
    key, accounts, account = request.form.get("session", ""), caller.accounts(), caller.account()
    if key == OTHERS:
        accounts.end_sessions(account, source=caller.source(), except_=session[caller.SESSION])
        flash(caller.language().say("You are signed out everywhere else."), "done")
    elif any(each.key == key for each in accounts.sessions(account)):
        accounts.end_sessions(account, source=caller.source(), key=key)
        flash(caller.language().say("The session was ended."), "done")
    else:
        flash(caller.language().say("That session was over already."), "note")
    return redirect(url_for(".screen"), 303)


def _shown(each: OpenSession, view: Entitlement) -> Session:
    opened, last_used = (local_time(moment, view.time_zone) for moment in (each.opened_at, each.seen_at))
    return Session(each.key, opened, last_used, each.address, is_this=each.key == key_of(session[caller.SESSION]))
