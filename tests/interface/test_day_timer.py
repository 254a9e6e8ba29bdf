"""L3 and C9: what the server saw begin or end for an hour stays so; a jump that is mended before leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from interface.day_timer import DayTimer
from tests.application.audited import report_of
from tests.clock import TIME_ZONE
from tests.examples import a_period
from tests.world import World

ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
AHEAD = {"+400 d": timedelta(days=400), "+70 y": timedelta(days=70 * 365 + 17)}
BEHIND = {"-1 h": timedelta(hours=-1), "-400 d": timedelta(days=-400)}
HOUR = 60


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


class Server:
    """A worker with its timer: time goes on for both clocks alike, and the machine's can be set besides."""

    def __init__(self, house: World) -> None:
        self.house, self.seconds = house, 1000.0
        self.start()

    def start(self) -> None:
        self.timer = DayTimer(self.house.seatledger, monotonic=lambda: self.seconds)

    def restart(self) -> None:
        """A new process, whose own time begins anew."""
        self.house.close()
        self.seconds = 7.0
        self.start()

    def run(self, minutes: int, *, step: int = 5) -> None:
        """Time goes on; the timer looks at its beginning, every few minutes, and at its end."""
        self.timer.look()
        for _ in range(0, minutes, step):
            self.seconds += step * 60
            self.house.clock.go_on(minutes=step)
            self.timer.look()

    def days(self) -> list[date]:
        """The days that were recorded."""
        return [entry.day for entry in self.house.entries if entry.kind == "DayReached"]


