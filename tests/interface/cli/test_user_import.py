"""Users from a list, at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from application.log.acting import Acting
from tests.examples import a_key
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.test_user import named


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


def test_an_import_names_its_command_and_is_taken_back_by_it(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    imported = line.run("user", "import", "-", stdin="login_name;administrator\nalice;\nbob;WAHR\ncem;\n")
    assert imported.stdout == "Added: 2. There already: 1.\n"
    words = imported.stderr.splitlines()[-1].split()
    assert words[-4:-1] == ["seatledger", "user", "undo"]
    assert line.do("user", "undo", words[-1]) == "Deleted: 2.\n"
    assert named(line) == {"admin": "administrator", "alice": "user", "bob": "deleted", "cem": "deleted"}
    nothing = line.run("user", "import", "-", stdin="login_name\nalice\n")
    assert (nothing.stdout, "undo" in nothing.stderr) == ("Added: 0. There already: 1.\n", False)


def test_deleted_users_are_restored_if_that_is_said_and_offered_if_not(line: CommandLine) -> None:
    line.do("user", "add", "alice", "bob")
    line.do("user", "delete", "alice", "bob")
    file = "login_name,administrator\nalice,\nbob,true\ncem,\n"
    before = line.json("history")
    refused = line.run("user", "import", "-", stdin=file)
    assert refused.exit_code == 1
    assert "line 2: alice is deleted; restore such users with the list (command line: --restore)" in refused.stderr
    assert line.json("history") == before
    restored = line.run("user", "import", "--restore", "-", stdin=file)
    assert restored.stdout == "Added: 1. Restored: 2. There already: 0.\n"
    assert named(line) == {"admin": "administrator", "alice": "user", "bob": "user", "cem": "user"}
    assert "these are ordinary users, and the import does not change that: bob. " in restored.stderr
    assert "seatledger user grant bob\n" in restored.stderr


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["for good", "tried"])
def test_who_has_other_rights_is_named_with_the_command_that_mends_it(
    line: CommandLine, options: tuple[str, ...]
) -> None:
    line.do("user", "add", "alice", "Ann Lee", "dan")
    line.do("user", "add", "bob", "cem", "--administrator")
    file = "login_name,administrator\nalice,true\nann lee,true\nbob,false\ncem,\nadmin,true\ndan,no\n"
    imported = line.run("user", "import", *options, "-", stdin=file)
    assert imported.exit_code == 0
    mended = [text.partition(": seatledger ")[2] for text in imported.stderr.splitlines() if ": seatledger " in text]
    assert mended == ["user grant alice 'Ann Lee'", "user revoke bob"]
    rights = {user["login_name"]: user["administrator"] for user in line.json("user", "list")["users"]}
    assert rights == {"admin": True, "alice": False, "Ann Lee": False, "bob": True, "cem": True, "dan": False}


def test_a_dry_run_says_what_the_import_would_do_and_changes_nothing(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=10))
    line.do("user", "add", "alice", "gone")
    line.do("user", "delete", "gone")
    before = line.json("history")
    names = "".join(f"user{number}\n" for number in range(1, 13))
    tried = line.run("user", "import", "--dry-run", "-", stdin=f"login_name\nalice\n{names}")
    assert (tried.exit_code, tried.stdout) == (
        0,
        "Would add 12, 4 beyond the licenses. There already: 1. Nothing was changed.\n",
    )
    assert tried.stderr == (
        "Then there would be 14 users, 10 licenses: users without system administrator privileges could not log in.\n"
    )
    fitting = line.run("user", "import", "--dry-run", "--restore", "-", stdin="login_name\ngone\nbob\n")
    assert (fitting.stdout, fitting.stderr) == (
        "Would add 1 and restore 1. There already: 0. Nothing was changed.\n",
        "",
    )
    rights = line.run("user", "import", "--dry-run", "-", stdin="login_name;administrator\nbob;SANT\ncem;\n")
    assert rights.stderr == "Administrators among the new users: 1.\n"
    refused = line.run("user", "import", "--dry-run", "-", stdin="login_name\ngone\nbob\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (import_refused): ")
    assert line.json("history") == before


def test_beyond_the_licenses_are_no_more_than_would_be_added(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=1))
    line.do("user", "add", "alice", "bob")
    tried = line.run("user", "import", "--dry-run", "-", stdin="login_name\ncem\n")
    assert tried.stdout == "Would add 1, 1 beyond the licenses. There already: 0. Nothing was changed.\n"


def test_an_import_that_takes_the_last_license_says_what_one_user_more_does(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=3))
    imported = line.run("user", "import", "-", stdin="login_name\nalice\nbob\n")
    assert imported.stderr.startswith("Warning (no_license_available): ")


def test_an_import_that_breaks_off_says_how_to_go_on_and_how_to_go_back(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody presses Ctrl+C after the first thousand users."""
    names = "".join(f"user{number}\n" for number in range(1500))
    act, saves = Acting.act, []

    def break_off(*args: Any, **options: Any) -> int:
        saves.append(args)
        if len(saves) == 2:
            raise KeyboardInterrupt
        return act(*args, **options)

    monkeypatch.setattr(Acting, "act", break_off)
    broken = line.run("user", "import", "-", stdin=f"login_name\n{names}")
    monkeypatch.undo()
    assert broken.exit_code == 1
    told = next(text for text in broken.stderr.splitlines() if text.startswith("The import broke off"))
    assert told.startswith("The import broke off: 1,000 users are imported.")
    assert line.do("user", "undo", told.split()[-1]) == "Deleted: 1,000.\n"


def test_the_list_as_csv_is_imported_again_without_adding_anybody(line: CommandLine) -> None:
    line.do("user", "add", "ann", "=b", "gone")
    line.do("user", "delete", "gone")
    sheet = line.do("user", "list", "--csv")
    assert [row.split(",")[0] for row in sheet.splitlines()] == ['\ufeff"login_name"', '"\'=b"', '"admin"', '"ann"']
    assert line.do("user", "import", "-", stdin=sheet) == "Added: 0. There already: 3.\n"
    both = line.run("user", "list", "--csv", "--json")
    assert both.exit_code == 2
    assert "Give --json or --csv, not both." in both.stderr
