"""The history at the terminal, and the mending of the clock."""

from __future__ import annotations

import pytest

from tests.examples import a_key
from tests.interface.cli.conftest import CommandLine


def test_the_history_is_read_in_pages_oldest_first(line: CommandLine) -> None:
    for name in ("alice", "bob", "carol"):
        line.do("user", "add", name)
    page = line.json("history", "--after", "2", "--limit", "2")
    assert [event["position"] for event in page["events"]] == [3, 4]
    assert page["next"] == 4
    rest = line.json("history", "--after", page["next"])
    assert [event["login_name"] for event in rest["events"]] == ["bob", "carol"]
    assert rest["next"] is None


def test_a_person_reads_a_line_for_every_event(line: CommandLine) -> None:
    shown = line.run("history", "--limit", "2")
    header, opened, added = shown.stdout.splitlines()
    assert header.split() == ["POSITION", "RECORDED", "AT", "(Europe/Berlin)", "EVENT", "BY", "WHAT"]
    assert opened.startswith("1         2026-04-10 11:00:00          InstallationOpened  cli:")
    assert "login_name=admin" in added
    assert shown.stderr == "There is more: --after 2\n"


def test_what_a_vendor_wrote_into_a_key_steers_no_terminal(line: CommandLine) -> None:
    line.do("license", "register", a_key(other_claims={"x_\x9b2J": "\x9b31m\u202e山"}))
    for shown in (line.do("history"), line.do("history", "--json")):
        assert all(character.isprintable() or character == "\n" for character in shown)
    assert line.json("history")["events"][-1]["other_claims"] == {"x_\x9b2J": "\x9b31m\u202e山"}


def test_after_the_end_there_is_nothing(line: CommandLine) -> None:
    assert line.json("history", "--after", "99") == {"events": [], "next": None}
    assert line.do("history", "--after", "99") == ""


@pytest.mark.parametrize("wrong", [("--limit", "0"), ("--limit", "1001"), ("--after", "-1"), ("--after", "x")])
def test_wrong_usage_is_2(line: CommandLine, wrong: tuple[str, str]) -> None:
    assert line.run("history", *wrong).exit_code == 2


def test_a_clock_that_had_jumped_forward_is_corrected(line: CommandLine) -> None:
    line.world.clock.go_on(days=400)
    line.do("user", "add", "alice")
    line.world.clock.go_on(days=-400)
    assert line.json("check", "alice")["checked_on"] == "2027-05-15"
    assert line.do("clock", "correct", "2026-04-10") == "Days count anew from 2026-04-10.\n"
    assert line.json("check", "alice")["checked_on"] == "2026-04-10"
    assert line.json("history")["events"][-1]["event"] == "ClockCorrected"


def test_a_day_that_is_none_is_wrong_usage(line: CommandLine) -> None:
    assert line.run("clock", "correct", "yesterday").exit_code == 2
