"""Registering a license key at the terminal, and what is shown of the license."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest
from click.testing import _NamedTextIOWrapper

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
    registered = line.run("license", "register", renewal, "--yes")
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
    assert line.run("license", "show").stderr.startswith("Warning (nearly_full): No license is available any more")
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
    line.do("license", "register", a_key(licenses=9, maintenance_period=None), "--yes")
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


SMALL = a_key(licenses=1, key_id="5d1f7c3a-9b1e-4a57-8a0b-1c2d3e4f5a01", maintenance_period=None)


@pytest.fixture
def crowded(line: CommandLine) -> CommandLine:
    """Two users and three licenses; SMALL is for one user, without maintenance."""
    line.do("license", "register", a_key(licenses=3))
    line.do("user", "add", "alice")
    return line


def test_a_preview_shows_day_by_day_what_a_key_would_change_and_records_nothing(crowded: CommandLine) -> None:
    position = crowded.json("license", "show")["position"]
    previewed = crowded.run("license", "preview", "-", stdin=f"Your key:\n{SMALL}\n")
    assert (previewed.exit_code, previewed.stderr) == (0, "")
    shown = " ".join(previewed.stdout.split())
    assert shown.startswith("The license key can be registered, but it makes something worse.")
    assert (
        "2026-04-10, without the key In force: Professional, 3 licenses, 2026-04-01 to 2027-03-31. Users can" in shown
    )
    assert "2026-04-10, with the key In force: Professional, 1 license" in shown
    assert "Nobody but administrators can log in: 2 users, 1 license." in shown
    assert "Shut out: 1 user, who could log in without this key (alice)." in shown
    assert "these optional products cannot be used: Analytics." in shown
    assert (
        "If you find it was the wrong key, ask the vendor for a new license key that says what that one says." in shown
    )
    answer = crowded.json("license", "preview", SMALL)
    assert [day["day"] for day in answer["days"]] == ["2026-04-10", "2027-04-01"]
    assert (answer["needs_confirmation"], answer["position"]) == (True, position)
    assert crowded.json("license", "show")["position"] == position
    assert SMALL not in previewed.stdout


def test_a_preview_of_a_good_key_and_of_a_known_one_says_so(line: CommandLine) -> None:
    shown = line.do("license", "preview", a_key())
    assert shown.startswith("The license key can be registered. It makes nothing worse on any day.\n")
    assert "2026-04-10, without the key  No license is in force. Nobody but administrators can log in" in shown
    line.do("license", "register", a_key())
    assert line.do("license", "preview", a_key()) == (
        "This license key is already registered; registering it again changes nothing.\n"
    )


def test_where_nobody_can_be_asked_a_key_that_makes_something_worse_is_refused_without_yes(
    crowded: CommandLine,
) -> None:
    position = crowded.json("license", "show")["position"]
    for arguments, stdin in (((SMALL,), None), (("-",), SMALL)):
        refused = crowded.run("license", "register", *arguments, stdin=stdin)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.startswith("Refused (needs_confirmation): ")
        assert "Shut out: 1 user, who could log in without this key (alice)." in refused.stderr
        assert "--yes" in refused.stderr
    assert crowded.json("license", "show")["position"] == position
    assert "is in effect" in crowded.do("license", "register", SMALL, "--yes")


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is a terminal: what the runner types there is what somebody answers."""
    monkeypatch.setattr(_NamedTextIOWrapper, "isatty", lambda _: True, raising=False)


@pytest.mark.usefixtures("at_terminal")
@pytest.mark.parametrize(("answer", "exit_code", "licenses"), [("y\n", 0, 1), ("n\n", 1, 3), ("", 1, 3)])
def test_at_a_terminal_it_asks_and_says_what_would_happen_and_whom_to_ask(
    crowded: CommandLine, answer: str, exit_code: int, licenses: int
) -> None:
    vendor = {"SEATLEDGER_VENDOR_CONTACT": "keys@vendor.example"}
    asked = crowded.run("license", "register", SMALL, stdin=answer, **vendor)
    assert asked.exit_code == exit_code, asked.output
    assert "Shut out: 1 user" in asked.stderr
    assert "Vendor: keys@vendor.example\nRegister the license key all the same? [y/N]" in asked.stderr
    assert ("Nothing was changed." in asked.stderr) is (exit_code == 1)
    assert crowded.json("license", "show")["license"]["valid"] == licenses


@pytest.mark.usefixtures("at_terminal")
def test_at_a_terminal_it_asks_again_if_something_happened_meanwhile(
    crowded: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is added while the question stands; what was said yes to is not what would happen any more."""
    confirm, questions = click.confirm, []

    def answered(text: str, **options: Any) -> bool:
        if not questions:
            crowded.world.add("bob")
        questions.append(text)
        return confirm(text, **options)

    monkeypatch.setattr(click, "confirm", answered)
    asked = crowded.run("license", "register", SMALL, stdin="y\ny\n")
    assert (asked.exit_code, len(questions)) == (0, 2), asked.output
    first, second = asked.stderr.split("has changed meanwhile; nothing was changed yet.")
    assert "Shut out: 1 user, who could log in without this key (alice)." in first
    assert "Shut out: 2 users, who could log in without this key (alice, bob)." in second
