"""L3: the day never goes back by itself, and a jump forward can be mended."""

from __future__ import annotations

from datetime import date

import pytest

from domain.installation import Installation
from domain.refusals import ClockCorrectionRefused, LicensePeriodOver
from tests.domain.installations import (
    an_installation,
    answer,
    at,
    names_of,
    noon,
    recorded,
    register,
    schedule_of,
    view_of,
)
from tests.examples import a_period, seconds
from tests.refused import refused


def day(text: str) -> date:
    return date.fromisoformat(text)


def correct(installation: Installation, to: str, clock: str) -> list[str]:
    return names_of(recorded(installation, lambda: installation.correct_clock(day(to), stamp=at(clock))))


def jumped(to: str = "2096-06-01") -> Installation:
    """An installation whose clock ran ahead while a user was added."""
    installation = an_installation("ann")
    register(installation, "2026-04-01", issued_at=seconds("2026-03-15T09:00:00+00:00"))
    installation.add_user("ben", stamp=at(to))
    return installation


def test_l3_a_clock_set_back_records_the_newest_day() -> None:
    installation = an_installation()
    installation.add_user("ann", stamp=at("2026-06-01"))
    installation.add_user("ben", stamp=at("2025-01-01"))
    assert [event.day for event in installation.pending_events][-2:] == ["2026-06-01", "2026-06-01"]
    assert installation.pending_events[-1].timestamp == noon("2025-01-01")


def test_l3_a_clock_set_back_re_opens_nothing() -> None:
    installation = an_installation("ann")
    register(installation, "2026-04-01")
    installation.add_user("ben", stamp=at("2027-04-01"))
    view = view_of(installation)
    assert view.day_at(noon("2026-06-01")) == day("2027-04-01")
    assert answer(installation, "ann", view.day_at(noon("2026-06-01")).isoformat()) == ("refuse", "license_expired")
    with refused(LicensePeriodOver, "ended on 2027-03-31"):
        register(installation, "2026-06-01", licenses=9)


def test_l3_the_day_follows_the_clock_forward() -> None:
    view = view_of(an_installation())
    assert view.day_at(noon("2026-02-01")) == day("2026-02-01")


def test_l3_a_jump_forward_is_mended_by_a_correction() -> None:
    installation = jumped()
    assert view_of(installation).day_at(noon("2026-06-02")) == day("2096-06-01")
    assert correct(installation, "2026-06-02", clock="2026-06-02") == ["ClockCorrected"]
    view = view_of(installation)
    assert view.day_at(noon("2026-06-02")) == day("2026-06-02")
    assert view.day_at(noon("2026-05-02")) == day("2026-06-02")
    assert answer(installation, "ann", "2026-06-02") == ("admit", "ok")
    installation.add_user("cem", stamp=at("2026-06-03"))
    assert installation.pending_events[-1].day == "2026-06-03"


def test_l3_a_correction_is_an_alarm_for_auditors() -> None:
    installation = jumped()
    correct(installation, "2026-06-02", clock="2026-06-02")
    (alarm,) = view_of(installation).alarms
    assert (alarm.position, alarm.day) == (installation.version, day("2026-06-02"))
    assert isinstance(alarm.event, Installation.ClockCorrected)


def test_l3_a_correction_goes_not_below_the_issue_day_of_the_newest_registered_key() -> None:
    installation = jumped()
    with refused(ClockCorrectionRefused, "2026-03-15"):
        correct(installation, "2026-03-14", clock="2026-06-02")
    assert correct(installation, "2026-03-15", clock="2026-06-02") == ["ClockCorrected"]


def test_l3_the_newest_registered_key_is_the_one_issued_last() -> None:
    installation = jumped("2026-05-01")
    register(
        installation,
        "2026-05-02",
        license_period=a_period("2028-04-01", "2029-03-31"),
        issued_at=seconds("2026-01-01T09:00:00+00:00"),
    )
    with pytest.raises(ClockCorrectionRefused):
        correct(installation, "2026-03-14", clock="2026-06-02")


def test_l3_a_correction_is_refused_while_the_clock_itself_is_wrong() -> None:
    with refused(ClockCorrectionRefused, "2026-06-02"):
        correct(jumped(), "2026-06-03", clock="2026-06-02")


def test_l3_a_correction_forward_is_refused_since_there_is_nothing_to_mend() -> None:
    with refused(ClockCorrectionRefused, "nothing to mend"):
        correct(jumped(), "2096-06-02", clock="2097-01-01")


def test_l3_a_correction_to_the_day_that_it_is_records_nothing() -> None:
    assert correct(jumped(), "2096-06-01", clock="2096-06-01") == []


def test_l3_without_a_key_a_correction_may_go_as_far_back_as_is_needed() -> None:
    installation = an_installation(day="2096-06-01")
    assert correct(installation, "2026-06-02", clock="2026-06-02") == ["ClockCorrected"]


def test_l3_a_key_registered_during_the_jump_counts_from_the_corrected_day() -> None:
    installation = jumped("2030-06-01")
    register(
        installation,
        "2030-06-01",
        edition="Perpetual",
        license_period=a_period("2026-05-01", None),
        issued_at=seconds("2026-05-30T09:00:00+00:00"),
    )
    assert schedule_of(installation).on(day("2026-06-02")).edition == "Professional"
    correct(installation, "2026-06-02", clock="2026-06-02")
    assert schedule_of(installation).on(day("2026-06-02")).edition == "Perpetual"


def test_l3_a_key_registered_during_the_jump_cancels_what_it_would_have_cancelled_on_the_corrected_day() -> None:
    """A renewal that was pending before the jump does not take over from the perpetual license that replaced it."""
    installation = an_installation("ann")
    register(installation, "2026-04-01", edition="This year")
    register(installation, "2026-05-01", edition="Next year", license_period=a_period("2027-04-01", "2028-03-31"))
    register(
        installation,
        "2030-06-01",
        edition="Perpetual",
        license_period=a_period("2026-05-01", None),
        issued_at=seconds("2026-05-30T09:00:00+00:00"),
    )
    correct(installation, "2026-06-02", clock="2026-06-02")
    assert schedule_of(installation).on(day("2027-04-01")).edition == "Perpetual"


@pytest.mark.parametrize("time_zone", ["Asia/Tokyo", "Pacific/Kiritimati", "America/New_York"])
def test_l3_days_are_the_installations_own(time_zone: str) -> None:
    installation = an_installation(time_zone=time_zone)
    moment = noon("2026-07-01", "UTC").replace(hour=16)
    installation.add_user("ann", stamp=at(moment))
    expected = {"Asia/Tokyo": "2026-07-02", "Pacific/Kiritimati": "2026-07-02", "America/New_York": "2026-07-01"}
    assert installation.pending_events[-1].day == expected[time_zone]
