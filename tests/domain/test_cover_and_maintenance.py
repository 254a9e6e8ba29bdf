"""K8, K10 and K11: how long the licenses cover, whose maintenance counts, and who is warned of what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.installation import Installation
from domain.license import Schedule
from tests.domain.installations import an_installation, at, register, schedule_of
from tests.examples import a_license, a_period, seconds


def day(text: str) -> date:
    return date.fromisoformat(text)


def warned(schedule: Schedule, on: str) -> list[tuple[str, int]]:
    return [(warning.code, warning.days_left) for warning in schedule.on(day(on)).warnings]


def with_a_year(*, maintenance_end: str | None = "2027-03-31") -> Installation:
    """An installation licensed from April 2026 to March 2027."""
    installation = an_installation()
    maintenance = a_period("2026-04-01", maintenance_end) if maintenance_end else None
    register(installation, "2026-04-01", maintenance_period=maintenance)
    return installation


def test_k8_a_license_whose_successor_follows_without_a_gap_raises_no_warning() -> None:
    installation = with_a_year(maintenance_end=None)
    assert warned(schedule_of(installation), "2027-03-31") == [("license_ends_soon", 0)]
    register(installation, "2027-03-15", license_period=a_period("2027-04-01", "2028-03-31"), maintenance_period=None)
    assert warned(schedule_of(installation), "2027-03-31") == []
    assert schedule_of(installation).on(day("2027-03-31")).covered_until == day("2028-03-31")


def test_k8_a_gap_of_one_day_is_a_gap() -> None:
    installation = with_a_year(maintenance_end=None)
    register(installation, "2027-03-15", license_period=a_period("2027-04-02", "2028-03-31"), maintenance_period=None)
    schedule = schedule_of(installation)
    assert warned(schedule, "2027-03-31") == [("license_ends_soon", 0)]
    assert warned(schedule, "2027-04-01") == [("license_over", -1)]
    assert warned(schedule, "2027-04-02") == []


def test_k8_several_successors_are_one_cover() -> None:
    installation = with_a_year(maintenance_end=None)
    for year in (2028, 2027, 2029):
        period = a_period(f"{year}-04-01", f"{year + 1}-03-31")
        register(installation, "2026-05-01", license_period=period, maintenance_period=None)
    assert schedule_of(installation).on(day("2026-05-01")).covered_until == day("2030-03-31")


def test_k10_maintenance_keeps_its_turn_when_the_early_yearly_key_takes_effect() -> None:
    """A perpetual customer registers in March the key whose maintenance begins in April: options stay on."""
    installation = an_installation()
    perpetual = a_period("2020-04-01", None)
    register(
        installation,
        "2026-04-01",
        license_period=perpetual,
        maintenance_period=a_period("2026-04-01", "2027-03-31"),
        optional_products=("Old",),
    )
    register(
        installation,
        "2027-03-15",
        license_period=perpetual,
        maintenance_period=a_period("2027-04-01", "2028-03-31"),
        optional_products=("New",),
        licenses=5,
    )
    schedule = schedule_of(installation)
    assert schedule.on(day("2027-03-15")).valid == 5
    assert schedule.on(day("2027-03-31")).products_in_use == ("Old",)
    assert schedule.on(day("2027-04-01")).products_in_use == ("New",)
    assert schedule.on(day("2027-03-15")).maintenance_covered_until == day("2028-03-31")


def test_k10_no_maintenance_counts_as_none_from_its_effect_day() -> None:
    installation = with_a_year()
    register(installation, "2026-10-01", maintenance_period=None, optional_products=())
    schedule = schedule_of(installation)
    assert schedule.on(day("2026-09-30")).products_in_use == ("Analytics",)
    assert schedule.on(day("2026-10-01")).maintenance is None
    assert schedule.on(day("2026-10-01")).maintenance_covered_until is None


def test_k10_a_pending_licenses_maintenance_does_not_begin_before_its_license() -> None:
    installation = with_a_year(maintenance_end="2026-12-31")
    register(
        installation,
        "2026-05-01",
        license_period=a_period("2027-04-01", "2028-03-31"),
        maintenance_period=a_period("2027-01-01", "2027-12-31"),
        optional_products=("New",),
    )
    schedule = schedule_of(installation)
    assert schedule.on(day("2027-02-01")).products_in_use == ()
    assert schedule.on(day("2027-04-01")).products_in_use == ("New",)


def test_k10_a_cancelled_licenses_maintenance_never_begins() -> None:
    installation = with_a_year()
    renewal = a_period("2027-04-01", "2028-03-31")
    register(installation, "2026-05-01", license_period=renewal, maintenance_period=renewal, edition="Wrong")
    register(
        installation, "2026-05-02", license_period=renewal, maintenance_period=a_period("2027-06-01", "2028-03-31")
    )
    standing = schedule_of(installation).on(day("2027-05-01"))
    assert (standing.maintenance, standing.maintenance_status) == (a_period("2026-04-01", "2027-03-31"), "expired")


def test_k10_maintenance_that_ended_before_its_license_took_effect_ends_the_options() -> None:
    installation = with_a_year()
    register(
        installation, "2026-10-01", maintenance_period=a_period("2026-04-01", "2026-08-31"), optional_products=("New",)
    )
    standing = schedule_of(installation).on(day("2026-10-01"))
    assert (standing.products_in_use, standing.maintenance_status) == ((), "expired")
    assert standing.maintenance_covered_until == day("2026-08-31")
    assert ("maintenance_over", -31) in warned(schedule_of(installation), "2026-10-01")


def test_k10_on_one_day_the_maintenance_of_the_license_that_took_effect_last_counts() -> None:
    installation = an_installation()
    for on, product in (("2026-04-01", "First"), ("2026-04-20", "Second")):
        register(
            installation,
            on,
            license_period=a_period("2026-04-01", None),
            maintenance_period=a_period("2026-06-01", "2027-05-31"),
            optional_products=(product,),
        )
    assert schedule_of(installation).on(day("2026-06-01")).products_in_use == ("Second",)


def a_perpetual(
    b_begins: str = "2027-04-01", b_ends: str = "2028-03-31", b_products: str = "Analytics"
) -> Installation:
    """A is perpetual with maintenance 2026-04-01 to 2027-03-31; B, the yearly key, is registered on 2027-03-17."""
    installation = an_installation()
    yearly(installation, "2026-04-01", "2026-04-01", "2027-03-31")
    yearly(installation, "2027-03-17", b_begins, b_ends, b_products)
    return installation


def yearly(
    installation: Installation, on: str, begins: str | None, ends: str | None = None, *products: str, **fields: Any
) -> None:
    """Register a perpetual license with such a maintenance period, or with none."""
    register(
        installation,
        on,
        license_period=a_period("2020-04-01", None),
        maintenance_period=a_period(begins, ends) if begins else None,
        optional_products=products or ("Analytics",) * (begins is not None),
        **fields,
    )


def products(installation: Installation, *days: str) -> list[tuple[str, ...]]:
    schedule = schedule_of(installation)
    return [schedule.on(day(each)).products_in_use for each in days]


def cancelled(installation: Installation) -> list[tuple[str, str, str]]:
    """What was cancelled, and its days."""
    return [(one.part.value, str(one.days.start), str(one.days.end)) for one in schedule_of(installation).cancelled]


def test_k10_b_alone_an_early_yearly_key_never_switches_options_off() -> None:
    installation = a_perpetual()
    days = ("2027-03-16", "2027-03-17", "2027-03-31", "2027-04-01", "2028-03-31", "2028-04-01")
    assert products(installation, *days) == [("Analytics",)] * 5 + [()]
    assert cancelled(installation) == []


def test_k10_t1_a_correction_replaces_the_maintenance_of_what_it_corrects() -> None:
    installation = a_perpetual(b_ends="2027-04-30")
    yearly(installation, "2027-03-20", "2026-04-01", "2028-03-31")
    days = ("2027-03-31", "2027-04-01", "2027-05-01", "2028-03-31", "2028-04-01")
    assert products(installation, *days) == [("Analytics",)] * 4 + [()]
    assert schedule_of(installation).on(day("2027-03-20")).maintenance_covered_until == day("2028-03-31")
    assert cancelled(installation) == [("maintenance", "2027-04-01", "2027-04-30")]


def test_k10_t2_an_option_that_was_added_stays_when_the_turn_of_the_yearly_key_would_have_come() -> None:
    installation = a_perpetual(b_begins="2027-06-01", b_ends="2028-05-31")
    yearly(installation, "2027-05-01", "2027-05-01", "2028-03-31", "Analytics", "Mobile")
    days = ("2027-05-01", "2027-05-31", "2027-06-01", "2028-03-31", "2028-04-01")
    assert products(installation, *days) == [("Analytics", "Mobile")] * 4 + [()]
    assert cancelled(installation) == [("maintenance", "2027-06-01", "2028-05-31")]


def test_k10_t3_after_a_license_without_maintenance_there_is_none() -> None:
    installation = a_perpetual(b_products="Sold by mistake")
    yearly(installation, "2027-03-20", None)
    assert products(installation, "2027-03-19", "2027-03-20", "2027-04-01", "2028-01-01") == [
        ("Analytics",),
        (),
        (),
        (),
    ]
    assert [schedule_of(installation).on(day(on)).maintenance for on in ("2027-03-20", "2027-04-01")] == [None, None]
    assert cancelled(installation) == [("maintenance", "2027-04-01", "2028-03-31")]


def test_k10_t4_a_turn_that_comes_after_the_last_maintenance_day_is_kept() -> None:
    installation = a_perpetual(b_products="Next")
    yearly(installation, "2027-03-20", "2026-04-01", "2027-03-31", licenses=5)
    assert products(installation, "2027-03-31", "2027-04-01", "2028-03-31") == [("Analytics",), ("Next",), ("Next",)]
    assert schedule_of(installation).on(day("2027-04-01")).valid == 5
    assert cancelled(installation) == []


def test_k10_t5_an_option_that_was_added_early_stays_on_the_first_of_april() -> None:
    installation = a_perpetual()
    yearly(installation, "2027-03-20", "2027-03-20", "2028-03-31", "Analytics", "Mobile")
    assert products(installation, "2027-03-20", "2027-04-01", "2028-03-31") == [("Analytics", "Mobile")] * 3
    assert cancelled(installation) == [("maintenance", "2027-04-01", "2028-03-31")]


def test_k10_a_turn_on_the_same_day_is_cancelled_by_the_one_registered_later() -> None:
    installation = a_perpetual(b_products="First")
    yearly(installation, "2027-03-20", "2027-04-01", "2028-03-31", "Second")
    assert products(installation, "2027-03-31", "2027-04-01") == [("Analytics",), ("Second",)]


def test_k10_what_was_cancelled_does_not_come_back_when_what_cancelled_it_is_cancelled() -> None:
    installation = a_perpetual(b_products="First")
    yearly(installation, "2027-03-20", "2027-04-01", "2028-03-31", "Second")
    yearly(installation, "2027-03-21", "2027-04-01", "2027-04-30", "Third")
    assert products(installation, "2027-04-01", "2027-05-01") == [("Third",), ()]


def test_k10_a_maintenance_that_ended_before_its_turn_cancels_nothing() -> None:
    installation = a_perpetual(b_products="Next")
    yearly(installation, "2027-04-01", "2026-04-01", "2027-03-31", "Late")
    assert cancelled(installation) == []
    assert products(installation, "2027-03-31", "2027-04-01") == [("Analytics",), ()]


def test_k10_the_license_in_force_does_not_show_its_own_maintenance_as_coming_when_it_was_cancelled() -> None:
    installation = an_installation()
    yearly(installation, "2026-04-01", "2026-07-01", "2027-06-30")
    period = a_period("2026-06-01", "2027-05-31")
    register(installation, "2026-05-01", license_period=period, maintenance_period=period, optional_products=("New",))
    schedule = schedule_of(installation)
    assert schedule.on(day("2026-05-01")).maintenance is None
    assert [schedule.on(day(on)).products_in_use for on in ("2026-06-01", "2026-07-01")] == [("New",), ("New",)]


def test_k10_a_corrected_clock_lets_turns_cancel_one_another_on_their_new_days() -> None:
    """L3: registered in 2030 by a clock that was wrong, it counts from the corrected day on, before B's turn."""
    installation = a_perpetual(b_products="Next")
    issued_at = seconds("2027-03-20T09:00:00+00:00")
    yearly(installation, "2030-01-01", "2027-03-01", "2030-12-31", "Analytics", "Mobile", issued_at=issued_at)
    assert products(installation, "2027-04-01") == [("Next",)]
    installation.correct_clock(day("2027-03-20"), stamp=at("2027-03-20"))
    assert products(installation, "2027-03-20", "2027-04-01") == [("Analytics", "Mobile")] * 2
    (one,) = schedule_of(installation).cancelled
    assert (one.part, one.on, one.license.optional_products) == ("maintenance", day("2027-03-20"), ("Next",))


