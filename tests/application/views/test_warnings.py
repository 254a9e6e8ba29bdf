"""K8, K11, K13 and U4: what administrators are warned of on a day, in which stage, and what names it for ever."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.views.curves import license_spans, maintenance_spans
from application.views.day_view import DayView
from application.views.entitlement import fold
from application.views.warnings import DayWarning, warnings
from domain.installation import Installation
from domain.license import WARNING_STAGES, fullness_stage
from tests.domain.installations import an_installation, at, day_view_of, register, view_of
from tests.domain.ledger import Entry
from tests.domain.test_plain_model import HORIZON, date_of, license_of, registrations
from tests.examples import a_period

ON = "2026-06-01"
KEY = "11111111-1111-4111-8111-111111111111"
OTHER_KEY = "22222222-2222-4222-8222-222222222222"
FAR = HORIZON * 3


def licensed(users: int, licenses: int) -> Installation:
    """An installation with so many users, the administrator among them, and so many licenses."""
    installation = an_installation(*(f"user {number}" for number in range(1, users)))
    register(installation, "2026-04-01", licenses=licenses, key_id=KEY)
    return installation


def told(installation: Installation, on: str = ON) -> list[tuple[str, int | None, str | None]]:
    return [
        (one.code, one.stage, one.day.isoformat() if one.day else None)
        for one in warnings(day_view_of(installation, on))
    ]


def keys(installation: Installation, on: str = ON) -> list[str]:
    return [one.key for one in warnings(day_view_of(installation, on))]


@pytest.mark.parametrize(
    ("in_use", "valid", "stage"),
    [
        (0, 0, None),
        (1, 0, None),
        (0, 1, None),
        (1, 1, 100),
        (2, 1, None),
        (2, 3, None),
        (8, 9, None),
        (9, 10, 90),
        (10, 10, 100),
        (11, 10, None),
        (18, 20, 90),
        (19, 20, 95),
        (89, 100, None),
        (94, 100, 90),
        (99, 100, 95),
        (899, 1_000, None),
        (9_499_999_999_999_999, 10_000_000_000_000_000, 90),
        (9_999_999_999_999_999, 10_000_000_000_000_000, 95),
    ],
)
def test_u4_nearly_full_is_counted_in_whole_numbers(in_use: int, valid: int, stage: int | None) -> None:
    assert fullness_stage(in_use, valid) == stage


@settings(deadline=None)
@given(st.integers(1, 400))
def test_u4_while_users_are_added_one_by_one_no_stage_of_100_licenses_or_more_is_skipped(valid: int) -> None:
    """Stages only rise; with fewer than twenty licenses one user can take two steps at once."""
    stages = [fullness_stage(in_use, valid) or 0 for in_use in range(valid + 1)]
    assert stages == sorted(stages)
    assert stages[-1] == 100
    if valid >= 20:
        assert set(stages) == {0, 90, 95, 100}
    assert fullness_stage(valid + 1, valid) is None


def test_u4_nearly_full_names_its_license_and_since_when_it_is_so() -> None:
    installation = licensed(8, 10)
    assert told(installation) == []
    installation.add_user("ann", stamp=at("2026-05-02"))
    assert told(installation) == [("nearly_full", 90, "2026-05-02")]
    assert keys(installation) == [f"nearly_full:{KEY}:90"]
    installation.add_user("ben", stamp=at("2026-05-04"))
    assert told(installation) == [("nearly_full", 100, "2026-05-04")]
    installation.delete_user("ben", stamp=at("2026-05-05"))
    assert told(installation) == [("nearly_full", 90, "2026-05-02")]
    installation.delete_user("ann", stamp=at("2026-05-06"))
    installation.restore_user("ann", stamp=at("2026-05-08"))
    assert told(installation) == [("nearly_full", 90, "2026-05-08")]


def test_u4_beyond_valid_is_named_by_the_day_on_which_it_began_so_that_it_is_told_each_time() -> None:
    installation = licensed(10, 10)
    installation.add_user("ann", stamp=at("2026-05-02"))
    assert told(installation) == [("licenses_exceeded", None, "2026-05-02")]
    installation.add_user("ben", stamp=at("2026-05-04"))
    assert keys(installation) == ["licenses_exceeded:2026-05-02"]
    for name in ("ann", "ben"):
        installation.delete_user(name, stamp=at("2026-05-05"))
    installation.restore_user("ann", stamp=at("2026-05-09"))
    assert keys(installation) == ["licenses_exceeded:2026-05-09"]


def test_u4_a_smaller_license_that_takes_effect_begins_it_too() -> None:
    installation = licensed(9, 20)
    register(
        installation, "2026-05-02", licenses=8, license_period=a_period("2026-05-20", "2027-03-31"), key_id=OTHER_KEY
    )
    assert keys(installation, "2026-05-19") == [f"licenses_will_be_exceeded:2026-05-20:{OTHER_KEY}"]
    assert told(installation) == [("licenses_exceeded", None, "2026-05-20")]


def test_u4_how_full_a_license_will_be_that_waits_is_not_told_and_one_that_waits_silences_nothing() -> None:
    """Of a license that waits K13 tells if it has too few; what is full today is full today."""
    installation = licensed(9, 20)
    register(installation, "2026-05-02", licenses=9, license_period=a_period("2026-07-01", "2027-03-31"))
    assert told(installation) == []
    assert told(installation, "2026-07-01") == [("nearly_full", 100, "2026-07-01")]
    full = licensed(10, 10)
    register(full, "2026-05-02", licenses=99, license_period=a_period("2026-07-01", "2027-03-31"))
    assert [code for code, _, _ in told(full)] == ["nearly_full"]
    assert told(full, "2026-07-01") == []


def test_u4_of_a_license_that_is_not_in_force_nothing_is_nearly_full() -> None:
    installation = an_installation("ann")
    assert told(installation) == [("no_license", None, None)]
    register(installation, "2026-04-01", licenses=2, license_period=a_period("2026-06-15", "2026-07-31"))
    assert told(installation) == [("license_not_started", None, "2026-06-15")]
    assert [code for code, _, _ in told(installation, "2026-06-15")] == ["nearly_full", "license_ends_soon"]
    assert [code for code, _, _ in told(installation, "2026-08-01")] == ["license_over"]


def test_k11_each_stage_of_license_and_maintenance_has_a_name_of_its_own() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", maintenance_period=a_period("2026-04-01", "2026-12-31"))
    assert keys(installation, "2026-12-01") == ["maintenance_ends_soon:2026-12-31:30"]
    assert keys(installation, "2026-12-02") == ["maintenance_ends_soon:2026-12-31:30"]
    assert keys(installation, "2027-01-01") == ["maintenance_over:2026-12-31:0"]
    assert keys(installation, "2027-03-31") == ["license_ends_soon:2027-03-31:1", "maintenance_over:2026-12-31:0"]
    assert keys(installation, "2027-04-01") == ["license_over:2027-03-31:0", "maintenance_over:2026-12-31:0"]


def test_k13_what_is_foreseen_is_named_by_its_day_and_its_key() -> None:
    installation = licensed(2, 10)
    register(
        installation,
        "2026-05-01",
        licenses=1,
        license_period=a_period("2027-04-03", "2028-03-31"),
        maintenance_period=None,
        key_id=OTHER_KEY,
    )
    assert keys(installation) == [
        "cover_gap:license:2027-04-01:2027-04-02",
        f"licenses_will_be_exceeded:2027-04-03:{OTHER_KEY}",
        f"options_will_end:2027-04-03:{OTHER_KEY}",
    ]


def test_u4_before_the_first_license_nothing_was_exceeded() -> None:
    installation = an_installation("ann", "ben")
    register(installation, "2026-04-01", licenses=2)
    assert told(installation) == [("licenses_exceeded", None, "2026-04-01")]


def test_l3_since_when_leaves_out_days_that_a_corrected_clock_took_back() -> None:
    installation = licensed(10, 10)
    installation.add_user("ann", stamp=at("2026-05-02"))
    installation.delete_user("ann", stamp=at("2036-05-03"))
    installation.correct_clock(date(2026, 5, 3), stamp=at("2026-05-03"))
    installation.restore_user("ann", stamp=at("2026-05-04"))
    assert told(installation) == [("licenses_exceeded", None, "2026-05-04")]


DEEDS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(("add", "add", "delete", "fewer", "more"))), max_size=30)
"""How many days after the one before somebody does something, and what."""


@settings(max_examples=60, deadline=None)
@given(DEEDS)
def test_u4_over_random_histories_since_when_is_what_looking_at_one_day_after_the_other_shows(
    deeds: list[tuple[int, str]],
) -> None:
    installation, day, users, licenses = an_installation(day="2026-03-31"), date(2026, 4, 1), [], 4
    for number, (days, deed) in enumerate(deeds):
        day += timedelta(days=days)
        if deed == "add":
            users.append(f"user {number}")
            installation.add_user(users[-1], stamp=at(day))
        elif deed == "delete" and users:
            installation.delete_user(users.pop(), stamp=at(day))
        elif deed in ("fewer", "more"):
            licenses = max(1, licenses + (3 if deed == "more" else -3))
            register(installation, day, licenses=licenses, license_period=a_period("2026-04-01", None))
    events, last = list(installation.pending_events), day + timedelta(days=2)
    run: dict[tuple[str, int], date] = {}
    for on in (date(2026, 3, 31) + timedelta(days=number) for number in range((last - date(2026, 3, 30)).days)):
        view = fold(None, [event for event in events if date.fromisoformat(event.day) <= on])
        assert view is not None
        valid, in_use = DayView(view, on).valid, view.in_use
        is_so = {("licenses_exceeded", 0): 0 < valid < in_use} | {
            ("nearly_full", stage): valid > 0 and in_use / valid >= stage / 100 for stage in (90, 95, 100)
        }
        run = {what: run.get(what, on) for what, holds in is_so.items() if holds}
        for one in warnings(DayView(view, on)):
            if one.code in ("licenses_exceeded", "nearly_full"):
                assert one.day == run[one.code, one.stage or 0], deeds


@settings(max_examples=60, deadline=None)
@given(registrations())
def test_k11_over_random_registrations_stages_follow_one_another_and_names_are_for_ever(entries: list[Entry]) -> None:
    """From day to day, an end's stages only fall and skip none; a name means the same on every day, and stands once."""
    installation = an_installation(day="2025-12-01")
    for entry in entries:
        register_entry(installation, entry)
    view = view_of(installation)
    stages: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_key: dict[str, tuple[object, ...]] = {}
    for day in range(entries[-1].registered, FAR):
        on_day = warnings(DayView(view, date_of(day)))
        assert len({one.key for one in on_day}) == len(on_day)
        for one in on_day:
            what = (one.code, one.stage, one.day, one.is_urgent)
            assert by_key.setdefault(one.key, what) == what
            if one.stage is not None and one.code != "nearly_full":
                stages[one.code.partition("_")[0], str(one.day)].append(one.stage)
    for run in stages.values():
        assert run == sorted(run, reverse=True)
        possible = [*reversed(WARNING_STAGES), 0]
        first = possible.index(run[0])
        assert [stage for stage in possible if stage in run] == possible[first : first + len(set(run))]


