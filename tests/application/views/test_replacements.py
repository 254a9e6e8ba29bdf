"""Which license was replaced by which, and on which day."""

from __future__ import annotations

from datetime import date

from application.views.replacements import replacements
from domain.installation import Installation
from tests.domain.installations import an_installation, at, day_view_of, register
from tests.examples import a_period, seconds


def told(installation: Installation, day: str) -> dict[str, tuple[str, str]]:
    """By edition: which one replaced it, and when."""
    found = replacements(day_view_of(installation, day)).values()
    return {each.license.edition: (each.by.edition, each.on.isoformat()) for each in found}


def test_k1_one_that_acts_at_once_replaces_the_one_in_force() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", edition="First")
    assert told(installation, "2026-05-01") == {}
    register(installation, "2026-05-02", edition="Second")
    assert told(installation, "2026-05-02") == {"First": ("Second", "2026-05-02")}


def test_k1_one_that_waits_replaces_nothing_before_its_day() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", edition="First")
    register(installation, "2026-05-02", edition="Second", license_period=a_period("2027-04-01", "2028-03-31"))
    assert told(installation, "2027-03-31") == {}
    assert told(installation, "2027-04-01") == {"First": ("Second", "2027-04-01")}


def test_k1_one_that_cancels_another_replaces_it_on_the_day_of_its_registration() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", edition="First", license_period=a_period("2027-04-01", "2028-03-31"))
    register(installation, "2026-05-02", edition="Second", license_period=a_period("2027-04-01", "2027-12-31"))
    assert told(installation, "2026-05-02") == {"First": ("Second", "2026-05-02")}
    register(installation, "2026-06-03", edition="Third", license_period=a_period("2026-06-03", None))
    assert told(installation, "2026-06-03") == {
        "First": ("Second", "2026-05-02"),
        "Second": ("Third", "2026-06-03"),
    }


def test_l3_what_a_corrected_clock_cancels_was_replaced_on_that_day() -> None:
    """Two that were registered on days that never were count from one day on, and the later one wins."""
    installation = an_installation()
    for day, edition in (("2026-04-01", "First"), ("2026-06-02", "Second"), ("2026-06-03", "Third")):
        register(installation, day, edition=edition, issued_at=seconds("2026-03-15T09:00:00+00:00"))
    installation.correct_clock(date(2026, 6, 1), stamp=at("2026-06-01"))
    assert told(installation, "2026-06-01") == {"First": ("Third", "2026-06-01"), "Second": ("Third", "2026-06-01")}