@pytest.mark.parametrize(
    ("days_left", "warned_stage"),
    [(61, None), (60, 60), (31, 60), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1), (-1, 0)],
)
def test_k11_warnings_come_in_stages(days_left: int, warned_stage: int | None) -> None:
    schedule = schedule_of(with_a_year())
    on = day("2027-03-31") - timedelta(days=days_left)
    assert [warning.stage for warning in schedule.on(on).warnings] == [warned_stage] * (2 * (warned_stage is not None))
    ending = "over" if days_left < 0 else "ends_soon"
    expected = [] if warned_stage is None else [(f"license_{ending}", days_left), (f"maintenance_{ending}", days_left)]
    assert warned(schedule, on.isoformat()) == expected


def test_k11_maintenance_is_warned_of_apart_from_the_license() -> None:
    schedule = schedule_of(with_a_year(maintenance_end="2026-12-31"))
    assert warned(schedule, "2026-12-01") == [("maintenance_ends_soon", 30)]
    assert warned(schedule, "2027-01-01") == [("maintenance_over", -1)]
    assert warned(schedule, "2027-03-01") == [("license_ends_soon", 30), ("maintenance_over", -60)]


def test_k11_nothing_is_warned_of_without_an_end_or_before_a_beginning() -> None:
    installation = an_installation()
    assert warned(schedule_of(installation), "2026-04-01") == []
    register(installation, "2026-03-20", license_period=a_period("2026-04-01", None), maintenance_period=None)
    assert warned(schedule_of(installation), "2026-03-31") == []
    assert warned(schedule_of(installation), "9999-12-31") == []


