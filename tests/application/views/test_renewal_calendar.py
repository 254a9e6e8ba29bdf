"""K8, K11 and K13 in a calendar: when to renew, what ends, what begins, and what is known to go wrong."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings

from application.views.day_view import DayView
from application.views.renewal_calendar import LastDay, RenewalDay, entries
from application.words.language import ENGLISH
from application.words.renewal_calendar import of_entry
from domain.installation import Installation
from tests.application.views.test_warnings import FAR, register_entry
from tests.domain.installations import an_installation, day_view_of, register, view_of
from tests.domain.ledger import Entry
from tests.domain.test_plain_model import date_of, registrations
from tests.examples import a_period

NEXT_YEAR = a_period("2027-04-01", "2028-03-31")


def lines(installation: Installation, on: str) -> list[str]:
    on_day = day_view_of(installation, on)
    return [f"{entry.days.start} {of_entry(entry, on_day, ENGLISH).summary}" for entry in entries(on_day)]


def test_k11_the_days_on_which_it_is_time_to_renew_and_the_last_day() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", maintenance_period=None)
    assert lines(installation, "2026-06-01") == [
        "2027-01-30 Renew the license: 60 days left",
        "2027-03-01 Renew the license: 30 days left",
        "2027-03-17 Renew the license: 14 days left",
        "2027-03-24 Renew the license: 7 days left",
        "2027-03-30 Renew the license: 1 day left",
        "2027-03-31 Last day of the license",
    ]
    assert lines(installation, "2027-03-24")[0] == "2027-03-24 Renew the license: 7 days left"
    assert lines(installation, "2027-03-25")[0] == "2027-03-30 Renew the license: 1 day left"
    assert lines(installation, "2027-06-01") == ["2027-03-31 Last day of the license"], "it was not renewed"


def test_where_both_end_on_one_day_they_are_told_of_together() -> None:
    installation = an_installation()
    register(installation, "2026-04-01")
    assert lines(installation, "2027-03-30") == [
        "2027-03-30 Renew license and maintenance: 1 day left",
        "2027-03-31 Last day of license and maintenance",
    ]


def test_the_maintenance_of_a_perpetual_license_is_told_of_alone() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", license_period=a_period("2026-04-01", None))
    assert lines(installation, "2027-03-30") == [
        "2027-03-30 Renew the maintenance: 1 day left",
        "2027-03-31 Last day of the maintenance",
    ]


def test_k8_a_successor_in_time_moves_the_end_and_its_beginning_is_told() -> None:
    installation = an_installation()
    register(installation, "2026-04-01")
    register(installation, "2026-05-01", license_period=NEXT_YEAR, maintenance_period=NEXT_YEAR)
    assert lines(installation, "2026-06-01")[:2] == [
        "2027-04-01 The next license takes effect, and a maintenance period begins",
        "2028-01-31 Renew license and maintenance: 60 days left",
    ]


def test_k13_what_is_known_to_go_wrong_stands_on_its_days() -> None:
    installation = an_installation("ann")
    late = a_period("2027-04-03", "2028-03-31")
    register(installation, "2026-04-01", licenses=5)
    register(installation, "2026-05-01", licenses=1, license_period=late, maintenance_period=None)
    on_day = day_view_of(installation, "2027-03-31")
    assert lines(installation, "2027-03-31") == [
        "2027-03-31 Last day of license and maintenance",
        "2027-04-01 No license covers these days",
        "2027-04-03 The next license takes effect",
        "2027-04-03 More users than licenses from this day on",
        "2027-04-03 Optional products cannot be used from this day on",
    ]
    gap = entries(on_day)[1]
    assert gap.days == a_period("2027-04-01", "2027-04-02")
    assert "Ask the vendor for a license key for these days" in of_entry(gap, on_day, ENGLISH).description
    assert "Delete 1 user before that day" in of_entry(entries(on_day)[3], on_day, ENGLISH).description


def test_k13_a_gap_of_license_and_maintenance_is_told_of_once() -> None:
    installation = an_installation()
    late = a_period("2027-05-01", "2028-03-31")
    register(installation, "2026-04-01")
    register(installation, "2026-05-01", license_period=late, maintenance_period=late)
    on_day = day_view_of(installation, "2027-03-31")
    last_day, gap, beginning, *_ = entries(on_day)
    assert of_entry(gap, on_day, ENGLISH).summary == "No license and no maintenance period cover these days"
    assert "2027-04-01 to 2027-04-30: nobody but administrators" in of_entry(gap, on_day, ENGLISH).description
    assert (last_day.days.end, gap.days.end, beginning.days.start) == (
        date(2027, 3, 31),
        date(2027, 4, 30),
        date(2027, 5, 1),
    )


def test_with_nothing_ahead_it_says_so_on_the_day_of_the_newest_event() -> None:
    installation = an_installation()
    assert lines(installation, "2026-06-01") == ["2026-01-01 No license key is registered"]
    perpetual = a_period("2026-04-01", None)
    register(installation, "2026-04-01", license_period=perpetual, maintenance_period=None)
    assert lines(installation, "2026-06-01") == ["2026-04-01 Nothing to renew"]


@settings(max_examples=40, deadline=None)
@given(registrations())
def test_over_random_registrations_a_name_is_for_ever_and_agrees_with_what_is_warned_of(entries_: list[Entry]) -> None:
    """From day to day entries come to be past, and change in nothing else; on a stage's own day K11 warns of it."""
    installation = an_installation(day="2025-12-01")
    for one in entries_:
        register_entry(installation, one)
    view = view_of(installation)
    by_name: dict[str, object] = {}
    for day in range(entries_[-1].registered, FAR):
        on_day = DayView(view, date_of(day))
        there = entries(on_day)
        assert len({entry.name for entry in there}) == len(there) > 0
        ends = {(end.part, end.covered_until): end for end in on_day.standing.warnings}
        for entry in there:
            assert by_name.setdefault(entry.name, entry.days) == entry.days
            if isinstance(entry, RenewalDay):
                assert entry.day + timedelta(days=entry.days_left) == entry.covered_until
                if entry.day == on_day.day:
                    assert {ends[part, entry.covered_until].stage for part in entry.parts} == {entry.days_left}
            if isinstance(entry, LastDay) and entry.day < on_day.day:
                assert all(ends[part, entry.day].stage == 0 for part in entry.parts)
