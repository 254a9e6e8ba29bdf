"""The database that a command opens: never made by a typo, and one clear line if it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database import connected
from tests.interface.cli.conftest import CommandLine

pytestmark = pytest.mark.sqlite_alone("its file, and what else lies in its place")

COMMANDS = [
    ("user", "list"),
    ("license", "show"),
    ("license", "register", "KEY"),
    ("check", "admin"),
    ("history",),
    ("auditor", "list"),
    ("password", "admin", "--password-stdin"),
    ("token", "list"),
    ("clock", "correct", "2026-01-01"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_command_but_init_makes_a_database(bare: CommandLine, command: tuple[str, ...]) -> None:
    refused = bare.run(*command)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Error: There is no database {bare.database}. "
        "Run “seatledger init” to make it, or correct SEATLEDGER_DATABASE.\n"
    )
    assert not bare.database.exists()


def test_an_empty_database_is_not_initialized(bare: CommandLine) -> None:
    bare.database.touch()
    refused = bare.run("user", "list")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Refused (not_initialized): ")
    assert "seatledger init" in refused.stderr


def test_somebody_elses_database_is_left_alone(bare: CommandLine) -> None:
    with connected(bare.database) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = bare.database.read_bytes()
    assert bare.run("user", "add", "alice").stderr.startswith("Refused (not_initialized): ")
    assert bare.database.read_bytes() == before


def test_a_file_that_is_no_database_is_one_line(bare: CommandLine) -> None:
    bare.database.write_text("This is a letter, and no database at all." * 40)
    refused = bare.run("user", "list")
    assert refused.exit_code == 1
    assert refused.stderr == f"Error: The database {bare.database} cannot be opened: file is not a database.\n"
    assert bare.init().exit_code == 1


def test_a_directory_is_no_database(bare: CommandLine) -> None:
    bare.database.mkdir()
    refused = bare.run("user", "list")
    assert refused.stderr == f"Error: The database {bare.database} cannot be opened: unable to open database file.\n"


@pytest.mark.parametrize("url", ["mysql://localhost/x", "seatledger.sqlite", "sqlite:///", "sqlite:///:memory:"])
def test_a_setting_that_names_no_file_is_one_line(bare: CommandLine, url: str) -> None:
    refused = bare.run("user", "list", SEATLEDGER_DATABASE=url)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: SEATLEDGER_DATABASE must be sqlite:///PATH")
    assert refused.stderr.count("\n") == 1


def test_an_event_that_was_altered_is_one_line(line: CommandLine) -> None:
    with connected(line.database) as connection:
        connection.execute("DROP TRIGGER stored_events_refuse_update")
        connection.execute("UPDATE stored_events SET topic = 'os:system' WHERE originator_version = 2")
    refused = line.run("user", "list")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: Event 2 has the topic 'os:system', which this version does not know")


def test_a_keyring_is_needed_only_where_a_key_is_read(line: CommandLine, tmp_path: Path) -> None:
    line.environment["SEATLEDGER_KEYRING"] = ""
    line.do("license", "show")
    refused = line.run("license", "register", "KEY")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: SEATLEDGER_KEYRING is not set")
    line.environment["SEATLEDGER_KEYRING"] = str(tmp_path / "none.json")
    assert line.run("license", "register", "KEY").stderr.startswith("Refused (keyring_invalid): ")
