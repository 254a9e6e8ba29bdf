"""Users at the terminal, one by one and from a list."""

from __future__ import annotations

import shlex
from datetime import timedelta

import pytest

from interface.cli.database import by_os_user
from interface.cli.output import width_of
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
    events = line.json("history")["events"]
    (seen,) = (event for event in events if event["event"] == "OperatorSeen")
    assert seen["name"] == by_os_user().removeprefix("cli:")
    assert events[-1]["by"] == f"operator:{seen['operator_id']}"


def test_whoever_takes_the_last_license_is_told_what_one_user_more_does(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=3))
    assert line.run("user", "add", "alice").stderr == ""
    added = line.run("user", "add", "bob")
    assert (added.exit_code, added.stdout) == (0, "“bob” was added.\n")
    assert added.stderr == (
        "Warning (no_license_available): No license is available any more: 3 users, 3 licenses. With one more user, "
        "users without system administrator privileges cannot log in.\n"
    )
    assert line.run("user", "restore", "bob").stderr == "", "it changed nothing"
    line.do("user", "delete", "bob")
    assert line.run("user", "restore", "bob").stderr.startswith("Warning (no_license_available): ")


def test_adding_beyond_valid_is_done_and_warned_of(line: CommandLine) -> None:
    line.do("license", "register", a_key(licenses=1))
    added = line.run("user", "add", "bob")
    assert (added.exit_code, added.stdout) == (0, "“bob” was added.\n")
    assert added.stderr.startswith("Warning (licenses_exceeded): ")
    assert "Users without system administrator privileges cannot log in." in added.stderr
    deleted = line.run("user", "delete", "bob")
    assert deleted.stderr == ""
    assert line.run("user", "restore", "bob").stderr.startswith("Warning (licenses_exceeded): ")


@pytest.mark.parametrize("command", ["add", "delete", "restore", "grant", "revoke"])
def test_several_names_are_one_command(line: CommandLine, command: str) -> None:
    if command != "add":
        line.do("user", "add", "alice", "bob", "--administrator")
    if command == "restore":
        line.do("user", "delete", "alice", "bob")
    if command == "grant":
        line.do("user", "revoke", "alice", "bob")
    before = len(line.json("history")["events"])
    done = line.run("user", command, "ALICE", "bob")
    assert done.exit_code == 0
    assert [text.partition("”")[0].lower() for text in done.stdout.splitlines()] == ["“alice", "“bob"]
    events = line.json("history")["events"][before:]
    assert len({event["command_id"] for event in events}) == 1 < len(events)
    assert f"To take this back: seatledger user undo {events[0]['command_id']}\n" in done.stderr


@pytest.mark.parametrize("names", ["alice\nbob\n", "\ufeff alice \r\n\r\n\tbob"], ids=["lines", "as Windows has it"])
def test_names_are_read_from_standard_input(line: CommandLine, names: str) -> None:
    assert line.do("user", "add", "-", stdin=names) == "“alice” was added.\n“bob” was added.\n"
    assert line.do("user", "delete", "-", stdin=names.encode("utf-16")) == "“alice” is deleted.\n“bob” is deleted.\n"


