"""When users were last there: days alone, gone with whoever is erased; and who holds a license unused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from application.last_days import MOST_NAMES, REMEMBERED_DAYS, DayInFuture, LastDays, TooManyNames, UnusedUnknown
from application.words.language import ENGLISH
from application.words.refusals import sentence
from tests.examples import ADMINISTRATOR
from tests.world import BY, World

BEGIN = date(2026, 1, 1)


@pytest.fixture
def opened(world: World) -> World:
    world.on(BEGIN).open()
    world.add("ann", "ben", "zoe")
    return world


def store(world: World) -> LastDays:
    return world.seatledger.last_days


def days_by_name(world: World) -> dict[str, date]:
    return {world.view.users[id_].login_name: day for id_, day in store(world).days().items()}


def report_every_day(world: World, first: date, last: date, *names: str) -> None:
    world.on(last)
    for number in range((last - first).days + 1):
        store(world).report(world.id, first + timedelta(days=number), names)


def unused(world: World, days: int, *, never: bool = False) -> set[str]:
    return {world.view.users[id_].login_name for id_ in store(world).unused(world.id, days, never=never).ids}


def test_a_later_day_wins_and_an_earlier_one_changes_nothing(opened: World) -> None:
    opened.on(date(2026, 1, 9))
    position = opened.view.position
    assert store(opened).report(opened.id, date(2026, 1, 5), ["ANN", " ben ", "nobody", "ann"]) == (3, 1)
    assert store(opened).report(opened.id, date(2026, 1, 7), ["ann"]) == (1, 0)
    assert store(opened).report(opened.id, date(2026, 1, 6), ["ann", "zoe"]) == (2, 0)
    assert days_by_name(opened) == {"ann": date(2026, 1, 7), "ben": date(2026, 1, 5), "zoe": date(2026, 1, 6)}
    assert opened.view.position == position, "nothing of it stands in the log"


def test_a_day_that_has_not_come_is_refused(opened: World) -> None:
    opened.on(date(2026, 1, 9))
    store(opened).report(opened.id, date(2026, 1, 9), ["ann"])
    with pytest.raises(DayInFuture) as refused:
        store(opened).report(opened.id, date(2026, 1, 10), ["ben"])
    assert "The day 2026-01-10 has not come: today is 2026-01-09." in sentence(refused.value, ENGLISH)
    assert days_by_name(opened) == {"ann": date(2026, 1, 9)}


def test_a_report_has_a_bounded_number_of_names(opened: World) -> None:
    names = [f"name{number}" for number in range(MOST_NAMES)]
    assert store(opened).report(opened.id, BEGIN, names) == (0, MOST_NAMES)
    with pytest.raises(TooManyNames) as refused:
        store(opened).report(opened.id, BEGIN, [*names, "ann"])
    assert "at most 1000 login names, and this one has 1,001" in sentence(refused.value, ENGLISH)
    assert days_by_name(opened) == {}


def test_a_day_of_a_clock_that_had_jumped_gives_way(opened: World) -> None:
    opened.on(date(2026, 3, 1))
    store(opened).report(opened.id, date(2026, 3, 1), ["ann"])
    opened.add("late")
    opened.on(date(2026, 1, 20))
    opened.do("correct_clock", date(2026, 1, 20))
    store(opened).report(opened.id, date(2026, 1, 19), ["ann"])
    assert days_by_name(opened) == {"ann": date(2026, 1, 19)}


def test_p5_with_the_name_of_a_person_their_day_is_gone(opened: World) -> None:
    store(opened).report(opened.id, BEGIN, ["ann", "ben"])
    opened.do("delete_user", "ann")
    assert set(days_by_name(opened)) == {"ann", "ben"}, "who is deleted may be restored"
    opened.licensing.erasing.user(opened.id, "ann", by=BY)
    assert set(days_by_name(opened)) == {"ben"}


def test_p5_a_report_that_was_on_its_way_brings_no_day_of_an_erased_person_back(opened: World) -> None:
    """It has found the id before the erasure, and stores after it."""
    ann = opened.view.account_id("ann")
    store_of_then = LastDays(_AsOfBefore(opened), opened.seatledger.engine)  # type: ignore[arg-type]  # `now` alone
    opened.do("delete_user", "ann")
    opened.licensing.erasing.user(opened.id, "ann", by=BY)
    assert store_of_then.report(opened.id, BEGIN, ["ann"]) == (1, 0)
    assert ann not in store(opened).days()


class _AsOfBefore:
    """Knows the installation as it was when this was made."""

    def __init__(self, world: World) -> None:
        self._then = world.licensing.now(world.id)

    def now(self, _: object) -> object:
        return self._then


def test_what_a_restored_backup_knows_anew_is_cleared_away_with_the_next_day(opened: World) -> None:
    store(opened).report(opened.id, BEGIN, ["ann"])
    with opened.seatledger.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO last_seen VALUES ('erased', '2026-01-01')")
    store(opened).report(opened.id, BEGIN, ["ben"])
    assert "erased" in store(opened).days()
    opened.on(date(2026, 1, 2))
    store(opened).report(opened.id, date(2026, 1, 2), [])
    assert set(days_by_name(opened)) == {"ann", "ben"}


def test_unused_is_who_was_not_there_on_any_of_the_days(opened: World) -> None:
    report_every_day(opened, date(2026, 1, 1), date(2026, 1, 20), "ann", ADMINISTRATOR)
    report_every_day(opened, date(2026, 1, 21), date(2026, 3, 1), "ben")
    assert unused(opened, 39) == {ADMINISTRATOR, "ann", "zoe"}
    assert unused(opened, 40) == {"zoe"}, "the fortieth day before 2026-03-01 is 2026-01-20"
    assert unused(opened, 30, never=True) == {"zoe"}
    told = store(opened).unused(opened.id, 40)
    assert told[1:] == (40, 40, date(2026, 3, 1))
    opened.do("delete_user", "zoe")
    assert unused(opened, 40) == set(), "whoever is deleted holds no license"


def test_whoever_came_within_the_days_is_not_unused(opened: World) -> None:
    opened.do("delete_user", "ben")
    report_every_day(opened, date(2026, 1, 1), date(2026, 2, 1), ADMINISTRATOR)
    opened.add("new")
    opened.do("restore_user", "ben")
    report_every_day(opened, date(2026, 2, 2), date(2026, 3, 1), ADMINISTRATOR)
    assert unused(opened, 28) == {"ann", "zoe"}
    assert unused(opened, 28, never=True) == {"ann", "zoe"}
    assert unused(opened, 27) == {"ann", "ben", "new", "zoe"}


def test_nobody_is_called_unused_before_anybody_has_reported(opened: World) -> None:
    opened.on(date(2026, 6, 1))
    with pytest.raises(UnusedUnknown) as refused:
        store(opened).unused(opened.id, 90)
    assert "no login gateway has reported yet who logged in" in sentence(refused.value, ENGLISH)


def test_nobody_is_called_unused_for_longer_than_reports_go_back(opened: World) -> None:
    report_every_day(opened, date(2026, 3, 1), date(2026, 4, 1), "ann")
    with pytest.raises(UnusedUnknown) as refused:
        store(opened).unused(opened.id, 90)
    said = sentence(refused.value, ENGLISH)
    assert said == (
        "Who was not there for 90 days is not known yet: reports of logins begin with 2026-03-01. It will be known on "
        "2026-05-30."
    )
    with pytest.raises(UnusedUnknown):
        store(opened).unused(opened.id, 32)
    assert "ben" in unused(opened, 31)


def test_nobody_is_called_unused_where_most_days_were_not_reported(opened: World) -> None:
    """As by a gateway that has stopped, or by one old report."""
    report_every_day(opened, date(2026, 1, 1), date(2026, 1, 15), "ann")
    opened.on(date(2026, 2, 10))
    with pytest.raises(UnusedUnknown) as refused:
        store(opened).unused(opened.id, 30)
    assert "only 5 of these days were reported" in sentence(refused.value, ENGLISH)


def test_days_of_long_ago_are_taken_and_not_remembered_as_reported(opened: World) -> None:
    opened.on(date(2027, 6, 1))
    store(opened).report(opened.id, date(2026, 1, 1), ["ann"])
    assert days_by_name(opened) == {"ann": date(2026, 1, 1)}
    with pytest.raises(UnusedUnknown):
        store(opened).unused(opened.id, 30)
    report_every_day(opened, date(2027, 5, 1), date(2027, 6, 1))
    opened.on(date(2027, 6, 2) + timedelta(days=REMEMBERED_DAYS))
    store(opened).report(opened.id, date(2028, 7, 1), [])
    assert {str(day) for (day,) in opened.sql("SELECT day FROM last_seen_days")} == {"2028-07-01"}