def test_k11_after_a_gap_the_cover_is_that_of_the_license_in_force() -> None:
    installation = with_a_year(maintenance_end=None)
    register(installation, "2026-05-01", license_period=a_period("2027-06-01", "2027-06-30"), maintenance_period=None)
    schedule = schedule_of(installation)
    until = {d: schedule.on(day(d)).covered_until for d in ("2027-03-31", "2027-05-31", "2027-06-01", "2027-07-15")}
    assert list(until.values()) == [day("2027-03-31"), day("2027-03-31"), day("2027-06-30"), day("2027-06-30")]


def test_k11_a_shorter_successor_shortens_the_cover() -> None:
    """It does so from the day on which it is registered, since what it replaces never comes back."""
    installation = with_a_year(maintenance_end=None)
    register(installation, "2026-06-01", license_period=a_period("2026-06-01", "2026-06-30"), maintenance_period=None)
    assert schedule_of(installation).on(day("2026-05-01")).covered_until == day("2026-06-30")


def test_a_schedule_works_at_the_ends_of_the_calendar() -> None:
    whole = a_license(license_period=a_period(date.min, date.max), maintenance_period=a_period(date.min, date.max))
    schedule = Schedule().register(whole, date.min)
    for on in (date.min, date(2026, 4, 1), date.max):
        standing = schedule.on(on)
        assert (standing.license, standing.products_in_use) == (whole, ("Analytics",))
    later = schedule.register(a_license(license_period=a_period(date.max, date.max)), date(2026, 4, 1))
    assert later.on(date.max - timedelta(days=1)).license == whole
    assert later.on(date.max).license != whole


def test_next_is_the_pending_license_whose_turn_comes_first() -> None:
    installation = with_a_year()
    for start, end in (("2028-04-01", "2029-03-31"), ("2027-04-01", "2028-03-31")):
        register(installation, "2026-05-01", license_period=a_period(start, end))
    schedule = schedule_of(installation)
    pending = [schedule.on(day(d)).next for d in ("2027-03-31", "2027-04-01", "2028-04-01")]
    assert [turn and turn.effect_day.isoformat() for turn in pending] == ["2027-04-01", "2028-04-01", None]


def test_a_schedule_with_its_answers_remembered_is_equal_to_one_without() -> None:
    one, other = Schedule().register(a_license(), date(2026, 4, 1)), Schedule().register(a_license(), date(2026, 4, 1))
    for offset in range(20):
        assert one.on(date(2026, 4, 1) + timedelta(days=offset)).day == date(2026, 4, 1) + timedelta(days=offset)
    assert one == other