def test_every_bad_name_is_named_and_nothing_is_done(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    before = line.json("history")
    refused = line.run("user", "add", "bob", "Alice", "a/b")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (users_refused): Nothing was changed. Users who are refused: 2.\nAlice: ")
    assert "\na/b: " in refused.stderr
    gone = line.run("user", "delete", "-", stdin="alice\nnobody\n")
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert "\nnobody: There is no user" in gone.stderr
    assert line.json("history") == before


def test_standard_input_makes_nobody_a_name_that_was_spoilt(line: CommandLine) -> None:
    refused = line.run("user", "add", "-", stdin='alice\n="bob"\nb\ufffdn\n')
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Refused (users_refused): Nothing was changed. Users who are refused: 2.\n=")


@pytest.mark.parametrize(
    ("stdin", "code"),
    [("", 2), (" \n\n", 2), ("bj\u00f6rn".encode("latin-1"), 1), ("alice".encode("utf-16-le"), 1)],
    ids=["empty", "blank", "Latin-1", "UTF-16 without its mark"],
)
def test_standard_input_without_names_is_refused(line: CommandLine, stdin: str | bytes, code: int) -> None:
    assert line.run("user", "add", "-", stdin=stdin).exit_code == code
    assert line.run("user", "add", "-", "bob", stdin="alice\n").exit_code == 2
    assert named(line) == {"admin": "administrator"}


def test_a_command_is_taken_back_by_its_id(line: CommandLine) -> None:
    line.do("user", "add", "alice", "bob", "--administrator")
    line.do("user", "delete", "alice", "bob")
    command_id = line.json("history")["events"][-1]["command_id"]
    undone = line.run("user", "undo", command_id)
    assert (undone.exit_code, undone.stdout) == (0, "Restored: 2.\n")
    assert "seatledger user grant alice bob\n" in undone.stderr
    assert named(line) == {"admin": "administrator", "alice": "user", "bob": "user"}
    own_id = line.json("history")["events"][-1]["command_id"]
    assert f"To take this back: seatledger user undo {own_id}\n" in undone.stderr
    again = line.run("user", "undo", command_id)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("Refused (undo_refused): Nothing was undone. Users who cannot be as they were: 2.")
    assert line.do("user", "undo", own_id) == "Deleted: 2.\n"


def test_grants_and_revocations_are_taken_back(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "grant", "alice")
    granted = line.json("history")["events"][-1]["command_id"]
    assert line.do("user", "undo", granted) == "No administrators any more: 1.\n"
    revoked = line.json("history")["events"][-1]["command_id"]
    undone = line.run("user", "undo", revoked)
    assert undone.stdout == "Administrators again: 1.\n"
    assert "seatledger password alice\n" in undone.stderr


def test_what_is_no_command_on_users_is_not_undone(line: CommandLine) -> None:
    unknown = line.run("user", "undo", "c0ffee00-0000-4000-8000-000000000001")
    assert unknown.stderr.startswith("Refused (unknown_command): ")
    opened = line.run("user", "undo", line.json("history")["events"][0]["command_id"])
    assert opened.stderr.startswith("Refused (command_not_on_users): ")
    assert (unknown.exit_code, opened.exit_code) == (1, 1)
    assert line.run("user", "undo", "alice").exit_code == 2


def test_a_name_with_blanks_stands_in_quotes_where_it_is_to_be_typed(line: CommandLine) -> None:
    added = line.run("user", "add", "Ann O'Neil", "--administrator")
    (hint,) = [text for text in added.stderr.splitlines() if "seatledger password" in text]
    assert shlex.split(hint.partition("password: ")[2])[-1] == "Ann O'Neil"


def test_an_auditors_name_with_blanks_stands_in_quotes_too(line: CommandLine) -> None:
    hint = line.run("auditor", "add", "Ann O'Neil").stderr
    assert shlex.split(hint.partition("password: ")[2])[-1] == "Ann O'Neil"


@pytest.mark.parametrize("name", ["x" * 200, "山" * 100], ids=["letters", "wide-letters"])
def test_one_long_name_makes_no_table_wide_and_json_has_all_of_it(line: CommandLine, name: str) -> None:
    line.do("user", "add", name)
    table = line.do("user", "list").splitlines()
    assert len(table) == 3
    assert max(map(width_of, table)) <= 80
    assert next(text for text in table if name[:20] in text).split()[0].endswith("…")
    assert line.json("user", "list")["users"][1]["login_name"] == name


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


@pytest.mark.parametrize("command", ["add", "delete", "restore", "grant", "revoke", "import"])
def test_without_a_name_it_is_wrong_usage(line: CommandLine, command: str) -> None:
    assert line.run("user", command).exit_code == 2


def test_who_holds_a_license_unused_is_listed_and_nobody_is_deleted(line: CommandLine) -> None:
    line.do("user", "add", "ann", "ben", "zoe")
    refused = line.run("user", "list", "--unused-for", "30")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no login gateway has reported yet who logged in" in refused.stderr
    world = line.world
    today = world.on(world.licensing.now(world.id).day + timedelta(days=40)).licensing.now(world.id).day
    for number in range(31):
        world.seatledger.last_days.report(world.id, today - timedelta(days=number), ["admin", "ben"])
    world.seatledger.last_days.report(world.id, today - timedelta(days=35), ["ann"])
    unused = line.run("user", "list", "--unused-for", "30")
    assert unused.exit_code == 0
    assert [row.split() for row in unused.stdout.splitlines()] == [
        ["LOGIN", "NAME", "STATUS", "LAST", "SEEN"],
        ["ann", "user", str(today - timedelta(days=35))],
        ["zoe", "user", "-"],
    ]
    assert "2 users were not seen for 30 days." in unused.stderr
    assert "In use would be 2 instead of 4." in unused.stderr
    sheet = line.do("user", "list", "--unused-for", "30", "--csv")
    assert sheet.splitlines()[1:] == [f'"ann","false","{today - timedelta(days=35)}"', '"zoe","false",""']
    past = line.run("user", "list", "--unused-for", "30", "--position", "1")
    assert past.exit_code == 2
    assert "--unused-for is about now" in past.stderr
    assert len(line.json("user", "list")["users"]) == 4
