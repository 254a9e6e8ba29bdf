"""Your calendar: the secret address of one's own calendar of renewals, and what stands at it."""

from __future__ import annotations

from uuid import uuid5

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from application.views.day_view import DayView
from application.views.renewal_calendar import Entry, entries
from application.words.renewal_calendar import of_entry, of_entry_elsewhere
from domain.refusals import Refused
from interface.web import caller
from interface.web.admin.confirmation import question
from interface.web.admin.sign_in import retry_after
from interface.web.audiences import status_of
from interface.web.errors import of_refusal
from interface.web.icalendar import MEDIA_TYPE, Event, text_of

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("/make")
def make() -> ResponseReturnValue:
    """The address goes into this very answer: no cookie and no other page holds it."""
    if page := question():
        return page
    secret = caller.accounts().make_calendar(caller.account(), source=caller.source())
    scheme = current_app.config["PREFERRED_URL_SCHEME"]
    return _screen(address=url_for(".feed", secret=secret, _external=True, _scheme=scheme))


@blueprint.post("/off")
def turn_off() -> ResponseReturnValue:
    caller.accounts().turn_calendar_off(caller.account(), source=caller.source())
    flash(caller.language().say("Your calendar is off; nothing stands at its address any more."), "done")
    return redirect(url_for(".screen"), 303)


@blueprint.get("/<secret>.ics")
def feed(secret: str) -> ResponseReturnValue:
    """The calendar for whoever knows the secret. One that is nobody's is answered as any address that is not there."""
    try:
        holder = caller.accounts().calendar_holder(caller.installation_id(), secret, source=caller.source())
    except Refused as refusal:
        return *of_refusal(refusal), retry_after(refusal)
    if holder is None:
        abort(404)
    caller.speak_to(holder)
    now = caller.now()
    events = (_event(entry, now) for entry in entries(now))
    name = caller.language().say("License of {name}", name=now.view.name)
    response = Response(text_of(name, events, now.view.day), content_type=MEDIA_TYPE)
    response.cache_control.private = True
    response.cache_control.no_cache = True  # asked for again each time, and mostly not sent
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int, dict[str, str]]:
    return _screen(refusal=refusal), status_of(refusal), retry_after(refusal)


def _event(entry: Entry, now: DayView) -> Event:
    words = of_entry_elsewhere(entry, now, caller.language())
    return Event(uuid5(now.installation_id, entry.name), entry.days, words.summary, words.description)


def _screen(*, address: str | None = None, refusal: Refused | None = None) -> str:
    account, now = caller.account(), caller.now()
    return render_template(
        "calendar.html",
        is_on=not account.is_auditor and caller.accounts().has_calendar(account),
        address=address,
        entries=[(entry.days, of_entry(entry, now, caller.language())) for entry in entries(now)],
        refusal=refusal,
    )
