"""Calendar lines, steps of Valid and In use, and spans of licenses and maintenance."""

from __future__ import annotations

from datetime import date

from application.views.calendar import calendar_lines
from application.views.curves import Step, in_use_steps, license_spans, maintenance_spans, valid_steps
from tests.examples import a_period
from tests.world import World


def lines(story: World) -> list[tuple[str, str, int, str]]:
    """Day, what happened, the event after which it stands, and when the period that began or ended begins."""
    return [
        (line.day.isoformat(), line.event.value, line.after, line.period.start.isoformat())
        for line in calendar_lines(story.view, story.today)
    ]


def steps(found: list[Step]) -> list[tuple[str, int]]:
    return [(step.day.isoformat(), step.number) for step in found]


def test_nothing_happens_by_the_calendar_before_the_first_license(story: World) -> None:
    story.on("2026-06-01")
    assert calendar_lines(story.view, story.today) == []
    assert valid_steps(story.view, story.today) == []
    assert steps(in_use_steps(story.view)) == [("2026-01-01", 1)]


def test_a_license_registered_in_its_period_begins_by_its_event_and_ends_by_the_calendar(story: World) -> None:
    story.on("2026-05-01").register()
    story.on("2027-03-31")
    assert lines(story) == []
    story.on("2027-04-01")
    assert lines(story) == [
        ("2027-04-01", "LicenseEnded", 4, "2026-04-01"),
        ("2027-04-01", "MaintenanceEnded", 4, "2026-04-01"),
    ]


def test_an_early_license_begins_by_the_calendar_between_the_events_around_its_day(story: World) -> None:
    story.on("2026-03-15").register()
    story.on("2026-03-20").add("ann")
    story.on("2026-04-01").add("bob")
    assert lines(story) == [
        ("2026-04-01", "LicenseBegan", 5, "2026-04-01"),
        ("2026-04-01", "MaintenanceBegan", 5, "2026-04-01"),
    ]
    assert steps(valid_steps(story.view, story.today)) == [("2026-03-15", 0), ("2026-04-01", 3)]


def test_an_early_renewal_follows_without_an_end_between(story: World) -> None:
    story.on("2026-04-10").register(licenses=3)
    next_year = a_period("2027-04-01", "2028-03-31")
    story.on("2027-03-10").register(licenses=5, license_period=next_year, maintenance_period=next_year)
    story.on("2027-04-02")
    assert lines(story) == [
        ("2027-04-01", "LicenseBegan", 5, "2027-04-01"),
        ("2027-04-01", "MaintenanceBegan", 5, "2027-04-01"),
    ]
    assert steps(valid_steps(story.view, story.today)) == [("2026-04-10", 3), ("2027-04-01", 5)]


def test_a_maintenance_period_ends_in_its_own_words_under_a_license_that_brings_another(story: World) -> None:
    """K10: the license in force is the new one; the maintenance that ends is still the old one's."""
    story.on("2026-04-10").register(license_period=a_period("2026-04-01", None))
    story.on("2027-03-10").register(
        licenses=4,
        license_period=a_period("2026-04-01", None),
        maintenance_period=a_period("2027-05-01", "2028-04-30"),
    )
    story.on("2027-05-02")
    assert [(day, what, period) for day, what, _, period in lines(story)] == [
        ("2027-04-01", "MaintenanceEnded", "2026-04-01"),
        ("2027-05-01", "MaintenanceBegan", "2027-05-01"),
    ]


def test_a_correction_of_the_clock_lets_the_calendar_come_again(story: World) -> None:
    story.on("2026-05-01").register()
    story.on("2030-05-01").add("ann")
    story.on("2026-05-02")
    story.do("correct_clock", date(2026, 5, 2))
    story.add("bob")
    ended = [(line.day, line.after) for line in calendar_lines(story.view, story.today)]
    assert ended == [(date(2027, 4, 1), 4), (date(2027, 4, 1), 4)], "under the wrong clock, before ann"
    story.on("2027-04-01")
    again = [(line.day, line.after) for line in calendar_lines(story.view, story.today)]
    assert again == [*ended, (date(2027, 4, 1), 7), (date(2027, 4, 1), 7)]


def test_after_a_correction_of_the_clock_the_steps_do_not_go_back_in_time(story: World) -> None:
    story.on("2026-04-10").register()
    pending = a_period("2027-04-01", "2028-03-31")
    story.on("2026-05-01").register(licenses=9, license_period=pending, maintenance_period=pending)
    story.on("2027-05-01").add("ann", "bob")
    story.on("2026-05-02")
    story.do("correct_clock", date(2026, 5, 2))
    story.on("2026-05-03").add("cat")
    assert steps(in_use_steps(story.view)) == [("2026-01-01", 1), ("2026-05-02", 3), ("2026-05-03", 4)]
    assert steps(valid_steps(story.view, story.today)) == [("2026-04-10", 3)]


def test_in_use_has_a_step_for_each_day_on_which_it_ended_up_different(story: World) -> None:
    story.on("2026-02-01").add("ann", "bob")
    story.do("delete_user", "ann")
    story.on("2026-02-02").add("cat")
    story.do("delete_user", "cat")
    story.on("2026-02-03").add("dan")
    assert steps(in_use_steps(story.view)) == [("2026-01-01", 1), ("2026-02-01", 2), ("2026-02-03", 3)]


def test_spans_end_where_the_next_license_takes_effect_and_leave_gaps_open(story: World) -> None:
    story.on("2026-04-10").register(licenses=3)
    story.on("2026-06-01").register(licenses=5)
    later = a_period("2027-06-01", None)
    story.on("2026-07-01").register(licenses=7, license_period=later, maintenance_period=None)
    assert [(str(span.start), str(span.end), span.license.licenses) for span in license_spans(story.view.schedule)] == [
        ("2026-04-10", "2026-05-31", 3),
        ("2026-06-01", "2027-03-31", 5),
        ("2027-06-01", "None", 7),
    ]
    assert [(str(span.start), str(span.end)) for span in maintenance_spans(story.view.schedule)] == [
        ("2026-04-10", "2026-05-31"),
        ("2026-06-01", "2027-03-31"),
    ]


def test_a_license_replaced_on_the_day_it_took_effect_has_no_span(story: World) -> None:
    story.on("2026-04-10").register(licenses=3)
    story.register(licenses=5)
    assert [span.license.licenses for span in license_spans(story.view.schedule)] == [5]
