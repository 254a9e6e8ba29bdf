"""The list of all license keys: what each is on a day, and which took the place of which (K1)."""

from __future__ import annotations

from datetime import date

from application import answers
from application.views.day_view import DayView
from application.views.entitlement import fold
from application.views.license_keys import KeyLine, KeyStatus, license_keys
from application.words.language import ENGLISH
from application.words.license_keys import of_status
from tests.examples import a_period, seconds
from tests.world import World

ISSUED = "2026-01-0{number}T09:00:00+00:00"


def register(world: World, number: int, start: str, end: str | None) -> None:
    """Register a license key with so many licenses, issued on that day of January."""
    period = a_period(start, end)
    issued_at = seconds(ISSUED.format(number=number))
    world.register(licenses=number, license_period=period, maintenance_period=None, issued_at=issued_at)


def keys_of(world: World) -> list[KeyLine]:
    return world.licensing.license_keys(world.licensing.now(world.id))


def told(world: World) -> list[str]:
    keys = keys_of(world)
    return [of_status(key, keys, ENGLISH) for key in keys]


def test_before_any_key_there_is_none(story: World) -> None:
    assert keys_of(story) == []


def test_a_key_waits_is_in_force_and_over(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-03-01", "2026-03-31")
    assert told(story) == ["coming: takes effect on 2026-03-01"]
    assert told(story.on("2026-03-01")) == ["in force since 2026-03-01"]
    assert told(story.on("2026-03-31")) == ["in force since 2026-03-01"]
    assert told(story.on("2026-04-01")) == ["over: ended on 2026-03-31"]


def test_a_key_that_acts_at_once_replaces_the_one_in_force_on_that_day(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-01-01", None)
    story.on("2026-02-10")
    register(story, 2, "2026-02-01", "2026-12-31")
    assert told(story) == ["replaced on 2026-02-10 by no. 2", "in force since 2026-02-10"]


def test_a_renewal_replaces_on_its_day_or_follows_what_is_over(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-01-01", "2026-06-30")
    register(story, 2, "2026-06-01", "2026-12-31")
    register(story, 3, "2027-02-01", "2027-12-31")
    assert told(story) == [
        "in force since 2026-02-01",
        "coming: takes effect on 2026-06-01",
        "coming: takes effect on 2027-02-01",
    ]
    assert told(story.on("2027-03-01")) == [
        "replaced on 2026-06-01 by no. 2",
        "over: ended on 2026-12-31",
        "in force since 2027-02-01",
    ]


def test_a_correction_cancels_what_waits_before_it_took_effect(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-03-01", "2026-12-31")
    story.on("2026-02-05")
    register(story, 2, "2026-03-01", "2026-12-31")
    never = "replaced on 2026-02-05 by no. 2, before it took effect"
    assert told(story) == [never, "coming: takes effect on 2026-03-01"]
    assert told(story.on("2028-01-01")) == [never, "over: ended on 2026-12-31"]


def test_after_a_corrected_clock_keys_that_became_one_day_s_replace_one_another(story: World) -> None:
    story.on("2026-02-01")
    for number, day in ((1, "2026-03-01"), (2, "2026-03-02"), (3, "2026-03-03")):
        story.on(day)
        register(story, number, "2026-01-01", "2026-12-31")
    story.on("2026-02-02").do("correct_clock", date(2026, 2, 2))
    assert told(story) == [
        "replaced on 2026-02-02 by no. 2",
        "replaced on 2026-02-02 by no. 3",
        "in force since 2026-02-02",
    ]


def test_of_then_it_lists_what_was_registered_by_then(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-01-01", None)
    position = story.view.position
    story.on("2026-02-10")
    register(story, 2, "2026-02-01", "2026-12-31")
    (key,) = story.licensing.license_keys(story.licensing.at(story.id, position))
    assert (key.status, key.replacement) == (KeyStatus.IN_FORCE, None)


def test_the_answer_names_keys_by_their_ids_and_has_no_text(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-01-01", None)
    register(story, 2, "2026-01-01", None)
    now = story.licensing.now(story.id)
    answer = answers.of_license_keys(story.licensing.license_keys(now), now, ENGLISH)
    first, second = answer["license_keys"]  # type: ignore[misc]  # a list of two
    assert first["replaced_by"] == second["key_id"]
    assert (first["replaced_on"], first["takes_effect_on"]) == ("2026-02-01", "2026-02-01")
    assert (first["issued_at"], first["registered_by"]) == ("2026-01-01T09:00:00Z", "tester (command line)")
    assert (second["status"], second["replaced_by"], second["replaced_on"]) == ("in_force", None, None)
    assert "eyJ" not in str(answer)


def test_a_registration_that_its_key_contradicts_never_counts(story: World) -> None:
    story.on("2026-02-01")
    register(story, 1, "2026-01-01", None)
    register(story, 2, "2026-01-01", None)
    events = [entry.event for entry in story.licensing.history(story.id)]
    view = fold(None, events, {events[-1].originator_version})
    assert view is not None
    registrations = [key.registration for key in keys_of(story)]
    keys = license_keys(registrations, DayView(view, view.day))
    assert [of_status(key, keys, ENGLISH) for key in keys] == [
        "in force since 2026-02-01",
        "never in force: the vendor did not sign it like that",
    ]
