"""The fields of an Audit screen's address as values, and the refusal of one that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from application.license_keys import day_from
from application.views.newest import LAST_POSITION
from domain.local_time import moment_at
from domain.login_name import normalize, shown
from domain.refusals import Problem, Refused
from interface.moments import EXAMPLE, moment_from

_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
"""How a browser's field for a moment writes it: in whatever time the page means."""


class NotReadable(Refused):
    """A field of a form, or a part of an address, that says nothing we can read.

    `what` names it and `kind` says what it would hold: Problems, so that both are spelled in the page's language.
    """

    code = "malformed_request"

    @property
    def says(self) -> str:
        return "field_not_readable"


def text(fields: Mapping[str, str], name: str) -> str | None:
    """A field's text without blanks around it, its letters and digits of ordinary width; None if it is empty."""
    return normalize(fields.get(name, "")) or None


def day(fields: Mapping[str, str], name: str, what: Problem) -> date | None:
    """Raises NotReadable."""
    value = text(fields, name)
    if value is None:
        return None
    try:
        return day_from(value)
    except ValueError:
        raise NotReadable(what=what, text=shown(value), kind=Problem("kind_date", example="2026-04-01")) from None


def position(fields: Mapping[str, str], name: str, what: Problem) -> int | None:
    """Raises NotReadable."""
    value = text(fields, name)
    if value is None:
        return None
    if value.isascii() and value.isdigit() and len(value) <= 19 and int(value) <= LAST_POSITION:
        return int(value)
    raise NotReadable(what=what, text=shown(value), kind=Problem("kind_event", example=12))


def moment_or_day(fields: Mapping[str, str], name: str, what: Problem, time_zone: str) -> datetime | date | None:
    """A moment of RFC 3339, one without an offset in the installation's time zone, or a day, which means its end.

    Raises NotReadable; TimeNeverWas and TimeTwice for what the zone's clocks never showed, or showed twice.
    """
    value = text(fields, name)
    if value is None:
        return None
    try:
        if _LOCAL.fullmatch(value):
            return moment_at(datetime.fromisoformat(value), time_zone)
        return day_from(value) if len(value) == len("2026-04-01") else moment_from(value)
    except ValueError:
        raise NotReadable(what=what, text=shown(value), kind=Problem("kind_moment", example=EXAMPLE)) from None
