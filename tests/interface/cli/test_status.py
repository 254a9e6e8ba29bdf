"""`seatledger status`: one line as monitoring plugins give it, and their exit statuses."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.database import alter_state
from tests.examples import a_key, a_period
from tests.interface.cli.conftest import CommandLine

LINE = re.compile(r"SEATLEDGER (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| [^|\n]+)?")
NUMBER = re.compile(r"[a-z_]+=-?\d+s?(;[\d:]*){0,4}")


@pytest.fixture
def licensed(ready: CommandLine) -> CommandLine:
    """A year of license and maintenance ahead, and a checkpoint."""
    ready.do("license", "register", a_key())
    ready.do("audit", "checkpoint")
    return ready


def asked(line: CommandLine, *options: str) -> tuple[int, list[str]]:
    result = line.run("status", *options)
    lines = result.stdout.splitlines()
    assert LINE.fullmatch(lines[0]), lines[0]
    if " | " in lines[0]:
        assert all(map(NUMBER.fullmatch, lines[0].split(" | ")[1].split())), lines[0]
    return result.exit_code, lines


def codes(line: CommandLine) -> dict[str, str]:
    answer = json.loads(line.run("status", "--json").stdout)
    return {finding["code"]: finding["severity"] for finding in answer["findings"]}


def test_all_is_well(licensed: CommandLine) -> None:
    line = (
        "SEATLEDGER OK - 1 user, 3 licenses | licenses=3;;;0 users=1;;3;0 license_days=355;31:;8: "
        "maintenance_days=355;31: tokens_ending=0;0;;0 checkpoint_age=0s;;;0 findings=0;0;;0"
    )
    assert asked(licensed) == (0, [line])
    answer = licensed.json("status")
    assert (answer["state"], answer["license_days_left"], answer["findings"]) == ("ok", 355, [])
    assert (answer["valid"], answer["in_use"], answer["checkpoint_age_seconds"]) == (3, 1, 0)


@pytest.mark.parametrize(
    ("days_before_the_end", "status", "code"),
    [(31, 0, None), (30, 1, "license_ends"), (8, 1, "license_ends"), (7, 2, "license_ends"), (0, 2, "license_ends")],
)
def test_the_end_of_the_license_period(
    licensed: CommandLine, days_before_the_end: int, status: int, code: str | None
) -> None:
    licensed.world.clock.now += timedelta(days=355 - days_before_the_end)
    assert asked(licensed)[0] == status
    assert (code in codes(licensed)) == (code is not None)


def test_the_limits_can_be_set(licensed: CommandLine) -> None:
    assert asked(licensed, "--warning-days", "400")[0] == 1
    assert asked(licensed, "--warning-days", "400", "--critical-days", "360")[0] == 2


def test_a_license_that_is_over_or_was_never_there_is_critical(ready: CommandLine) -> None:
    assert asked(ready)[0] == 2
    ready.do("license", "register", a_key())
    ready.world.clock.now += timedelta(days=400)
    assert codes(ready)["license_not_in_force"] == "alarm"


def test_maintenance_that_ends_is_a_warning(ready: CommandLine) -> None:
    ready.do("license", "register", a_key(maintenance_period=a_period("2026-04-01", "2026-04-15")))
    ready.do("audit", "checkpoint")
    status, lines = asked(ready)
    assert status == 1
    assert "covered until 2026-04-15; days left: 5." in lines[0]
    assert codes(ready) == {"maintenance_ends": "warning"}


def test_k13_what_is_known_to_go_wrong_is_a_warning_from_the_moment_that_it_is_known(licensed: CommandLine) -> None:
    licensed.do("user", "add", "ann")
    late = a_period("2027-05-01", "2028-04-30")
    small = a_key(licenses=1, license_period=late, maintenance_period=late, optional_products=())
    licensed.do("license", "register", small)
    licensed.do("audit", "checkpoint")
    status, lines = asked(licensed)
    assert status == 1
    for wrong in (
        "From 2027-05-01 on there will be more users than licenses: 1 beyond 1.",
        "From 2027-05-01 on these optional products cannot be used any more: Analytics.",
        "Nothing covers 2027-04-01 to 2027-04-30, between two licenses, and nobody but administrators can log in then.",
        "Nothing covers 2027-04-01 to 2027-04-30, between two maintenance periods, and optional products cannot be",
    ):
        assert wrong in lines[0]
    assert set(codes(licensed).items()) == {
        ("licenses_will_be_exceeded", "warning"),
        ("options_will_end", "warning"),
        ("cover_gap", "warning"),
    }


def test_more_users_than_licenses_is_critical(licensed: CommandLine) -> None:
    for name in ("ann", "ben", "cem"):
        licensed.do("user", "add", name)
    assert asked(licensed)[0] == 2
    assert codes(licensed) == {"licenses_exceeded": "alarm"}


def test_a_token_near_its_end_is_a_warning(licensed: CommandLine) -> None:
    licensed.do("token", "create", "gate|way", "--scope", "login-check", "--expires", "10")
    licensed.do("token", "create", "endless", "--scope", "login-check")
    licensed.do("token", "create", "far", "--scope", "login-check", "--expires", "100")
    status, lines = asked(licensed)
    assert status == 1
    assert "The API token “gate/way” is good until 2026-04-20; days left: 10." in lines[0]
    assert len(lines) == 2


def test_a_checkpoint_that_is_old_is_a_warning_only_if_something_was_recorded_since(licensed: CommandLine) -> None:
    licensed.world.clock.now += timedelta(hours=2)
    assert asked(licensed)[0] == 0
    licensed.do("user", "add", "alice")
    assert codes(licensed) == {"checkpoint_old": "warning"}


def test_a_clock_that_is_behind_is_critical_and_a_day_ahead_of_it_a_warning(licensed: CommandLine) -> None:
    licensed.world.clock.now -= timedelta(minutes=11)
    assert asked(licensed)[0] == 2
    assert codes(licensed) == {"clock_behind": "alarm"}
    licensed.world.clock.now -= timedelta(days=1)
    assert codes(licensed) == {"clock_behind": "alarm", "day_ahead_of_clock": "warning"}


def test_an_altered_history_is_critical(licensed: CommandLine) -> None:
    licensed.do("user", "add", "alice")
    with licensed.world.attacker() as attacker:
        alter_state(attacker, 2, b"{", b"{ ")
    licensed.run("doctor")
    assert asked(licensed)[0] == 2
    assert codes(licensed) == {"history_altered": "alarm"}


@pytest.mark.sqlite_alone("its file")
def test_what_cannot_be_read_is_unknown(bare: CommandLine) -> None:
    assert asked(bare)[0] == 3
    bare.init()
    assert asked(bare)[0] == 2
    bare.database.write_bytes(b"nonsense" * 1000)
    assert asked(bare)[0] == 3
    result = bare.run("status", "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (3, "unknown")
