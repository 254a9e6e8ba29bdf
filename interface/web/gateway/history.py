"""GET /api/v1/history: the events of the log, oldest first, without license keys."""

from __future__ import annotations

from flask import Response

from application import answers
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document
from interface.web.gateway.requests import MAX_LIMIT, number_of, query

LAST_POSITION = 2**53


def show_history(caller: Caller) -> Response:
    """The events after the position `after`; `next` is the position after which to go on, null at the end."""
    asked = query("after", "limit")
    after = number_of(asked, "after", default=0, least=0, most=LAST_POSITION)
    limit = number_of(asked, "limit", default=100, least=1, most=MAX_LIMIT)
    entries = caller.seatledger.licensing.history(caller.installation_id, after=after, limit=limit)
    more = bool(entries) and entries[-1].position < caller.view.position
    return document(
        {
            "events": [answers.of_history_entry(entry) for entry in entries],
            "next": entries[-1].position if more else None,
        }
    )