def local(moment: str, time_zone: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def a_server(world: World, time_zone: str = TIME_ZONE, last_day: str = "2027-03-31") -> Server:
    """One user and one administrator, licensed until that day."""
    house = world.on(local("2026-04-01T12:00", time_zone)).open(time_zone=time_zone)
    house.add("ann")
    period = a_period("2026-04-01", last_day)
    house.register(licenses=9, license_period=period, maintenance_period=period)
    return Server(house)


def go_on_running(_: Server) -> None:
    """The same process goes on."""


AndThen = Callable[[Server], None]
AND_THEN: dict[str, AndThen] = {"running": go_on_running, "restarted": Server.restart}


# C9


@pytest.mark.parametrize("and_then", AND_THEN)
@pytest.mark.parametrize("time_zone", ZONES)
@pytest.mark.parametrize("jump", BEHIND)
def test_c9_a_clock_set_back_after_an_expiry_that_the_server_saw_for_an_hour_admits_nobody(
    world: World, jump: str, time_zone: str, and_then: str
) -> None:
    server = a_server(world, time_zone)
    house = server.house
    house.clock.now = local("2027-03-31T23:00", time_zone)
    server.run(55)
    assert house.check("ann") == ("admit", "ok")
    house.clock.now = local("2027-04-01T00:00", time_zone)
    server.run(HOUR + 5)
    assert server.days() == [date(2027, 4, 1)]
    assert house.entries[-1].by == "server"
    house.clock.now += BEHIND[jump]
    for _ in range(3):
        AND_THEN[and_then](server)
        server.run(HOUR)
        assert house.check("ann") == ("refuse", "license_expired")
        assert house.check("admin")[0] == "admin_only"
        house.clock.go_on(hours=-7)
    assert server.days() == [date(2027, 4, 1)], "a clock that is behind reaches no day"


@pytest.mark.parametrize("and_then", AND_THEN)
@pytest.mark.parametrize("time_zone", ZONES)
@pytest.mark.parametrize("jump", AHEAD)
def test_c9_a_momentary_jump_forward_heals_by_itself(world: World, jump: str, time_zone: str, and_then: str) -> None:
    server = a_server(world, time_zone)
    house = server.house
    true_moment = house.clock.now = local("2026-10-01T12:00", time_zone)
    server.run(10)
    size = house.size()
    house.clock.now += AHEAD[jump]
    server.run(HOUR - 5)
    assert house.check("ann") == ("refuse", "license_expired")
    assert house.check("admin")[0] == "admin_only"
    AND_THEN[and_then](server)
    house.clock.now = true_moment + timedelta(hours=2)
    server.run(3 * HOUR)
    assert house.check("ann") == ("admit", "ok")
    assert house.size() == size, "it leaves nothing"


@pytest.mark.parametrize("and_then", AND_THEN)
@pytest.mark.parametrize("time_zone", ZONES)
@pytest.mark.parametrize("jump", AHEAD)
def test_c9_a_jump_that_was_recorded_is_mended_by_a_correction(
    world: World, jump: str, time_zone: str, and_then: str
) -> None:
    server = a_server(world, time_zone)
    house = server.house
    true_moment = local("2026-10-01T12:00", time_zone)
    house.clock.now = true_moment + AHEAD[jump]
    server.run(HOUR)
    assert len(server.days()) == 1
    AND_THEN[and_then](server)
    house.clock.now = true_moment + timedelta(hours=2)
    server.run(HOUR)
    assert house.check("ann") == ("refuse", "license_expired"), "the clock alone re-opens nothing (L3)"
    assert house.check("admin")[0] == "admin_only"
    house.do("correct_clock", date(2026, 10, 1))
    AND_THEN[and_then](server)
    server.run(3 * HOUR)
    assert house.check("ann") == ("admit", "ok")
    house.clock.now = local("2027-03-31T23:59:59", time_zone)
    assert house.check("ann") == ("admit", "ok")
    house.clock.now = local("2027-04-01T00:00", time_zone)
    server.run(HOUR)
    assert server.days()[1:] == [date(2027, 4, 1)], "and its true day is reached in its turn"


@pytest.mark.parametrize("and_then", AND_THEN)
@pytest.mark.parametrize(
    ("time_zone", "last_day", "last_second"),
    [
        ("Europe/Berlin", "2028-02-29", "2028-02-29T22:59:59"),
        ("Asia/Tokyo", "2028-02-29", "2028-02-29T14:59:59"),
        ("Europe/Berlin", "2027-03-28", "2027-03-28T21:59:59"),
        ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59"),
        ("America/New_York", "2027-03-14", "2027-03-15T03:59:59"),
        ("America/New_York", "2026-11-01", "2026-11-02T04:59:59"),
        ("America/Santiago", "2026-09-05", "2026-09-06T03:59:59"),
        ("Africa/Cairo", "2027-04-29", "2027-04-29T21:59:59"),
    ],
    ids=[
        "leap day Berlin",
        "leap day Tokyo",
        "Berlin spring",
        "Berlin autumn",
        "NY spring",
        "NY autumn",
        "Chile",
        "Cairo",
    ],
)
def test_c9_leap_days_and_clock_changes_are_reached_an_hour_after_their_last_second(
    world: World, time_zone: str, last_day: str, last_second: str, and_then: str
) -> None:
    server = a_server(world, time_zone, last_day)
    house = server.house
    house.clock.now = datetime.fromisoformat(last_second).replace(tzinfo=UTC) - timedelta(hours=1)
    server.run(HOUR)
    assert server.days() == []
    house.clock.go_on(seconds=1)
    server.run(HOUR)
    assert server.days() == [date.fromisoformat(last_day) + timedelta(days=1)]
    house.clock.go_on(hours=-2)
    AND_THEN[and_then](server)
    assert house.check("ann") == ("refuse", "license_expired"), "the hour that comes twice is not licensed twice"


# What is recorded, and when.


@pytest.mark.parametrize(("minutes", "days"), [(55, []), (60, [date(2027, 4, 1)])], ids=["55 minutes", "an hour"])
def test_it_takes_a_whole_hour(world: World, minutes: int, days: list[date]) -> None:
    server = a_server(world)
    server.house.on("2027-04-01")
    server.run(minutes)
    assert server.days() == days


def test_a_restart_begins_the_hour_anew(world: World) -> None:
    server = a_server(world)
    server.house.on("2027-04-01")
    for _ in range(3):
        server.run(50)
        server.restart()
    assert server.days() == []
    server.run(HOUR)
    assert server.days() == [date(2027, 4, 1)]


def test_nothing_is_recorded_while_the_calendar_changes_nothing(world: World) -> None:
    server = a_server(world)
    for day in ("2026-04-02", "2026-07-01", "2027-03-31"):
        server.house.on(day)
        server.run(2 * HOUR)
    assert server.days() == []


def test_a_license_that_begins_and_maintenance_that_ends_are_reached_each_on_its_day(world: World) -> None:
    house = world.open()
    house.register(
        licenses=9,
        license_period=a_period("2026-05-01", "2027-04-30"),
        maintenance_period=a_period("2026-05-01", "2026-10-31"),
    )
    server = Server(house)
    for day in ("2026-04-30", "2026-05-01", "2026-05-02", "2026-10-31", "2026-11-01", "2027-04-30", "2027-05-01"):
        house.on(day)
        server.run(3 * HOUR)
    assert server.days() == [date(2026, 5, 1), date(2026, 11, 1), date(2027, 5, 1)]


def test_it_is_recorded_once_on_a_day_and_by_one_of_several_workers(world: World) -> None:
    server = a_server(world)
    house = server.house
    others = [DayTimer(house.another_process().seatledger, monotonic=lambda: server.seconds) for _ in range(3)]
    house.on("2027-04-01")
    for _ in range(30):
        server.run(5)
        for other in others:
            other.look()
    assert server.days() == [date(2027, 4, 1)]


def test_the_verifier_knows_days_that_were_reached_and_clocks_that_were_corrected(world: World) -> None:
    server = a_server(world)
    house = server.house
    house.on("2096-06-01")
    server.run(HOUR)
    house.on("2026-10-01")
    house.do("correct_clock", date(2026, 10, 1))
    house.on("2027-04-01")
    server.run(HOUR)
    assert len(server.days()) == 2
    assert report_of(house).finding is None


def test_what_somebody_recorded_on_that_day_is_enough(world: World) -> None:
    server = a_server(world)
    server.house.on("2027-04-01")
    server.run(30)
    server.house.add("ben")
    server.run(2 * HOUR)
    assert server.days() == []


def test_a_jump_between_two_days_to_come_begins_the_hour_anew(world: World) -> None:
    """Else the second one would be recorded after a moment, and +70 years would stay."""
    server = a_server(world)
    house = server.house
    house.on("2027-06-01")
    server.run(50)
    house.on("2096-06-01")
    server.run(50)
    house.on("2027-06-01")
    server.run(50)
    assert server.days() == []
    server.run(HOUR)
    assert server.days() == [date(2027, 6, 1)]


def test_a_clock_that_is_set_right_by_seconds_does_not(world: World) -> None:
    server = a_server(world)
    server.house.on("2027-04-01")
    for _ in range(12):
        server.run(5)
        server.house.clock.go_on(seconds=-7)
    server.run(5)
    assert server.days() == [date(2027, 4, 1)]


def test_a_clock_that_jumps_between_look_and_record_records_nothing(world: World) -> None:
    server = a_server(world)
    server.house.on("2096-06-01")
    server.house.licensing.reach_day(server.house.id, date(2027, 4, 1))
    assert server.days() == []


def test_midnight_within_the_hour_does_no_harm(world: World) -> None:
    server = a_server(world)
    server.house.clock.now = local("2027-04-01T23:30", TIME_ZONE)
    server.run(HOUR)
    assert server.days() == [date(2027, 4, 2)]


def test_no_login_check_records(world: World) -> None:
    server = a_server(world)
    size = server.house.size()
    server.house.on("2027-04-01")
    for _ in range(100):
        assert server.house.check("ann") == ("refuse", "license_expired")
        server.house.clock.go_on(minutes=5)
    assert server.house.size() == size


def set_read_only(house: World, *, value: bool) -> None:
    """SQLite's own switch stands in for a disk that takes nothing: the same refusal, by the same way."""
    pool = house.licensing._acting.recorder.datastore.pool  # type: ignore[attr-defined]
    connection = pool.get_connection(is_writer=True)
    connection._sqlite_conn.execute(f"PRAGMA query_only = {int(value)}")
    pool.put_connection(connection)


@pytest.mark.sqlite_alone("a file that may not grow")
def test_a_disk_that_takes_nothing_skips_it_says_so_once_and_catches_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    server = a_server(world)
    house = server.house
    house.on("2027-04-01")
    set_read_only(house, value=True)
    server.run(2 * HOUR)
    assert server.days() == []
    assert house.check("admin")[0] == "admin_only"
    (said,) = caplog.messages
    assert said.startswith("A day that has come could not be recorded: The database could not store this (")
    set_read_only(house, value=False)
    server.run(5)
    assert server.days() == [date(2027, 4, 1)]
