"""GET /api/v1/history: the events of the log, oldest first, without license keys."""

from __future__ import annotations

from flask import Response

from application import answers
from application.views.history import Filter
from application.views.newest import LAST_POSITION
from domain.refusals import Problem
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document
from interface.web.gateway.problems import MalformedRequest
from interface.web.gateway.requests import MAX_LIMIT, day_of, number_of, query


def show_history(caller: Caller) -> Response:
    """The events after the position `after`; `next` is the position after which to go on, null at the end.

    Only those about the user or auditor `login_name`, done `by` somebody, of a kind, from a day to a day, both
    inclusive.
    """
    asked = query("after", "limit", "event", "login_name", "by", "from", "to")
    after = number_of(asked, "after", default=0, least=0, most=LAST_POSITION)
    limit = number_of(asked, "limit", default=100, least=1, most=MAX_LIMIT)
    for name in ("event", "login_name", "by"):
        if asked.get(name) == "":
            raise MalformedRequest(problem=Problem("parameter_empty", name=name))
    wanted = Filter.of(
        caller.on_day.view,
        event=asked.get("event"),
        login_name=asked.get("login_name"),
        by=asked.get("by"),
        first_day=day_of(asked, "from"),
        last_day=day_of(asked, "to"),
    )
    entries = caller.seatledger.licensing.history(caller.installation_id, after=after, limit=limit, wanted=wanted)
    more = len(entries) == limit and entries[-1].position < caller.on_day.position
    return document(
        {
            "events": [answers.of_history_entry(entry) for entry in entries],
            "next": entries[-1].position if more else None,
        }
    )
