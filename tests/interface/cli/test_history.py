"""The history at the terminal, and the mending of the clock."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.examples import a_key, a_period
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import at_a_terminal


def test_the_history_is_read_in_pages_oldest_first(line: CommandLine) -> None:
    for name in ("alice", "bob", "carol"):
        line.do("user", "add", name)
    page = line.json("history", "--after", "3", "--limit", "2")
    assert [event["position"] for event in page["events"]] == [4, 5]
    assert page["next"] == 5
    rest = line.json("history", "--after", page["next"])
    assert [event["login_name"] for event in rest["events"]] == ["bob", "carol"]
    assert rest["next"] is None


def test_a_person_reads_names_and_local_times_and_effects(line: CommandLine) -> None:
    line.world.clock.go_on(days=1)
    line.do("user", "add", "alice")
    shown = line.run("history")
    header, opened, seen, added, password, alice = shown.stdout.splitlines()
    assert re.split("  +", header) == ["POSITION", "DAY", "TIME (Europe/Berlin)", "WHAT HAPPENED"]
    assert opened.startswith("1         2026-04-10  11:00:00              ")
    assert "opened the installation “Example Company”" in opened
    assert seen.endswith("(command line) gave a command on this machine for the first time")
    assert added.endswith("(command line) added the administrator “admin” [In use 0 → 1]")
    assert password.endswith("set the password of “admin”")
    assert alice.startswith("5         2026-04-11  11:00:00              ")
    assert alice.endswith("(command line) added the user “alice” [In use 1 → 2]")
    assert "user_id" not in shown.stdout
    assert line.run("history", "--limit", "2").stderr == "There is more: --after 2\n"


def positions(line: CommandLine, *options: str) -> list[str]:
    return [row.split()[0] for row in line.do("history", *options).splitlines()[1:]]


@pytest.mark.parametrize(
    ("options", "expected", "more"),
    [
        (["--limit", "3"], ["1", "2", "3"], "--after 3"),
        (["--limit", "3", "--reverse"], ["3", "2", "1"], "--after 3"),
        (["--newest", "--limit", "3"], ["8", "7", "6"], "--newest --before 6"),
        (["--newest", "--limit", "3", "--reverse"], ["6", "7", "8"], "--newest --before 6"),
        (["--newest", "2"], ["8", "7"], "--newest --before 7"),
        (["--newest", "--before", "4", "--limit", "5"], ["3", "2", "1"], None),
    ],
    ids=["oldest", "oldest, last first", "newest", "newest, last last", "so many", "before"],
)
def test_either_end_is_shown_in_either_order(
    line: CommandLine, options: list[str], expected: list[str], more: str | None
) -> None:
    for name in ("alice", "bob", "carol", "dave"):
        line.do("user", "add", name)
    assert positions(line, *options) == expected
    assert line.run("history", *options).stderr == (f"There is more: {more}\n" if more else "")


def test_what_one_command_did_to_many_is_one_line_and_every_event_with_all(line: CommandLine) -> None:
    line.do("user", "import", "-", stdin="login_name,administrator\na,\nb,\nc,yes\n")
    line.do("user", "delete", "a", "b")
    assert positions(line) == ["1", "2", "3", "4", "5-7", "8-9"]
    imported, deleted = line.do("history").splitlines()[5:]
    assert imported.endswith(", by one command: 2 users added, 1 administrator added [In use 1 → 4]")
    assert deleted.endswith(", by one command: 2 users deleted [In use 4 → 2]")
    assert positions(line, "--all") == [str(position) for position in range(1, 10)]
    assert positions(line, "--event", "UserDeleted") == ["8-9"]
    assert positions(line, "--login-name", "a") == ["5", "8"]
    assert len(line.json("history")["events"]) == 9


def test_what_the_calendar_did_stands_between(line: CommandLine) -> None:
    line.do("license", "register", a_key(license_period=a_period("2026-04-01", "2026-04-30"), maintenance_period=None))
    line.world.clock.go_on(days=40)
    line.do("user", "add", "alice")
    over = line.do("history").splitlines()[-2]
    assert over.split()[:3] == ["2026-05-01", "(calendar)", "The"]
    assert "The license period ended" in over


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        (["2026-10-25T00:30:02Z", "2026-10-25T01:30:02Z"], ["02:30:02 (+02:00)", "02:30:02 (+01:00)"]),
        (["2026-04-20T09:00:00Z", "2026-04-11T22:30:00Z"], ["11:00:00", "2026-04-12 00:30:00"]),
    ],
    ids=["shown twice by the clocks", "on a day that is not its own, after the clock was set back"],
)
def test_a_time_that_alone_would_mislead_says_more(line: CommandLine, moments: list[str], expected: list[str]) -> None:
    for number, moment in enumerate(moments):
        line.world.clock.set(datetime.fromisoformat(moment))
        line.do("user", "add", f"user-{number}")
    rows = line.do("history").splitlines()[-2:]
    assert [re.split("  +", row)[2] for row in rows] == expected


def test_a_terminal_shows_no_line_beyond_its_width(line: CommandLine) -> None:
    line.do("user", "add", "a-very-long-login-name-" * 5)
    whole = [row.split() for row in line.do("history").splitlines()]
    shown = at_a_terminal({**line.environment, "COLUMNS": "70"}, ["history"], []).splitlines()
    assert max(map(len, shown)) <= 70
    assert len(shown) > len(whole)
    assert "".join("".join(row.split()) for row in shown) == "".join("".join(row) for row in whole)


@pytest.mark.parametrize(
    "options",
    [
        ["--json", "--newest"],
        ["--json", "--reverse"],
        ["--newest", "--after", "3"],
        ["--before", "3"],
        ["--newest", "0"],
        ["--newest", "ten"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_wrong_usage(line: CommandLine, options: list[str]) -> None:
    assert line.run("history", *options).exit_code == 2


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
