"""Asking the API for the past: `as_of=MOMENT` or `position=N` (A1)."""

from __future__ import annotations

from datetime import datetime

from application.views.day_view import DayView
from application.views.newest import LAST_POSITION
from interface.web.gateway.bearer import Caller
from interface.web.gateway.requests import Moment, Number, Parameter

POSITION = Parameter("position", Number(0, LAST_POSITION))
AS_OF = Parameter("as_of", Moment(), excludes=POSITION.name)


def then(caller: Caller, as_of: datetime | None, position: int | None) -> DayView:
    """The installation from which the question was answered then; as it is now if neither is given.

    As of a moment, on that moment's day; at a position, on the day of its event. Raises NoSuchPosition, NotYet.
    """
    if as_of is not None:
        return caller.seatledger.licensing.as_of(caller.installation_id, as_of)
    if position is not None:
        return caller.seatledger.licensing.at(caller.installation_id, position)
    return caller.on_day
