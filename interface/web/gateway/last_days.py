"""POST /api/v1/last-seen: who logged in on a day, once a day from the gateway."""

from __future__ import annotations

from datetime import date

from flask import Response

from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document


def report_last_seen(caller: Caller, day: date, login_names: list[str]) -> Response:
    """How many of the names are users'; sent again it changes nothing, and an earlier day neither."""
    report = caller.seatledger.last_days.report(caller.installation_id, day, login_names)
    return document({"day": day.isoformat(), "known": report.known, "unknown": report.unknown})
