"""Local times that never were, times that were twice, and the ends of days, in zones of every kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.local_time import (
    A_MOMENT,
    DayNeverWas,
    TimeNeverWas,
    TimeTwice,
    end_of_day,
    moment_at,
    moments_of,
    shown_at,
)

NEVER = [
    ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29 02:00", "2026-03-29 03:00+02:00"),
    ("2026-03-29T02:00", "Europe/Berlin", "2026-03-29 02:00", "2026-03-29 03:00+02:00"),
    ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04 02:00", "2026-10-04 02:30+11:00"),
    ("2011-12-30T12:00", "Pacific/Apia", "2011-12-30 00:00", "2011-12-31 00:00+14:00"),
    ("2018-11-04T00:30", "America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00-02:00"),
]

TWICE = [
    ("2026-10-25T02:45", "Europe/Berlin", "+02:00", "+01:00"),
    ("2026-10-25T02:00", "Europe/Berlin", "+02:00", "+01:00"),
    ("2026-04-05T01:45", "Australia/Lord_Howe", "+11:00", "+10:30"),
    ("2010-11-06T23:30", "America/St_Johns", "-02:30", "-03:30"),
]

ONCE = [
    ("2026-03-29T01:59:59", "Europe/Berlin"),
    ("2026-03-29T03:00", "Europe/Berlin"),
    ("2026-10-25T03:00", "Europe/Berlin"),
    ("2026-10-25T01:59:59", "Europe/Berlin"),
    ("2026-10-04T02:30", "Australia/Lord_Howe"),
    ("2011-12-31T00:00", "Pacific/Apia"),
    ("2011-12-29T23:59:59", "Pacific/Apia"),
    ("2026-07-01T12:00", "UTC"),
]


@pytest.mark.parametrize(("local", "zone", "before", "after"), NEVER, ids=[f"{row[1]} {row[0]}" for row in NEVER])
def test_a_time_that_never_was_is_refused_with_what_the_clocks_did(
    local: str, zone: str, before: str, after: str
) -> None:
    with pytest.raises(TimeNeverWas) as refused:
        moment_at(datetime.fromisoformat(local), zone)
    assert (refused.value.facts["before"], refused.value.facts["after"]) == (before, after)


@pytest.mark.parametrize(("local", "zone", "first", "second"), TWICE, ids=[f"{row[1]} {row[0]}" for row in TWICE])
def test_a_time_that_was_twice_names_both(local: str, zone: str, first: str, second: str) -> None:
    with pytest.raises(TimeTwice) as refused:
        moment_at(datetime.fromisoformat(local), zone)
    spelled = datetime.fromisoformat(local).isoformat(sep=" ")
    assert refused.value.choices == (f"{spelled}{first}", f"{spelled}{second}")
    one, other = map(datetime.fromisoformat, refused.value.choices)
    assert one < other
    assert [shown_at(moment, zone) for moment in (one, other)] == [f"{spelled} ({first})", f"{spelled} ({second})"]


@pytest.mark.parametrize(("local", "zone"), ONCE, ids=[f"{row[1]} {row[0]}" for row in ONCE])
def test_every_other_time_is_one_moment_and_shown_without_an_offset(local: str, zone: str) -> None:
    moment = moment_at(datetime.fromisoformat(local), zone)
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.fromisoformat(local)
    assert shown_at(moment, zone) == datetime.fromisoformat(local).isoformat(sep=" ")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"])
def test_every_moment_of_a_year_leads_to_its_own_local_time_again(zone: str) -> None:
    """Whatever the clocks of a zone show at a moment is a time that was, and names that moment."""
    for quarter in range(0, 4 * 24 * 366, 5):
        moment = datetime(2011, 6, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
        local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        assert moment in moments_of(local, zone)


@pytest.mark.parametrize(
    ("day", "zone", "next_day"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-30"),
        ("2026-10-25", "Europe/Berlin", "2026-10-26"),
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04"),
        ("2011-12-29", "Pacific/Apia", "2011-12-31"),
        ("2026-02-28", "Asia/Kathmandu", "2026-03-01"),
    ],
)
def test_the_end_of_a_day_is_the_last_moment_before_another_one(day: str, zone: str, next_day: str) -> None:
    end = end_of_day(date.fromisoformat(day), zone)
    days = [(end + later).astimezone(ZoneInfo(zone)).date().isoformat() for later in (timedelta(), A_MOMENT)]
    assert days == [day, next_day]


def test_a_day_that_a_zone_left_out_has_no_end() -> None:
    with pytest.raises(DayNeverWas):
        end_of_day(date(2011, 12, 30), "Pacific/Apia")
    assert end_of_day(date(2011, 12, 30), "Pacific/Auckland")


@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/New_York", "Europe/Berlin"])
def test_the_edges_of_the_calendar_are_days_too(zone: str) -> None:
    for edge in (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)):  # noqa: DTZ001  a local time
        assert moment_at(edge, zone)
        assert end_of_day(edge.date(), zone)
        assert shown_at(edge.replace(tzinfo=UTC), zone)
