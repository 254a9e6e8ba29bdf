"""What the Audit screens are asked for in their addresses, and the sentence for what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from application.license_keys import day_from
from application.views.newest import LAST_POSITION
from domain.login_name import shown
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


def text(asked: Mapping[str, str], name: str) -> str | None:
    """A field's text without blanks around it; None if it is empty."""
    return asked.get(name, "").strip() or None


def day(asked: Mapping[str, str], name: str, what: Problem) -> date | None:
    """Raises NotReadable."""
    given = text(asked, name)
    if given is None:
        return None
    try:
        return day_from(given)
    except ValueError:
        raise NotReadable(what=what, text=shown(given), kind=Problem("kind_date", example="2026-04-01")) from None


def position(asked: Mapping[str, str], name: str, what: Problem) -> int | None:
    """Raises NotReadable."""
    given = text(asked, name)
    if given is None:
        return None
    if given.isascii() and given.isdigit() and len(given) <= 19 and int(given) <= LAST_POSITION:
        return int(given)
    raise NotReadable(what=what, text=shown(given), kind=Problem("kind_event", example=12))


def moment(asked: Mapping[str, str], name: str, what: Problem, time_zone: str) -> datetime | None:
    """A moment of RFC 3339; without an offset it is one in the installation's time zone. Raises NotReadable."""
    given = text(asked, name)
    if given is None:
        return None
    try:
        if _LOCAL.fullmatch(given):
            return datetime.fromisoformat(given).replace(tzinfo=ZoneInfo(time_zone))
        return moment_from(given)
    except ValueError:
        raise NotReadable(what=what, text=shown(given), kind=Problem("kind_moment", example=EXAMPLE)) from None
