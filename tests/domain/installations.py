"""An installation to try rules on, without storage: moments, stamps, and what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.views.day_view import DayView
from application.views.entitlement import Entitlement, fold
from domain.installation import Installation, Stamp
from domain.license import Schedule
from domain.login import LoginDecision, decide
from tests.clock import TIME_ZONE, noon
from tests.examples import NAME, PRODUCT, a_license_key

COMMAND = UUID("c0ffee00-0000-4000-8000-000000000001")
STAMP_FIELDS = {"originator_id", "originator_version", "originator_topic", "timestamp", "by", "command_id", "day"}


def at(moment: str | date | datetime) -> Stamp:
    """The stamp of a command at that moment, or at noon of that day."""
    return Stamp("user:admin", COMMAND, moment if isinstance(moment, datetime) else noon(moment))


def an_installation(*names: str, day: str = "2026-01-01", time_zone: str = TIME_ZONE) -> Installation:
    """An installation with the administrator `admin` and other users."""
    installation = Installation.open(NAME, PRODUCT, time_zone, stamp=at(noon(day, time_zone)))
    installation.add_user("admin", administrator=True, stamp=at(noon(day, time_zone)))
    for name in names:
        installation.add_user(name, stamp=at(noon(day, time_zone)))
    return installation


def register(installation: Installation, day: str | date | datetime, **license_fields: Any) -> list[tuple[str, dict]]:
    """Register a key for `a_license(**license_fields)`, issued that noon if not said otherwise."""
    stamp = at(day)
    license_fields.setdefault("issued_at", int(stamp.moment.timestamp()))
    key = a_license_key(**license_fields)
    return recorded(installation, lambda: installation.register_license_key(key, stamp=stamp))


def recorded(installation: Installation, command: Callable[[], None]) -> list[tuple[str, dict[str, Any]]]:
    """What a command recorded: the name of each event, and its own fields."""
    before = len(installation.pending_events)
    try:
        command()
    finally:
        events = list(installation.pending_events)[before:]
    return [(type(event).__name__, own_fields(event)) for event in events]


def names_of(recorded_events: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [name for name, _ in recorded_events]


def own_fields(event: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(event).items() if name not in STAMP_FIELDS}


def view_of(installation: Installation) -> Entitlement:
    """The projection of everything recorded so far."""
    view = fold(None, installation.pending_events)
    assert view is not None
    return view


def day_view_of(installation: Installation, day: str) -> DayView:
    """The same, as it is seen on a day."""
    return DayView(view_of(installation), date.fromisoformat(day))


def schedule_of(installation: Installation) -> Schedule:
    return view_of(installation).schedule


def login(installation: Installation, name: str, day: str, release_date: str | None = None) -> LoginDecision:
    """What a login is answered on a day."""
    released = date.fromisoformat(release_date) if release_date else None
    return decide(day_view_of(installation, day), name, released)


def answer(installation: Installation, name: str, day: str, release_date: str | None = None) -> tuple[str, str]:
    made = login(installation, name, day, release_date)
    return made.decision.value, made.code
