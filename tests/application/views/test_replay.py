"""Replay (A1): by position or as of a moment, the same answers as were given then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from application import answers
from application.views.day_view import DayView
from application.views.newest import NotThatOld, NotYet
from application.words.language import ENGLISH
from domain.login import decide
from tests.examples import a_period
from tests.refused import refused
from tests.world import World

NAMES = ("admin", "ann", "bob", "nobody")
RELEASE_DATE = date(2026, 12, 24)


class Answered(NamedTuple):
    """What was answered at a moment, after the event at a position, and whether that was the event's own day."""

    moment: datetime
    position: int
    is_events_day: bool
    answers: list[dict[str, Any]]


def all_answers(on_day: DayView) -> list[dict[str, Any]]:
    """The license, and the decision for each of NAMES with and without a release date."""
    checks = [(name, release) for name in NAMES for release in (None, RELEASE_DATE)]
    decided = [
        answers.of_login_check(decide(on_day, name, release), on_day, ENGLISH, release) for name, release in checks
    ]
    return [answers.of_installation(on_day, ENGLISH), *decided]


def live(story: World) -> Iterator[Answered]:
    """A story of two years, and what was answered after each of its steps, and on days on which nothing happened."""

    def answered() -> Answered:
        now = story.licensing.now(story.id)
        return Answered(story.clock.now, now.position, now.view.day == now.day, all_answers(now))

    next_year = a_period("2027-04-01", "2028-03-31")
    perpetual = a_period("2026-10-01", None)
    steps = [
        ("2026-01-01", lambda: None),
        ("2026-02-01", lambda: story.add("ann", "bob")),
        ("2026-03-20", lambda: story.register(licenses=2)),
        ("2026-04-01", lambda: None),
        ("2026-04-02", lambda: story.do("delete_user", "bob")),
        ("2026-05-01", lambda: story.register(licenses=4, optional_products=("Analytics", "Reports"))),
        ("2026-05-02", lambda: story.do("restore_user", "bob")),
        ("2026-06-01", lambda: story.do("grant_administrator", "ann")),
        ("2026-10-01", lambda: story.register(edition="Lite", license_period=perpetual, maintenance_period=None)),
        ("2027-03-01", lambda: story.register(licenses=1, license_period=next_year, maintenance_period=next_year)),
        ("2027-04-01", lambda: None),
        ("2028-04-01", lambda: None),
        ("2032-01-01", lambda: story.add("eve")),
        ("2028-04-02", lambda: story.do("correct_clock", date(2028, 4, 2))),
        ("2028-04-03", lambda: story.do("revoke_administrator", "ann")),
        ("2028-04-04", lambda: None),
    ]
    for day, act in steps:
        story.on(day)
        act()
        yield answered()
        yield answered()._replace(moment=story.clock.now + timedelta(hours=2))


def test_both_ways_give_what_was_answered_then(story: World) -> None:
    told = list(live(story))
    story.clock.go_on(days=1)
    again = story.another_process()
    for licensing in (story.licensing, again.licensing):
        for then in told:
            if then.is_events_day:
                assert all_answers(licensing.at(story.id, then.position)) == then.answers
            if then.moment <= story.clock.now:
                assert all_answers(licensing.as_of(story.id, then.moment)) == then.answers
    decisions = {decided["code"] for then in told for decided in then.answers[1:]}
    assert decisions == {
        "ok",
        "unknown_user",
        "user_deleted",
        "no_license",
        "license_not_started",
        "license_expired",
        "release_not_covered",
        "licenses_exceeded",
    }, "the story has a case of every code"


def test_a_moment_between_two_events_of_a_day_is_after_the_first_alone(story: World) -> None:
    story.on(datetime(2026, 2, 1, 9, 0, 0, 500, tzinfo=UTC)).add("ann")
    story.on(datetime(2026, 2, 1, 9, 0, 1, tzinfo=UTC)).add("bob")
    for seconds, microseconds, position in ((0, 499, 3), (0, 500, 4), (0, 999_999, 4), (1, 0, 5)):
        moment = datetime(2026, 2, 1, 9, 0, seconds, microseconds, tzinfo=UTC)
        assert story.licensing.as_of(story.id, moment).view.position == position


def test_a_moment_is_the_same_in_every_time_zone(story: World) -> None:
    story.on(datetime(2026, 2, 1, 22, 30, tzinfo=UTC)).add("ann")
    story.on("2026-02-03")
    there = datetime.fromisoformat("2026-02-02T08:00:00+09:00")
    view = story.licensing.as_of(story.id, there).view
    assert (view.position, view.day_at(there)) == (4, date(2026, 2, 2)), "midnight is past in Berlin"


def test_after_a_clock_set_back_the_newest_event_not_after_the_moment_counts(story: World) -> None:
    story.on("2026-02-02").add("ann")
    story.on("2026-02-01").add("bob")
    story.on("2026-02-03").add("eve")
    position_as_of = {day: story.licensing.as_of(story.id, story.on(day).clock.now).view.position for day in DAYS}
    assert position_as_of == {"2026-01-31": 3, "2026-02-01": 5, "2026-02-02": 5, "2026-02-03": 6}


DAYS = ("2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03")


def test_what_was_before_the_opening_is_refused(story: World) -> None:
    with refused(NotThatOld, r"positions 1 to 3, from 2026-01-01T12:00:00\+01:00 \(Europe/Berlin\)"):
        story.licensing.as_of(story.id, story.clock.now - timedelta(seconds=1))
    for position in (0, -1, 4, 10**15):
        with pytest.raises(NotThatOld):
            story.licensing.at(story.id, position)


def test_what_has_not_come_yet_is_refused(story: World) -> None:
    assert story.licensing.as_of(story.id, story.clock.now).view.position == 3
    with refused(NotYet, "has not come yet"):
        story.licensing.as_of(story.id, story.clock.now + timedelta(microseconds=1))


@pytest.mark.seldom_on_postgresql("every position of a long history")
@pytest.mark.parametrize("events", [1, 2, 3])
def test_every_position_of_a_long_log_is_the_fold_of_what_stands_before(story: World, events: int) -> None:
    """C8: whatever earlier views are kept, each position is what its own events say."""
    projection = story.licensing._newest_of(story.id)
    projection._spacing = events
    for number in range(100):
        story.add(f"user-{number}")
        assert story.view.position == number + 4
    fresh = story.another_process()
    for position in range(1, 104):
        kept, folded = (of.at(story.id, position).view for of in (story.licensing, fresh.licensing))
        assert (kept.position, kept.in_use, len(kept.users)) == (position, max(position - 2, 0), max(position - 2, 0))
        assert kept == folded
