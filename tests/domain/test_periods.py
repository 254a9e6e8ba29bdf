"""Periods: both dates inclusive, and what a day is to them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.installation import local_day
from domain.license import fields_of_key, license_of_fields
from tests.examples import a_license, a_license_key, a_period


@pytest.mark.parametrize(
    ("day", "status", "days_left"),
    [
        ("2026-03-31", "upcoming", None),
        ("2026-04-01", "active", 364),
        ("2027-03-30", "active", 1),
        ("2027-03-31", "active", 0),
        ("2027-04-01", "expired", -1),
        ("2096-04-01", "expired", -25204),
    ],
)
def test_a_period_is_active_from_its_first_to_its_last_day(day: str, status: str, days_left: int | None) -> None:
    period = a_period("2026-04-01", "2027-03-31")
    assert period.status(date.fromisoformat(day)) == status
    assert period.days_left(date.fromisoformat(day)) == days_left


def test_a_period_of_one_day_is_active_on_that_day_alone() -> None:
    period = a_period("2028-02-29", "2028-02-29")
    days = [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    assert [period.status(day) for day in days] == ["upcoming", "active", "expired"]


def test_a_perpetual_period_never_ends_and_counts_no_days() -> None:
    period = a_period("2026-04-01", None)
    assert (period.status(date.max), period.days_left(date.max)) == ("active", None)
    assert period.status(date(2026, 3, 31)) == "upcoming"


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        (("2026-01-01", "2026-03-31"), False),
        (("2026-01-01", "2026-04-01"), True),
        (("2027-03-31", None), True),
        (("2027-04-01", None), False),
        (("2026-05-01", "2026-06-30"), True),
    ],
)
def test_two_periods_share_a_day_or_not(other: tuple[str, str | None], shares: bool) -> None:
    period, another = a_period("2026-04-01", "2027-03-31"), a_period(*other)
    assert period.shares_a_day_with(another) is shares
    assert another.shares_a_day_with(period) is shares


@pytest.mark.parametrize(
    ("moment", "time_zone", "day"),
    [
        ("2026-03-31T14:59:59", "Asia/Tokyo", "2026-03-31"),
        ("2026-03-31T15:00:00", "Asia/Tokyo", "2026-04-01"),
        ("2026-03-31T10:00:00", "Pacific/Kiritimati", "2026-04-01"),
        ("2026-04-01T09:59:59", "Pacific/Kiritimati", "2026-04-01"),
        # New York: clocks go forward on 2026-03-08, so midnight moves from 05:00 to 04:00 UTC; back on 2026-11-01.
        ("2026-03-08T04:59:59", "America/New_York", "2026-03-07"),
        ("2026-03-08T05:00:00", "America/New_York", "2026-03-08"),
        ("2026-03-09T03:59:59", "America/New_York", "2026-03-08"),
        ("2026-03-09T04:00:00", "America/New_York", "2026-03-09"),
        ("2026-11-02T04:59:59", "America/New_York", "2026-11-01"),
        ("2026-11-02T05:00:00", "America/New_York", "2026-11-02"),
        ("2028-02-29T22:59:59", "Europe/Berlin", "2028-02-29"),
        ("2028-02-29T23:00:00", "Europe/Berlin", "2028-03-01"),
        ("9999-12-31T23:59:59", "Pacific/Kiritimati", "9999-12-31"),
    ],
)
def test_a_day_begins_at_midnight_in_the_installations_time_zone(moment: str, time_zone: str, day: str) -> None:
    assert local_day(datetime.fromisoformat(moment).replace(tzinfo=UTC), time_zone).isoformat() == day


@pytest.mark.parametrize(
    "license",
    [
        a_license(),
        a_license(license_period=a_period("2026-04-01", None), maintenance_period=None, optional_products=()),
        a_license(other_claims={"x_a": 1, "x_b": "b"}, audience="7d3c1f5a-2b64-4e0e-9c58-0f6a1d2b3c4d"),
    ],
)
def test_what_an_event_stores_of_a_license_gives_the_same_license(license: object) -> None:
    assert license_of_fields(fields_of_key(a_license_key(license))) == license  # type: ignore[arg-type]
