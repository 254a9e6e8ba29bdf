"""A day ahead of the machine's clock (C-7), as whoever sits at the machine is told of it, and what mends it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from application.credentials import Credentials
from interface.settings import Settings
from tests.examples import ADMINISTRATOR, a_key
from tests.interface.cli.conftest import CommandLine

MEND = "“seatledger clock correct 2026-04-10”"


@pytest.fixture
def ahead(line: CommandLine) -> CommandLine:
    """Something was recorded in 2040; the clock is right now."""
    line.world.clock.now += timedelta(days=5000)
    line.do("user", "add", "from the future")
    line.world.clock.now -= timedelta(days=5000)
    return line


@pytest.mark.parametrize(
    "command",
    [
        ("check", ADMINISTRATOR),
        ("license", "show"),
        ("token", "list"),
        ("token", "create", "Gateway", "--scope", "login-check", "--expires", "30"),
        ("user", "add", "alice"),
    ],
    ids=" ".join,
)
def test_what_follows_from_the_day_says_so_on_standard_error(ahead: CommandLine, command: tuple[str, ...]) -> None:
    said = ahead.run(*command)
    assert "Warning (day_ahead_of_clock)" in said.stderr
    assert MEND in said.stderr
    assert "clock correct" not in said.stdout
    ahead.do("clock", "correct", "2026-04-10")
    assert ahead.run(*command).stderr.count("day_ahead_of_clock") == 0


def test_json_stays_json_and_the_message_for_the_door_names_no_clock(ahead: CommandLine) -> None:
    said = ahead.run("check", ADMINISTRATOR, "--json")
    assert "clock" not in json.loads(said.stdout)["message"]
    assert MEND in said.stderr


@pytest.mark.parametrize("command", [("check", ADMINISTRATOR), ("license", "show")], ids=" ".join)
def test_a_day_to_come_that_counts_as_past_is_refused_with_what_mends_it(
    ahead: CommandLine, command: tuple[str, ...]
) -> None:
    """“Today” would not be the day of this machine's clock."""
    refused = ahead.run(*command, "--on", "2026-05-01")
    assert (refused.exit_code, refused.stdout) == (2, "")
    said = " ".join(refused.stderr.split())
    assert "this machine's clock says 2026-04-10" in said
    assert MEND in said
    assert "today" not in said
    ahead.do("clock", "correct", "2026-04-10")
    assert ahead.run(*command, "--on", "2026-05-01").exit_code == 0


def test_a_key_that_is_good_today_is_refused_with_what_mends_it(ahead: CommandLine) -> None:
    refused = ahead.run("license", "register", a_key())
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Refused (license_period_over)")
    assert MEND in refused.stderr
    ahead.do("clock", "correct", "2026-04-10")
    assert ahead.run("license", "register", a_key()).exit_code == 0


def test_correcting_the_clock_takes_the_proofs_of_the_wrong_one_away(ahead: CommandLine) -> None:
    """Sessions from the future are void and show a clock that went back; once it is mended, they show nothing."""
    log = Settings.from_environment(ahead.environment).log
    engine = log.tables()
    moment = ahead.world.clock.now + timedelta(days=5000)
    in_2040, now = Credentials(engine, lambda: moment), Credentials(engine, lambda: ahead.world.clock.now)
    in_2040.open_session("somebody", 1)
    now.open_session("somebody", 1)
    newest = now.newest_session()
    assert newest is not None
    assert newest > ahead.world.clock.now, "signing in keeps it"
    ahead.do("clock", "correct", "2026-04-10")
    newest = now.newest_session()
    assert newest is not None
    assert newest <= ahead.world.clock.now
    engine.dispose()
    findings = json.loads(ahead.run("doctor", "--json").stdout)["findings"]
    assert "clock_behind" not in [finding["code"] for finding in findings]
