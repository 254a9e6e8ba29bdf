"""A form that is sent twice, by a double click or by loading its answer again: it is carried out once, with one answer.

Each page has an id that all its forms carry. With what a form says and who sends it, it makes the id of the command;
without it, as a script may send one, a form is carried out each time.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, flash, g, redirect, request, session, url_for
from flask.json.tag import TaggedJSONSerializer
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.log.acting import Repeatable
from application.log.failures import UNSTORED
from application.log.stored import LAST
from application.repeats import Claim, Request, RequestInProgress
from application.words.messages import message
from interface.web import caller
from interface.web.forms import FORM_ID, fields_to_carry

LONGEST_WAIT = 6.0
"""Seconds for which a form waits for the answer to the same one, which is being carried out."""

EVERY = 0.05

SHOWN_AGAIN = 5 * 60
"""Seconds for which the same page is shown again, with the token or link that is in it: as long as a password counts
that was given again. Whoever comes later is told that it is done."""

DONE_ALREADY = message("This was done already. Here stands what is so now.")

FLASHES = "_flashes"
"""Where Flask's session has what the next page is to tell."""

_json = TaggedJSONSerializer()  # as Flask's own sessions: it knows tuples


def register(app: Flask) -> None:
    """Give every page its id, and keep what a form is answered. After the guard, which calls `begin`."""
    app.jinja_env.globals["form_id"] = form_id
    app.after_request(_keep)


def form_id() -> str:
    """The id of the forms of this page."""
    if "form_id" not in g:
        g.form_id = token_urlsafe(12)
    return str(g.form_id)


def command() -> Repeatable:
    """The id of the command that this form is, the same each time that a browser sends it."""
    claim: Claim | None = g.get("claim")
    return claim.command if claim else Repeatable(uuid4(), LAST)


def let_come_again() -> None:
    """Of a form that changes nothing: its answer is not kept, and the same form is answered anew."""
    claim: Claim | None = g.pop("claim", None)
    if claim is not None:
        with suppress(*UNSTORED):  # then it is answered anew a little later
            caller.seatledger().repeats.leave(claim)


def begin(sender: str, *, opens_session: bool = False) -> ResponseReturnValue | None:
    """What was answered to this form before; None if it is to be carried out now.

    `sender` is whose form it is: `user:UUID`, as events name them, or the one-time link. Of one that opens a session,
    that is part of the answer. Raises RequestInProgress if the same form is being carried out for longer than anybody
    waits, PepperUnusable, Busy, StorageFailed.
    """
    page_id = request.form.get(FORM_ID)
    if not page_id:
        return None
    content = json.dumps([request.path, sorted(fields_to_carry())]).encode()
    mac = caller.seatledger().pepper.mac(json.dumps(["form", sender, page_id]).encode() + content)
    claim = _claim(Request(UUID(bytes=mac[:16], version=4), page_id, content))
    if not isinstance(claim, Claim):
        return _answered(claim)
    g.claim, g.opens_session = claim, opens_session
    if not claim.is_first and caller.licensing().has_done(caller.installation_id(), claim.command):
        # A server died before it answered: what its page would have told is not known any more.
        return _done_already()
    return None


def _done_already() -> ResponseReturnValue:
    flash(caller.language().say(DONE_ALREADY), "note")
    return redirect(url_for(f"{request.blueprint}.screen"), 303)


def _claim(form: Request) -> Claim | bytes:
    """The browser shows the answer to the last click alone, so that one waits for the first."""
    repeats, position = caller.seatledger().repeats, caller.view().position
    end = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            return repeats.claim(form, position)
        except RequestInProgress:
            if time.monotonic() > end:
                raise
        time.sleep(EVERY)


def _keep(response: Response) -> Response:
    """Keep where a form led, and what the next page was to tell; or the page, if it was done without one."""
    claim: Claim | None = g.pop("claim", None)
    if claim is None or response.status_code >= 500:
        return response
    repeats, answer = caller.seatledger().repeats, {"at": _now()}
    with suppress(*UNSTORED):  # it is answered all the same; the next time, the log is asked
        if response.status_code == 303:
            brought = dict(session) if g.opens_session else {FLASHES: session.get(FLASHES, [])}
            repeats.keep(claim, _encoded(answer | {"location": response.location, "session": brought}))
        elif response.status_code == 200:
            repeats.keep(claim, _encoded(answer | {"page": response.get_data(as_text=True)}))
        else:  # a refusal, or a question: nothing was changed
            repeats.leave(claim)
    return response


def _answered(answer: bytes) -> ResponseReturnValue:
    parts = _json.loads(answer.decode())
    if abs(_now() - parts["at"]) > SHOWN_AGAIN:
        return _done_already()
    if "page" in parts:
        return str(parts["page"])
    session.update(parts["session"])
    return redirect(parts["location"], 303)


def _encoded(answer: dict[str, Any]) -> bytes:  # Any: what a session may hold
    return _json.dumps(answer).encode()


def _now() -> float:
    return caller.seatledger().clock().timestamp()
