"""Audit > As it was then: the License screen, a login and the users at an earlier position or moment (A1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from application.views.day_view import DayView
from application.views.history import Filter
from application.views.user_list import UserList
from application.words import history as history_sentences
from application.words import sentences
from domain.local_time import TimeTwice
from domain.login import decide
from domain.refusals import Problem, Refused
from interface.web import caller
from interface.web.admin.license import information
from interface.web.admin.users_page import PAGE, SHOWN
from interface.web.audiences import status_of
from interface.web.audit import fields
from interface.web.audit.history import Line, line_of
from interface.web.local_time import local_time
from interface.web.pictures import THEN

blueprint = Blueprint("past", __name__, url_prefix="/audit")


SHOWN_CHANGES = 50
"""How many changes of a day are shown at most; the History has them all."""


class BothAsked(Refused):
    code = "malformed_request"

    @property
    def says(self) -> str:
        return "both_asked"


class DayAlone(Refused):
    code = "malformed_request"

    @property
    def says(self) -> str:
        return "day_alone"


class Then(NamedTuple):
    """The installation then, and how the address says when; neither `moment` nor `day` (its end) if by position."""

    on_day: DayView
    moment: datetime | None
    day: date | None
    where: dict[str, str]


class Changes(NamedTuple):
    """What happened on a day, the newest first; `has_more` if these are not all."""

    lines: list[Line]
    has_more: bool


@blueprint.get("/license")
def screen() -> str:
    """The License screen of then; without a position or a moment, the question for it."""
    then = _then()
    if then is None:
        return render_template("audit/question.html", address=request.args, refusal=None, **_present())
    name = fields.text(request.args, "login_name")
    release_date = fields.day(request.args, "release_date", Problem("field_release_date"))
    login = decide(then.on_day, name, release_date) if name else None
    return render_template(
        "audit/license.html",
        **information(then.on_day, day_word=THEN),
        **_about(then),
        warnings_then=sentences.of_warnings(then.on_day, caller.language()),
        login=login,
        login_sentence=sentences.of_decision(login, then.on_day, caller.language(), release_date) if login else None,
        login_name=name or "",
        release_date=release_date or "",
    )


@blueprint.get("/users")
def users() -> str:
    """The users as they were then, searched and by the page like those of today."""
    then = _then()
    if then is None:
        return render_template("audit/question.html", address=request.args, refusal=None, **_present())
    search, after = request.args.get("search", ""), request.args.get("after", "")
    show = request.args.get("show", "")
    show = show if show in SHOWN else next(iter(SHOWN))
    # A list of its own: that of today keeps today's names sorted.
    page = UserList().page(
        then.on_day.view,
        after=after,
        limit=PAGE,
        search=search,
        deleted=SHOWN[show].deleted,
        administrator=SHOWN[show].administrator,
    )
    return render_template("audit/users.html", **_about(then), page=page, search=search, show=show, after=after)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    choices = refusal.choices if isinstance(refusal, TimeTwice) else ()
    page = render_template("audit/question.html", address=request.args, refusal=refusal, choices=choices, **_present())
    return page, status_of(refusal)


def _then() -> Then | None:
    """Raises NotReadable, BothAsked, DayAlone, NotThatOld, NotYet, DayBeforeEvent.

    Of a moment also TimeNeverWas, TimeTwice, DayNeverWas.
    """
    licensing, id_ = caller.licensing(), caller.installation_id()
    position = fields.position(request.args, "position", Problem("field_event"))
    on = fields.day(request.args, "on", Problem("field_on"))
    when = fields.moment_or_day(request.args, "as_of", Problem("field_moment"), caller.view().time_zone)
    if position is not None and when is not None:
        raise BothAsked
    if position is None and on is not None:
        raise DayAlone
    if position is not None:
        where = {"position": str(position)} | ({"on": on.isoformat()} if on else {})
        return Then(licensing.at(id_, position, on), None, None, where)
    if when is None:
        return None
    on_day, where = licensing.as_of(id_, when), {"as_of": when.isoformat()}
    return Then(on_day, when, None, where) if isinstance(when, datetime) else Then(on_day, None, when, where)


def _about(then: Then) -> dict[str, Any]:  # Any: what a template takes
    """What the banner of the past says: after which event, who did what, and what stands before and after."""
    now = caller.view()
    (entry,) = caller.licensing().history(caller.installation_id(), after=then.on_day.position - 1, limit=1)
    return {
        "then": then,
        "moment": local_time(then.moment, now.time_zone) if then.moment else None,
        "recorded": local_time(entry.recorded_at, now.time_zone),
        "sentence": history_sentences.of_entry(entry, now, caller.language()),
        "newest": now.position,
        "today": caller.now().day,
        "changes": _changes(then.day) if then.day else None,
        "banners": [],  # those of today: nothing here is current
    }


def _changes(day: date) -> Changes:
    """What was recorded on a day, and what the calendar brought about."""
    only = Filter(first_day=day, last_day=day)
    page = caller.licensing().history_backwards(caller.installation_id(), limit=SHOWN_CHANGES, only=only)
    return Changes([line_of(line, caller.view()) for line in page.lines], page.beyond is not None)


def _present() -> dict[str, Any]:  # Any: what a template takes
    """What the form for another moment knows, with what was typed in the field where it belongs."""
    view, as_of = caller.view(), request.args.get("as_of", "")
    is_day = len(as_of) == len("2026-04-01")
    return {
        "newest": view.position,
        "time_zone": view.time_zone,
        "moment": "" if is_day else as_of,
        "day": as_of if is_day else "",
    }
