"""Asking the API for the past: `as_of=MOMENT`, `as_of=DATE` (the end of that day), `position=N`, with `on=DAY` (A1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from threading import BoundedSemaphore

from application.views.day_view import DayView
from application.views.newest import LAST_POSITION
from domain.refusals import Refused
from interface.web.gateway.bearer import Caller, PastNeedsAudit, wanting
from interface.web.gateway.requests import Day, MomentOrDay, Number, Parameter

POSITION = Parameter("position", Number(0, LAST_POSITION))
AS_OF = Parameter("as_of", MomentOrDay(), excludes=POSITION.name)
ON = Parameter("on", Day(), needs=POSITION.name)

AT_ONCE = 2
"""How many questions about the past a worker answers at once: each costs as much as ten login checks, or more."""

RETRY_AFTER = 1
"""Seconds after which a program may ask again; an answer about the past takes less."""

_free = BoundedSemaphore(AT_ONCE)


class TooManyQuestions(Refused):
    """As many questions about the past are being answered as may be; login checks go first."""

    code = "too_many_questions"


def then(caller: Caller, as_of: datetime | date | None, position: int | None, on: date | None) -> DayView:
    """The installation from which the question was answered then; as it is now if nothing is given.

    As of a moment, on that moment's day; as of a day, at its end in the installation's time zone; at a position, on the
    day of its event or, given `on`, a later one. Raises NotThatOld, NotYet, DayNeverWas, DayBeforeEvent,
    TooManyQuestions.
    """
    if as_of is not None:
        with _one_of_few():
            return caller.seatledger.licensing.as_of(caller.installation_id, as_of)
    if position is not None:
        with _one_of_few():
            return caller.seatledger.licensing.at(caller.installation_id, position, on)
    return caller.on_day


def ask_now_or_audit(caller: Caller, *when: datetime | date | int | None) -> None:
    """A token for login checks asks about now alone (S-15): then `when` is all None. Raises PastNeedsAudit."""
    if any(part is not None for part in when) and "audit" not in caller.token.scopes:
        raise PastNeedsAudit(challenge=wanting("audit"))


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Nobody waits for a turn: whoever waits holds a thread that a login check could have."""
    if not _free.acquire(blocking=False):
        raise TooManyQuestions(most=AT_ONCE, retry_after=RETRY_AFTER)
    try:
        yield
    finally:
        _free.release()
