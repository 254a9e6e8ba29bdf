"""Whether a version is covered is told before it is installed as logins are answered after it is (L4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from application import answers
from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from application.words.language import ENGLISH
from domain.license import Schedule
from domain.login import decide
from domain.state import User
from tests.clock import noon
from tests.domain.test_plain_model import HORIZON, date_of, license_of, registrations
from tests.examples import INSTALLATION_ID, a_license, a_period

ANN = User("1", "ann", "ann", administrator_since=None, is_deleted=False)
KEEPS_OUT_ANYWAY = ("no_license", "license_not_started", "license_expired")


def installation(schedule: Schedule, day: date, in_use: int = 1) -> DayView:
    """An installation with one user whose name is known, and as many as are said."""
    view = Entitlement(UUID(INSTALLATION_ID), "Name", "product", "UTC", 1, day, schedule, in_use)
    return DayView(replace(view, users=view.users.insert("1", ANN), names=view.names.insert("ann", "1")), day)


@settings(max_examples=80, deadline=None)
@given(registrations(), st.lists(st.integers(0, 40), min_size=6, max_size=6), st.integers(0, 80), st.integers(1, 4))
def test_it_is_told_of_every_release_as_its_logins_will_be_answered(
    entries: Any, ages: list[int], later: int, in_use: int
) -> None:
    schedule = Schedule()
    for entry, age in zip(entries, ages, strict=False):
        issued = int(noon(date_of(entry.registered - age), "UTC").timestamp())
        schedule = schedule.register(replace(license_of(entry), issued_at=issued), date_of(entry.registered))
    on_day = installation(schedule, date_of(entries[0].registered + later), in_use)
    covered = []
    for number in range(-50, 2 * HORIZON):
        release = date_of(number)
        answer = answers.of_cover(on_day, release, ENGLISH)
        login = decide(on_day, "ann", release)
        assert answer["code"] == login.code
        if login.code not in KEEPS_OUT_ANYWAY:
            assert answer["covered"] is (login.code != "release_not_covered")
        assert (answer["key_needed"] is None) is answer["covered"]
        covered += [release] if answer["covered"] else []
    last = answers.of_cover(on_day, date_of(0), ENGLISH)["last_release_date"]
    assert last == (str(covered[-1]) if covered else None)
    assert covered == [date_of(number) for number in range(-50, len(covered) - 50)], "everything up to the last one"


def test_the_key_that_is_said_to_be_needed_covers_the_release() -> None:
    """By the day of its issue, or by its maintenance, whichever the vendor makes."""
    today, release = date(2027, 6, 1), date(2027, 5, 20)
    perpetual = a_period("2026-04-01", None)
    schedule = Schedule().register(a_license(license_period=perpetual), date(2026, 4, 1))
    answer: Any = answers.of_cover(installation(schedule, today), release, ENGLISH)
    assert (answer["covered"], answer["last_release_date"]) == (False, "2027-03-31")
    issued_from = date.fromisoformat(answer["key_needed"]["issued_from"])
    until = date.fromisoformat(answer["key_needed"]["or_maintenance_until"])
    for issued, maintenance, is_enough in (
        (issued_from, None, True),
        (issued_from - timedelta(1), None, False),
        (date(2027, 4, 1), a_period("2027-04-01", until), True),
        (date(2027, 4, 1), a_period("2027-04-01", until - timedelta(1)), False),
    ):
        issued_at = int(noon(issued, "UTC").timestamp())
        license_ = a_license(license_period=perpetual, maintenance_period=maintenance, issued_at=issued_at)
        on_day = installation(schedule.register(license_, today), today)
        assert answers.of_cover(on_day, release, ENGLISH)["covered"] is is_enough
