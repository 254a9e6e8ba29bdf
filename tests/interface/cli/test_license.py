"""Registering a license key at the terminal, and what is shown of the license."""

from __future__ import annotations

import re

import pytest

from tests.examples import a_key, a_period
from tests.interface.cli.conftest import CommandLine


def test_a_registered_key_is_in_effect_and_never_shown(line: CommandLine) -> None:
    key = a_key(licenses=3)
    registered = line.run("license", "register", key)
    assert registered.exit_code == 0
    assert registered.stdout == (
        "The license key was registered and is in effect. "
        "In force: Professional, 3 licenses, 2026-04-01 to 2027-03-31.\n"
    )
    assert registered.stderr == ""
    shown = line.do("license", "show")
    lines = dict(row.split("  ", 1) for row in shown.splitlines())
    values = {name: value.strip() for name, value in lines.items()}
    assert (values["Valid"], values["In use"], values["Available"]) == ("3", "1", "2")
    assert values["License period"] == "2026-04-01 to 2027-03-31 (active, 355 days left)"
    assert key not in shown + line.do("history") + line.do("history", "--json")


def test_a_key_is_read_from_standard_input_as_mail_left_it(line: CommandLine) -> None:
    key = a_key()
    wrapped = '"' + "\r\n".join(key[start : start + 60] for start in range(0, len(key), 60)) + '"\r\n'
    line.do("license", "register", "-", stdin=wrapped)
    assert line.json("license", "show")["license"]["edition"] == "Professional"


def test_the_same_key_again_changes_nothing_and_says_so(line: CommandLine) -> None:
    line.do("license", "register", a_key())
    position = line.json("license", "show")["position"]
    again = line.do("license", "register", a_key())
    assert again.startswith("This license key is already registered; nothing was changed.")
    assert line.json("license", "show")["position"] == position


def test_a_key_for_later_says_when_it_takes_effect(line: CommandLine) -> None:
    line.do("license", "register", a_key())
    later = line.do("license", "register", a_key(licenses=9, license_period=a_period("2027-04-01", "2028-03-31")))
    assert "It takes effect on 2027-04-01; nothing changes until then." in later
    assert "Next license         Professional, 9 licenses, from 2027-04-01\n" in line.do("license", "show")


def test_k12_k13_it_says_what_a_key_cancels_shortens_and_brings_about_and_what_comes(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("license", "register", a_key(licenses=2, license_period=a_period("2026-04-01", None)))
    next_year = a_period("2027-04-01", "2028-03-31")
    renewal = a_key(licenses=1, license_period=next_year, maintenance_period=next_year)
    registered = line.run("license", "register", renewal)
    assert "Warning (cover_shortened): Before this license key the license period had no end" in registered.stderr
    assert "Warning (licenses_will_be_exceeded): From 2027-04-01 on" in registered.stderr
    shown = line.run("license", "show")
    assert "Warning (licenses_will_be_exceeded): From 2027-04-01 on" in shown.stderr
    assert (
        "If nobody acts       2027-04-01: The next license takes effect: Professional, 1 license, 2027-04-01 to "
        "2028-03-31. A maintenance period begins: 2027-04-01 to 2028-03-31. Nobody but administrators can log in: 2 "
        "users in use, 1 license, 1 beyond Valid.\n"
    ) in shown.stdout
    days = {coming["day"] for coming in line.json("license", "show")["if_nobody_acts"]}
    assert days == {"2027-04-01", "2028-04-01"}
    better = a_key(licenses=2, license_period=next_year, maintenance_period=next_year)
    registered = line.run("license", "register", better)
    assert "It replaces 1 license key for good: number " in registered.stdout
    assert registered.stderr == ""
    assert line.run("license", "show").stderr == ""
    added = line.run("user", "add", "bob")
    assert "Warning (licenses_exceeded)" in added.stderr
    assert "Warning (licenses_will_be_exceeded)" in added.stderr


def test_a_key_with_fewer_licenses_than_users_is_registered_and_warned_of(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    registered = line.run("license", "register", a_key(licenses=1))
    assert registered.exit_code == 0
    assert registered.stderr.startswith("Warning (licenses_exceeded): ")
    assert "delete" in registered.stderr.lower()


def test_on_a_later_day_it_shows_what_would_be_true_then(line: CommandLine) -> None:
    line.do("license", "register", a_key())
    later = line.run("license", "show", "--on", "2027-04-01")
    assert "(expired)" in later.stdout
    assert "Warning (license_over): " in later.stderr
    shown = line.json("license", "show", "--on", "2027-04-01")
    assert shown["checked_on"] == "2027-04-01"
    assert shown["license"]["license_period"]["status"] == "expired"


@pytest.mark.parametrize("command", [("license", "show"), ("check", "admin")])
def test_an_earlier_day_is_wrong_usage_and_points_to_as_of(line: CommandLine, command: tuple[str, ...]) -> None:
    line.do(*command, "--on", "2026-04-10")
    refused = line.run(*command, "--on", "2026-04-09")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--as-of" in refused.stderr


def test_before_any_license_the_numbers_say_so(line: CommandLine) -> None:
    license_ = line.json("license", "show")["license"]
    assert (license_["edition"], license_["valid"], license_["in_use"], license_["available"]) == (None, 0, 1, -1)
    shown = line.run("license", "show")
    assert "Warning (no_license): " in shown.stderr
    assert [warning["code"] for warning in line.json("license", "show")["warnings"]] == ["no_license"]


def test_all_keys_are_listed_with_who_registered_them_and_what_replaced_which(line: CommandLine) -> None:
    nothing = line.run("license", "list")
    assert (nothing.stdout, nothing.stderr) == ("", "No license key is registered yet.\n")
    line.do("license", "register", a_key())
    line.world.clock.go_on(days=10)
    line.do("license", "register", a_key(licenses=9, maintenance_period=None))
    first, second = [
        dict(re.split("  +", row, maxsplit=1) for row in block.splitlines())
        for block in line.do("license", "list").split("\n\n")
    ]
    assert first["No. 1"] == "replaced on 2026-04-20 by no. 2"
    assert first["License period"] == "2026-04-01 to 2027-03-31 (active, 345 days left)"
    assert first["Issued at"] == "2026-03-15 10:00:00 (Europe/Berlin)"
    assert first["Registered on"].startswith("2026-04-10 by ")
    assert first["Registered on"].endswith(" (command line), event 5")
    assert first["Signed with"] == "example-2026"
    assert second["No. 2"] == "in force since 2026-04-20"
    assert second["Maintenance period"] == "none"
    listed = line.json("license", "list")
    assert [key["status"] for key in listed["license_keys"]] == ["replaced", "in_force"]
    assert listed["license_keys"][0]["replaced_by"] == listed["license_keys"][1]["key_id"]
    assert "eyJ" not in line.do("license", "list") + line.do("license", "list", "--json")
    assert len(line.json("license", "list", "--position", "5")["license_keys"]) == 1
