"""C9: clocks that are wrong, while the program runs and across a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.examples import a_period
from tests.world import World

ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]

AHEAD = {"+400 d": timedelta(days=400), "+70 y": timedelta(days=70 * 365 + 17)}
BEHIND = {"-1 h": timedelta(hours=-1), "-400 d": timedelta(days=-400)}

Go = Callable[[World], None]


def go_on_running(house: World) -> None:
    """Nothing happens: the same process goes on with the clock as it is."""


def restart(house: World) -> None:
    house.close()


def local(moment: str, time_zone: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def a_licensed_house(world: World, time_zone: str, last_day: str = "2027-03-31") -> World:
    """One user and one administrator, licensed until that day."""
    house = world.on(local("2026-04-01T12:00", time_zone)).open(time_zone=time_zone)
    house.add("ann")
    house.register(licenses=9, license_period=a_period("2026-04-01", last_day))
    return house


def administrators_get_in(house: World) -> None:
    assert house.check("admin")[0] in ("admit", "admin_only")


@pytest.mark.parametrize("and_then", [go_on_running, restart])
@pytest.mark.parametrize("time_zone", ZONES)
@pytest.mark.parametrize("jump", BEHIND)
def test_c9_a_clock_set_back_makes_nothing_expire_later(world: World, jump: str, time_zone: str, and_then: Go) -> None:
    """In the first hour after the last day something is recorded; then the clock goes back."""
    house = a_licensed_house(world, time_zone)
    house.clock.now = local("2027-04-01T00:30", time_zone)
    assert house.check("ann") == ("refuse", "license_expired")
    house.add("ben")
    house.clock.now += BEHIND[jump]
    for _ in range(3):
        and_then(house)
        assert house.check("ann") == ("refuse", "license_expired")
        administrators_get_in(house)
        house.clock.go_on(hours=-7)
    house.add("cem")
    assert house.entries[-1].day == date(2027, 4, 1)
    house.clock.now = local("2027-04-02T12:00", time_zone)
    house.register(licenses=9, license_period=a_period("2027-04-01", "2028-03-31"))
    assert house.check("ann") == ("admit", "ok")


@pytest.mark.parametrize("and_then", [go_on_running, restart])
@pytest.mark.parametrize("time_zone", ZONES)
@pytest.mark.parametrize("jump", AHEAD)
def test_c9_a_jump_forward_can_be_mended_and_then_everything_expires_on_its_true_day(
    world: World, jump: str, time_zone: str, and_then: Go
) -> None:
    house = a_licensed_house(world, time_zone)
    true_moment = local("2026-10-01T12:00", time_zone)
    house.clock.now = true_moment + AHEAD[jump]
    assert house.check("ann") == ("refuse", "license_expired")
    administrators_get_in(house)
    house.add("ben")
    and_then(house)
    house.clock.now = true_moment
    and_then(house)
    assert house.check("ann") == ("refuse", "license_expired"), "the clock alone re-opens nothing (L3)"
    administrators_get_in(house)
    house.do("correct_clock", date(2026, 10, 1))
    and_then(house)
    assert house.check("ann") == ("admit", "ok")
    administrators_get_in(house)
    house.clock.now = local("2027-03-31T23:59:59", time_zone)
    assert house.check("ann") == ("admit", "ok")
    house.clock.now = local("2027-04-01T00:00", time_zone)
    assert house.check("ann") == ("refuse", "license_expired")
    administrators_get_in(house)


@pytest.mark.parametrize("and_then", [go_on_running, restart])
@pytest.mark.parametrize("time_zone", ZONES)
def test_c9_a_jump_forward_during_which_nothing_was_recorded_mends_itself(
    world: World, time_zone: str, and_then: Go
) -> None:
    house = a_licensed_house(world, time_zone)
    house.clock.go_on(days=70 * 365)
    assert house.check("ann") == ("refuse", "license_expired")
    and_then(house)
    house.clock.go_on(days=-70 * 365)
    assert house.check("ann") == ("admit", "ok")


@pytest.mark.parametrize("and_then", [go_on_running, restart])
@pytest.mark.parametrize(
    ("time_zone", "last_day", "last_second"),
    [
        # February 29 is a day like others, also where the year's clock change is near.
        ("Europe/Berlin", "2028-02-29", "2028-02-29T22:59:59"),
        ("Asia/Tokyo", "2028-02-29", "2028-02-29T14:59:59"),
        ("America/New_York", "2028-02-29", "2028-03-01T04:59:59"),
        # The day on which the clocks go forward has 23 hours, the one on which they go back 25.
        ("Europe/Berlin", "2027-03-28", "2027-03-28T21:59:59"),
        ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59"),
        ("America/New_York", "2027-03-14", "2027-03-15T03:59:59"),
        ("America/New_York", "2026-11-01", "2026-11-02T04:59:59"),
        # Clocks go forward at midnight: the day begins at one o'clock.
        ("America/Santiago", "2026-09-05", "2026-09-06T03:59:59"),
        ("Africa/Cairo", "2027-04-29", "2027-04-29T21:59:59"),
    ],
)
def test_c9_the_last_day_is_licensed_to_its_last_second_and_not_one_longer(
    world: World, time_zone: str, last_day: str, last_second: str, and_then: Go
) -> None:
    house = a_licensed_house(world, time_zone, last_day)
    house.clock.now = datetime.fromisoformat(last_second).replace(tzinfo=UTC)
    and_then(house)
    assert house.check("ann") == ("admit", "ok")
    house.clock.go_on(seconds=1)
    assert house.check("ann") == ("refuse", "license_expired")
    administrators_get_in(house)
    house.add("ben")
    house.clock.go_on(hours=-1)
    and_then(house)
    assert house.check("ann") == ("refuse", "license_expired"), "the hour that comes twice is not licensed twice"


def test_c9_an_administrator_gets_in_and_can_mend_it_whatever_the_clock_says(world: World) -> None:
    """Clocks from 1971 to the end of the calendar; each time something is recorded."""
    house = a_licensed_house(world, "Pacific/Kiritimati")
    for year in (1971, 2000, 2038, 2100, 2400, 9998):
        house.clock.now = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
        house.add(f"user{year}")
        administrators_get_in(house)
    house.clock.now = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    administrators_get_in(house)
    house.clock.now = datetime(2026, 10, 1, 12, tzinfo=UTC)
    house.do("correct_clock", date(2026, 10, 1))
    assert house.check("ann") == ("admit", "ok")