@settings(max_examples=60, deadline=None)
@given(registrations())
def test_k8_over_random_registrations_an_end_with_a_successor_in_time_is_never_told(entries: list[Entry]) -> None:
    installation = an_installation(day="2025-12-01")
    for entry in entries:
        register_entry(installation, entry)
    view = view_of(installation)
    for spans, what in ((license_spans(view.schedule), "license"), (maintenance_spans(view.schedule), "maintenance")):
        followed = {
            one.end for one in spans for other in spans if one.end and other.start == one.end + timedelta(days=1)
        }
        for day in range(entries[-1].registered, FAR):
            assert not followed & {one.day for one in ends_of(what, warnings(DayView(view, date_of(day))))}


def ends_of(what: str, of_day: list[DayWarning]) -> list[DayWarning]:
    return [one for one in of_day if one.code in (f"{what}_ends_soon", f"{what}_over")]


def register_entry(installation: Installation, entry: Entry) -> None:
    license_ = license_of(entry)
    register(
        installation,
        date_of(entry.registered),
        edition=license_.edition,
        license_period=license_.license_period,
        maintenance_period=license_.maintenance_period,
        optional_products=license_.optional_products,
        licenses=3,
        issued_at=int(at(date(2025, 12, 1)).moment.timestamp()),
    )
