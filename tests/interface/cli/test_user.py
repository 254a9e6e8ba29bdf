"""Users at the terminal, one by one and from a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import a_key
from tests.interface.cli.conftest import CommandLine


def named(line: CommandLine) -> dict[str, str]:
    """The status of every listed user."""
    rows = [row.split() for row in line.do("user", "list").splitlines()[1:]]
    return {name: status for name, status in rows}  # noqa: C416  two fields exactly


def test_users_are_added_deleted_restored_and_made_administrators(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=5))
    assert line.do("user", "add", " Alice ") == "“Alice” was added.\n"
    assert line.do("user", "add", "bob", "--administrator") == "“bob” was added.\n"
    assert named(line) == {"Alice": "user", "bob": "administrator", "admin": "administrator"}
    assert line.do("user", "revoke", "BOB") == "“bob” is no administrator.\n"
    assert line.do("user", "grant", "alice") == "“Alice” is an administrator.\n"
    assert line.do("user", "delete", "alice") == "“Alice” is deleted.\n"
    assert named(line) == {"Alice": "deleted", "bob": "user", "admin": "administrator"}
    assert line.do("user", "restore", "alice") == "“Alice” is a user.\n"
    assert named(line)["Alice"] == "user"


def test_events_name_who_gave_the_command(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    assert line.json("history")["events"][-1]["by"].startswith("cli:")


def test_adding_beyond_valid_is_done_and_warned_of(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=2))
    assert line.run("user", "add", "alice").stderr == ""
    added = line.run("user", "add", "bob")
    assert (added.exit_code, added.stdout) == (0, "“bob” was added.\n")
    assert added.stderr.startswith("Warning (licenses_exceeded): ")
    deleted = line.run("user", "delete", "bob")
    assert deleted.stderr == ""
    assert line.run("user", "restore", "bob").stderr.startswith("Warning (licenses_exceeded): ")


def test_json_lists_all_users(line: CommandLine) -> None:
    line.do("user", "add", "山田太郎")
    assert line.json("user", "list") == {
        "users": [
            {"login_name": "admin", "administrator": True, "deleted": False},
            {"login_name": "山田太郎", "administrator": False, "deleted": False},
        ],
        "next": None,
    }


def test_the_list_is_aligned_beside_wide_characters(line: CommandLine) -> None:
    line.do("user", "add", "山田太郎")
    assert line.do("user", "list") == (
        "LOGIN NAME  STATUS\n"
        "admin       administrator\n"
        "山田太郎    user\n"
    )  # fmt: skip


def test_a_list_is_imported_and_again_without_adding_anything_twice(line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("login_name,administrator\nalice,\nbob,true\nadmin,\n", encoding="utf-8-sig")
    imported = line.run("user", "import", file)
    assert (imported.exit_code, imported.stdout) == (0, "Added: 2. There already: 1.\n")
    assert "New administrators: 1. " in imported.stderr
    assert named(line) == {"alice": "user", "bob": "administrator", "admin": "administrator"}
    assert line.do("user", "import", file) == "Added: 0. There already: 3.\n"


def test_a_list_is_read_from_standard_input(line: CommandLine) -> None:
    assert line.do("user", "import", "-", stdin="login_name\nalice\n") == "Added: 1. There already: 0.\n"


def test_importing_beyond_valid_is_done_and_warned_of(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=2))
    imported = line.run("user", "import", "-", stdin="login_name\nalice\nbob\n")
    assert imported.exit_code == 0
    assert "Warning (licenses_exceeded): " in imported.stderr


def test_every_bad_line_is_named_and_nothing_is_imported(line: CommandLine) -> None:
    before = line.json("history")
    refused = line.run("user", "import", "-", stdin="login_name,administrator\nalice,\na/b,\nbob,perhaps\nALICE,\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (import_refused): Nothing was imported. 3 of the lines")
    for number in (3, 4, 5):
        assert f"\nline {number}: " in refused.stderr
    assert line.json("history") == before


def test_a_file_that_is_not_there_is_wrong_usage(line: CommandLine, tmp_path: Path) -> None:
    assert line.run("user", "import", tmp_path / "none.csv").exit_code == 2
    assert line.run("user", "import", tmp_path).exit_code == 2


@pytest.mark.parametrize("command", ["add", "delete", "restore", "grant", "revoke", "import"])
def test_without_a_name_it_is_wrong_usage(line: CommandLine, command: str) -> None:
    assert line.run("user", command).exit_code == 2
