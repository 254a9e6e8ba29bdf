"""The login decision at the terminal: exit status 0 whatever it is."""

from __future__ import annotations

import pytest

from tests.examples import a_key
from tests.interface.cli.conftest import CommandLine


@pytest.fixture
def licensed(line: CommandLine) -> CommandLine:
    line.do("user", "add", "Alice")
    line.do("license", "register", a_key(licenses=2))
    return line


def test_a_user_is_admitted(licensed: CommandLine) -> None:
    said = licensed.do("check", "alice")
    assert said == (
        "Alice: admit (ok)\n"
        "You may log in. Optional products: Analytics.\n"
        "Valid 2, in use 2, available 0; checked on 2026-04-10, at position 6.\n"
    )


def test_json_is_the_whole_answer_and_nothing_else(licensed: CommandLine) -> None:
    answer = licensed.json("check", "alice")
    assert (answer["login_name"], answer["decision"], answer["code"]) == ("Alice", "admit", "ok")
    assert (answer["optional_products"], answer["position"]) == (["Analytics"], 6)
    assert (answer["administrator"], licensed.json("check", "ADMIN")["administrator"]) == (False, True)
    assert answer["license"]["license_period"]["days_left"] == 355


def test_a_refused_login_is_no_failure_of_the_command(licensed: CommandLine) -> None:
    licensed.do("user", "add", "bob")
    assert licensed.json("check", "bob")["code"] == "licenses_exceeded"
    assert licensed.json("check", "admin")["decision"] == "admin_only"
    assert licensed.json("check", "nobody")["code"] == "unknown_user"


def test_a_release_that_maintenance_does_not_cover_is_refused(licensed: CommandLine) -> None:
    assert licensed.json("check", "alice", "--release-date", "2027-03-31")["code"] == "ok"
    assert licensed.json("check", "alice", "--release-date", "2027-04-01")["code"] == "release_not_covered"


def test_on_a_later_day_it_decides_as_on_that_day(licensed: CommandLine) -> None:
    assert licensed.json("check", "alice", "--on", "2027-04-01")["code"] == "license_expired"


def test_a_name_that_is_no_unicode_is_an_unknown_user(licensed: CommandLine) -> None:
    assert licensed.do("check", "al\udcffice").startswith("al\N{REPLACEMENT CHARACTER}ice: refuse (unknown_user)\n")


@pytest.mark.parametrize("wrong", [(), ("a", "b"), ("a", "--on", "soon"), ("a", "--release-date", "2026-13-01")])
def test_wrong_usage_is_2(licensed: CommandLine, wrong: tuple[str, ...]) -> None:
    assert licensed.run("check", *wrong).exit_code == 2
