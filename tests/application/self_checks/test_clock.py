"""S-6, C-7: a clock behind what it stamped itself is an alarm; a day ahead of it names `clock correct`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.self_checks.clock import APART, TOLERANCE, of_clock, of_server
from application.words import sentences
from application.words.findings import in_words
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.local_time import spelled_at
from domain.login import decide
from domain.refusals import IssuedInFuture, LicensePeriodOver
from tests.examples import a_key, a_period
from tests.world import World

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
KINDS = ("newest_event", "newest_checkpoint", "newest_session", "newest_attempt")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path).open() as installation:
        installation.register(licenses=3)
        yield installation


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_moment_shows_a_clock_that_is_behind(kind: str) -> None:
    nothing = dict.fromkeys(KINDS)
    assert list(of_clock(NOW, {**nothing, kind: NOW + TOLERANCE})) == []
    (finding,) = of_clock(NOW, {**nothing, kind: NOW + TOLERANCE + timedelta(seconds=1)})
    assert (finding.code, finding.severity) == ("clock_behind", "alarm")
    said = in_words(finding, ENGLISH)
    assert "2026-04-01T09:10:01+00:00" in said.wrong
    assert "Set the clock right" in said.mend


def test_the_farthest_moment_is_named() -> None:
    moments = {"newest_event": NOW + timedelta(hours=1), "newest_session": NOW + timedelta(hours=2)}
    (finding,) = of_clock(NOW, moments)
    assert "the newest session" in in_words(finding, ENGLISH).wrong


@pytest.mark.parametrize("direction", [1, -1], ids=["ahead", "behind"])
def test_the_clock_of_the_databases_server_may_differ_by_a_minute(direction: int) -> None:
    def said_of(apart: timedelta) -> list[tuple[str, str]]:
        """Of a server that was looked at within three seconds."""
        moments = (NOW, NOW + timedelta(seconds=3))
        server = moments[direction > 0] + direction * apart
        return [(finding.code, finding.severity) for finding in of_server(moments[0], server, moments[1])]

    a_second = timedelta(seconds=1)
    assert said_of(APART) == []
    assert said_of(APART + a_second) == said_of(TOLERANCE) == [("clocks_apart", "warning")]
    assert said_of(TOLERANCE + a_second) == [("clocks_apart", "alarm")]
    assert list(of_server(NOW, None, NOW)) == [], "a file has no clock"


def test_clocks_that_differ_are_told_with_what_mends_it(one: World) -> None:
    one.server_clock = one.clock() + timedelta(minutes=5)
    (finding,) = (each for each in one.seatledger.self_checks.findings(one.id) if each.about == "clock")
    said = in_words(finding, ENGLISH)
    clocks = [spelled_at(moment, one.view.time_zone) for moment in (one.clock(), one.server_clock)]
    assert said.wrong == "This machine's clock says {}, but that of the database's server says {}.".format(*clocks)
    assert "time service" in said.mend
    one.server_clock = one.clock()
    assert [each for each in one.seatledger.self_checks.findings(one.id) if each.about == "clock"] == []


def ahead(one: World) -> None:
    """Something was recorded in 2040; the clock is right now."""
    one.clock.set("2040-01-01")
    one.add("from the future")
    one.clock.set("2026-04-10")


def test_a_day_ahead_of_the_clock_is_told_to_administrators_and_not_at_the_door(one: World) -> None:
    assert not one.licensing.now(one.id).is_ahead_of_clock
    ahead(one)
    on_day = one.licensing.now(one.id)
    assert on_day.is_ahead_of_clock
    told = {warned.code: warned.message for warned in sentences.of_warnings(on_day, ENGLISH)}
    assert "“seatledger clock correct 2026-04-10”" in told["day_ahead_of_clock"]
    for name in ("admin", "from the future"):
        at_the_door = sentences.of_decision(decide(on_day, name), on_day, ENGLISH)
        assert "clock" not in at_the_door
    one.licensing.correct_clock(one.id, one.clock().date(), by="cli:tester")
    assert not one.licensing.now(one.id).is_ahead_of_clock


def test_the_past_and_days_to_come_are_not_held_against_the_clock(one: World) -> None:
    assert not one.licensing.on(one.id, a_period().last_day).is_ahead_of_clock
    assert not one.licensing.at(one.id, 2).is_ahead_of_clock
    ahead(one)
    assert one.licensing.on(one.id, one.licensing.now(one.id).day).is_ahead_of_clock


def test_k4_while_the_day_is_ahead_names_clock_correct_and_does_not_blame_the_vendor_first(one: World) -> None:
    good = a_key(licenses=5, issued_at=int(one.clock().timestamp()))
    ahead(one)
    with pytest.raises(LicensePeriodOver) as refused:
        one.register(good)
    said = sentence(refused.value, ENGLISH)
    assert "this machine's clock says 2026-04-10" in said
    assert "“seatledger clock correct 2026-04-10”" in said


def test_k4_on_the_clocks_own_day_says_what_it_always_said(one: World) -> None:
    with pytest.raises(LicensePeriodOver) as refused:
        one.register(license_period=a_period("2020-01-01", "2020-12-31"))
    assert sentence(refused.value, ENGLISH).endswith("today is 2026-04-01. Ask the vendor for a current one.")


def test_k9_while_the_day_is_ahead_tells_both_days(one: World) -> None:
    ahead(one)
    with pytest.raises(IssuedInFuture) as refused:
        one.register(issued_at=int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()))
    said = sentence(refused.value, ENGLISH)
    assert "clock says 2026-04-10" in said
    assert "recorded on 2040-01-01" in said
