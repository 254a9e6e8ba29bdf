"""GET /api/v1/history: the events of the log, oldest first, without license keys."""

from __future__ import annotations

from datetime import date

from flask import Response

from application import answers
from application.views.history import Filter
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document


def show_history(
    caller: Caller,
    after: int,
    limit: int,
    event: str | None,
    login_name: str | None,
    by: str | None,
    first_day: date | None,
    last_day: date | None,
) -> Response:
    """The events after the position `after`; `next` is the position after which to go on, null at the end.

    Only those about the user or auditor `login_name`, done `by` somebody, of a kind, from a day to a day, both
    inclusive.
    """
    filter_ = Filter.of(
        caller.on_day.view, event=event, login_name=login_name, by=by, first_day=first_day, last_day=last_day
    )
    entries = caller.seatledger.licensing.history(caller.installation_id, after=after, limit=limit, only=filter_)
    more = len(entries) == limit and entries[-1].position < caller.on_day.position
    return document(
        {
            "events": [answers.of_history_entry(entry) for entry in entries],
            "next": entries[-1].position if more else None,
        }
    )
