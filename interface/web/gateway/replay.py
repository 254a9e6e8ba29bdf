"""Asking the API for the past: `as_of=MOMENT` or `position=N` (A1)."""

from __future__ import annotations

from application.views.day_view import DayView
from application.views.newest import LAST_POSITION
from domain.refusals import Problem
from interface.web.gateway.bearer import Caller
from interface.web.gateway.problems import MalformedRequest
from interface.web.gateway.requests import moment_of, number_of

AS_OF, POSITION = "as_of", "position"


def asks_for_the_past(asked: dict[str, str]) -> bool:
    return AS_OF in asked or POSITION in asked


def then(caller: Caller, asked: dict[str, str]) -> DayView:
    """The view and the day from which the asked question was answered then.

    As of a moment, that is the moment's day; at a position, the day of its event. Raises MalformedRequest,
    NotThatOld, NotYet.
    """
    if AS_OF in asked and POSITION in asked:
        raise MalformedRequest(problem=Problem("both_parameters", one=AS_OF, other=POSITION))
    licensing = caller.seatledger.licensing
    moment = moment_of(asked, AS_OF)
    if moment is None:
        position = number_of(asked, POSITION, default=0, least=0, most=LAST_POSITION)
        return licensing.at(caller.installation_id, position)
    return licensing.as_of(caller.installation_id, moment)
