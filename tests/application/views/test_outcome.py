"""K12: what a registration cancelled, and whose cover it shortened."""

from __future__ import annotations

from typing import Any

from application.views.outcome import Outcome, outcome
from domain.installation import Installation
from tests.domain.installations import an_installation, at, register, view_of
from tests.examples import a_period, seconds

PERPETUAL = a_period("2020-04-01", None)
NEXT_YEAR = a_period("2027-04-01", "2028-03-31")


def brought(installation: Installation, on: str, **fields: Any) -> Outcome:
    """What registering such a key brings about."""
    ((_, event),) = register(installation, on, **fields)
    return outcome(view_of(installation), event["key_id"])


def shortened(of: Outcome) -> list[tuple[str, str, str]]:
    """Of what, and its last days before and after."""
    return [(one.part.value, str(one.before), str(one.after)) for one in of.shortenings]


def cancelled(of: Outcome) -> list[tuple[str, str, str, str]]:
    """What, of which edition, and its days."""
    return [(one.part.value, one.license.edition, str(one.days.start), str(one.days.end)) for one in of.cancellations]


def licensed(**fields: Any) -> Installation:
    """An installation licensed from April 2026 to March 2027."""
    installation = an_installation()
    register(installation, "2026-04-01", **fields)
    return installation


def test_the_first_key_cancels_and_shortens_nothing() -> None:
    assert brought(an_installation(), "2026-04-01") == Outcome()


def test_a_renewal_and_one_with_more_licenses_cancel_and_shorten_nothing() -> None:
    installation = licensed()
    assert brought(installation, "2026-05-01", license_period=NEXT_YEAR, maintenance_period=NEXT_YEAR) == Outcome()
    assert brought(installation, "2026-06-01", licenses=9) == Outcome()


def test_a_license_that_is_cancelled_is_told_with_its_maintenance_and_the_days_of_both() -> None:
    installation = licensed()
    register(installation, "2026-05-01", edition="Wrong", license_period=NEXT_YEAR, maintenance_period=NEXT_YEAR)
    of = brought(installation, "2026-05-02", license_period=NEXT_YEAR, maintenance_period=NEXT_YEAR)
    assert cancelled(of) == [
        ("license", "Wrong", "2027-04-01", "2028-03-31"),
        ("maintenance", "Wrong", "2027-04-01", "2028-03-31"),
    ]
    assert shortened(of) == []


def test_a_longer_key_that_cancels_the_renewal_shortens_what_was_covered() -> None:
    installation = licensed(maintenance_period=None)
    register(installation, "2026-05-01", edition="Next", license_period=NEXT_YEAR, maintenance_period=None)
    longer = a_period("2026-04-01", "2027-04-30")
    of = brought(installation, "2026-06-01", license_period=longer, maintenance_period=None)
    assert cancelled(of) == [("license", "Next", "2027-04-01", "2028-03-31")]
    assert shortened(of) == [("license", "2028-03-31", "2027-04-30")]


def test_a_license_with_an_end_shortens_one_without_also_when_it_waits() -> None:
    installation = licensed(license_period=PERPETUAL, maintenance_period=None)
    of = brought(installation, "2026-05-01", license_period=NEXT_YEAR, maintenance_period=None)
    assert (cancelled(of), shortened(of)) == ([], [("license", "None", "2028-03-31")])


def test_a_key_without_maintenance_takes_away_what_there_was() -> None:
    installation = licensed()
    of = brought(installation, "2026-06-01", maintenance_period=None)
    assert shortened(of) == [("maintenance", "2027-03-31", "None")]


def test_maintenance_that_was_over_is_not_taken_away() -> None:
    installation = licensed(maintenance_period=a_period("2026-04-01", "2026-05-31"))
    assert shortened(brought(installation, "2026-06-01", maintenance_period=None)) == []


def test_a_renewal_without_maintenance_shortens_nothing_since_nothing_was_covered_then() -> None:
    of = brought(licensed(), "2026-06-01", license_period=NEXT_YEAR, maintenance_period=None)
    assert shortened(of) == []


def test_t1_turned_round_a_short_maintenance_shortens_a_long_one() -> None:
    installation = licensed(license_period=PERPETUAL)
    long = a_period("2027-04-01", "2028-03-31")
    register(installation, "2027-03-17", edition="Long", license_period=PERPETUAL, maintenance_period=long)
    short = a_period("2027-04-01", "2027-04-30")
    of = brought(installation, "2027-03-20", license_period=PERPETUAL, maintenance_period=short)
    assert cancelled(of) == [("maintenance", "Long", "2027-04-01", "2028-03-31")]
    assert shortened(of) == [("maintenance", "2028-03-31", "2027-04-30")]


def test_it_tells_of_the_registration_also_after_others_and_after_a_corrected_clock() -> None:
    installation = licensed(maintenance_period=None, issued_at=seconds("2026-03-15T09:00:00+00:00"))
    issued_at = seconds("2026-04-15T09:00:00+00:00")
    register(installation, "2026-05-01", edition="Next", license_period=NEXT_YEAR, issued_at=issued_at)
    of = brought(installation, "2026-05-02", license_period=NEXT_YEAR, maintenance_period=None, issued_at=issued_at)
    key_id = of.cancellations[0].by.key_id
    register(installation, "2026-05-03", license_period=PERPETUAL, issued_at=issued_at)
    installation.correct_clock(at("2026-04-20").moment.date(), stamp=at("2026-04-20"))
    assert outcome(view_of(installation), key_id) == of


def test_a_key_that_was_never_registered_brought_about_nothing() -> None:
    assert outcome(view_of(licensed()), "none") == Outcome()
