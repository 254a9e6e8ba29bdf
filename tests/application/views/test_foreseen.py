"""K13: what is known to go wrong is told from the day on which it is known, and on no day too many."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from application.views.foreseen import CoverGap, OptionsEnd, TooFewLicenses, foreseen
from application.words import sentences
from application.words.language import ENGLISH
from domain.installation import Installation
from domain.license import Schedule
from tests.domain.installations import an_installation, at, day_view_of, register
from tests.domain.ledger import Entry
from tests.domain.test_plain_model import HORIZON, date_of, license_of, registrations
from tests.examples import INSTALLATION_ID, a_period

PERPETUAL = a_period("2020-04-01", None)
NEXT_YEAR = a_period("2027-04-01", "2028-03-31")
YEAR_AFTER = a_period("2028-04-01", "2029-03-31")


def licensed(*names: str, **fields: Any) -> Installation:
    """An installation with an administrator and others, licensed from April 2026 to March 2027."""
    installation = an_installation(*names)
    register(installation, "2026-04-01", **fields)
    return installation


def renew(installation: Installation, on: str = "2026-05-01", **fields: Any) -> None:
    fields = {"license_period": NEXT_YEAR, "maintenance_period": NEXT_YEAR, **fields}
    register(installation, on, **fields)


def told(installation: Installation, on: str = "2026-05-01") -> list[tuple[str, ...]]:
    """Each thing that will go wrong: its kind, its day, and what it is about."""
    lines: list[tuple[str, ...]] = []
    for one in foreseen(day_view_of(installation, on)):
        match one:
            case TooFewLicenses(day, license_, excess):
                lines.append(("too few", str(day), f"{license_.licenses} for {excess} too many"))
            case OptionsEnd(day, _, products):
                lines.append(("options", str(day), *products))
            case CoverGap(part, days):
                lines.append((part.value, str(days.start), str(days.end)))
    return lines


def codes(installation: Installation, on: str) -> list[str]:
    return [warning.code for warning in sentences.of_warnings(day_view_of(installation, on), ENGLISH)]


def test_k8_a_successor_in_time_with_the_same_or_more_raises_no_warning_at_all() -> None:
    installation = licensed("ann", "ben", licenses=4)
    renew(installation, licenses=4, optional_products=("Analytics", "Mobile"))
    for on in ("2026-05-01", "2027-03-31", "2027-04-01"):
        assert (told(installation, on), codes(installation, on)) == ([], [])


def test_before_any_key_and_with_one_alone_nothing_is_foreseen() -> None:
    installation = an_installation("ann")
    assert told(installation) == []
    register(installation, "2026-04-01", licenses=1)
    assert told(installation) == []


def test_w2_a_renewal_that_is_too_small_is_told_at_once_with_its_day() -> None:
    installation = licensed("ann", "ben")
    renew(installation, licenses=2)
    assert told(installation) == [("too few", "2027-04-01", "2 for 1 too many")]
    assert told(installation, "2027-03-31") == [("too few", "2027-04-01", "2 for 1 too many")]
    assert told(installation, "2027-04-01") == []
    assert codes(installation, "2027-04-01") == ["licenses_exceeded"]


def test_a_user_who_is_one_too_many_for_the_next_license_brings_it_about_and_deleting_mends_it() -> None:
    installation = licensed("ann")
    renew(installation, licenses=2)
    assert told(installation) == []
    installation.add_user("ben", stamp=at("2026-05-02"))
    assert told(installation) == [("too few", "2027-04-01", "2 for 1 too many")]
    installation.delete_user("ann", stamp=at("2026-05-03"))
    assert told(installation, "2026-05-03") == []


def test_a_second_license_that_waits_is_told_if_it_takes_more_than_the_first() -> None:
    installation = licensed("ann", "ben")
    renew(installation, licenses=2)
    renew(installation, licenses=2, license_period=YEAR_AFTER, maintenance_period=YEAR_AFTER)
    assert told(installation) == [("too few", "2027-04-01", "2 for 1 too many")]
    renew(installation, licenses=1, license_period=YEAR_AFTER, maintenance_period=YEAR_AFTER)
    assert told(installation)[1:] == [("too few", "2028-04-01", "1 for 2 too many")]


def test_w2_a_renewal_without_options_of_today_is_told_with_those_that_will_end() -> None:
    installation = licensed(optional_products=("Analytics", "Mobile"))
    renew(installation, optional_products=("Mobile", "New"))
    assert told(installation) == [("options", "2027-04-01", "Analytics")]


def test_w2_a_renewal_without_maintenance_ends_all_options() -> None:
    installation = licensed(optional_products=("Analytics", "Mobile"))
    renew(installation, maintenance_period=None, optional_products=())
    assert told(installation) == [("options", "2027-04-01", "Analytics", "Mobile")]


def test_an_option_is_told_once_and_one_that_cannot_be_used_today_never() -> None:
    installation = licensed(optional_products=("Analytics", "Mobile"))
    renew(installation, optional_products=("Mobile",))
    renew(installation, license_period=YEAR_AFTER, maintenance_period=YEAR_AFTER, optional_products=())
    assert told(installation) == [("options", "2027-04-01", "Analytics"), ("options", "2028-04-01", "Mobile")]
    assert told(installation, "2027-04-01") == [("options", "2028-04-01", "Mobile")]


def test_k10_the_yearly_key_of_a_perpetual_license_is_looked_at_on_the_day_of_its_maintenance() -> None:
    installation = licensed(license_period=PERPETUAL, optional_products=("Analytics", "Mobile"))
    renew(installation, license_period=PERPETUAL, optional_products=("Analytics",))
    assert told(installation) == [("options", "2027-04-01", "Mobile")]


def test_w2_days_between_two_licenses_and_their_maintenances_are_a_gap_until_they_are_over() -> None:
    installation = licensed()
    period = a_period("2027-05-01", "2028-04-30")
    renew(installation, license_period=period, maintenance_period=period)
    gaps = [("license", "2027-04-01", "2027-04-30"), ("maintenance", "2027-04-01", "2027-04-30")]
    for on in ("2026-05-01", "2027-03-31", "2027-04-01", "2027-04-30"):
        assert told(installation, on) == gaps
    assert told(installation, "2027-05-01") == []


def test_days_after_the_last_license_and_before_the_first_are_no_gap() -> None:
    installation = an_installation()
    renew(installation, license_period=NEXT_YEAR)
    assert told(installation) == []
    assert told(installation, "2028-06-01") == []


def test_a_gap_of_one_day_is_a_gap_and_a_key_for_it_mends_it() -> None:
    installation = licensed(maintenance_period=None)
    renew(installation, license_period=a_period("2027-04-02", "2028-03-31"), maintenance_period=None)
    assert told(installation) == [("license", "2027-04-01", "2027-04-01")]
    one_day = a_period("2027-04-01", "2027-04-01")
    register(installation, "2026-05-02", license_period=one_day, maintenance_period=None)
    assert told(installation, "2026-05-02") == []


def test_a_year_without_maintenance_between_two_with_it_is_a_gap() -> None:
    installation = licensed(optional_products=())
    renew(installation, maintenance_period=None, optional_products=())
    renew(installation, license_period=YEAR_AFTER, maintenance_period=YEAR_AFTER, optional_products=())
    assert told(installation) == [("maintenance", "2027-04-01", "2028-03-31")]


@settings(max_examples=200, deadline=None)
@given(registrations(), st.integers(0, 20), st.lists(st.integers(1, 4), min_size=6, max_size=6), st.integers(1, 4))
def test_over_any_registrations_it_tells_what_looking_at_one_day_after_the_other_shows(
    entries: list[Entry], later: int, valid: list[int], in_use: int
) -> None:
    schedule = Schedule()
    for number, entry in enumerate(entries):
        license_ = replace(license_of(entry), licenses=valid[number])
        schedule = schedule.register(license_, date_of(entry.registered))
    today = entries[-1].registered + later
    view = Entitlement(UUID(INSTALLATION_ID), "Name", "product", "UTC", 1, date_of(today), schedule, in_use)
    told = foreseen(DayView(view, date_of(today)))
    standings = [schedule.on(date_of(number)) for number in range(3 * HORIZON)]
    for part, covered in (
        ("license", [standing.license_status == "active" for standing in standings]),
        ("maintenance", [standing.maintenance_status == "active" for standing in standings]),
    ):
        gaps = [one.days for one in told if isinstance(one, CoverGap) and one.part == part]
        assert gaps == [a_period(date_of(first), date_of(last)) for first, last in holes(covered) if last >= today]
    most, expected = 0, []
    for number in range(today + 1, len(standings)):
        is_another = standings[number].edition != standings[number - 1].edition
        if is_another and in_use - standings[number].valid > most:
            most = in_use - standings[number].valid
            expected.append((date_of(number), most))
    assert [(one.day, one.excess) for one in told if isinstance(one, TooFewLicenses)] == expected


def holes(covered: list[bool]) -> list[tuple[int, int]]:
    """The first and last day of each run of days that are not covered, between days that are."""
    known = [number for number, is_covered in enumerate(covered) if is_covered]
    return [(one + 1, another - 1) for one, another in pairwise(known) if another > one + 1]


def test_what_ends_before_a_gap_says_when_it_goes_on_and_one_banner_names_both_gaps() -> None:
    installation = licensed()
    period = a_period("2027-05-01", "2028-04-30")
    renew(installation, license_period=period, maintenance_period=period)
    before = {
        each.code: each.message for each in sentences.of_warnings(day_view_of(installation, "2027-03-31"), ENGLISH)
    }
    assert "the next license takes effect on 2027-05-01" in before["license_ends_soon"]
    assert "until 2027-05-01, when the next one begins" in before["maintenance_ends_soon"]
    within = {
        each.code: each.message for each in sentences.of_warnings(day_view_of(installation, "2027-04-10"), ENGLISH)
    }
    assert "log in until 2027-05-01, when the next license takes effect" in within["license_over"]
    assert "until 2027-05-01, when the next one begins" in within["maintenance_over"]
    banners = sentences.of_banners(day_view_of(installation, "2026-06-01"), ENGLISH)
    (gap,) = [banner.message for banner in banners if banner.code == "cover_gap"]
    for on, says in (
        ("2027-03-31", "; the next ones begin on 2027-05-01."),
        ("2027-04-10", "when the next ones begin"),
    ):
        banners = sentences.of_banners(day_view_of(installation, on), ENGLISH)
        (end,) = [banner.message for banner in banners if banner.code != "cover_gap"]
        assert says in end
    assert gap.startswith("No license and no maintenance period cover 2027-04-01 to 2027-04-30")
