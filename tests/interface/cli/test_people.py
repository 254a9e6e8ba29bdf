"""Renaming and erasing at the terminal: users, auditors and operators."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from domain.login_name import erased_name
from interface.cli.database import by_os_user
from tests.interface.cli.conftest import CommandLine
from tests.interface.cli.processes import at_a_terminal, run

OPERATOR = by_os_user().removeprefix("cli:")


def names(line: CommandLine) -> list[str]:
    return [user["login_name"] for user in line.json("user", "list")["users"]]


def told(line: CommandLine) -> list[str]:
    """The sentences of the history, the oldest first."""
    return [re.split(r"  +", text, maxsplit=3)[3] for text in line.do("history").splitlines()[1:]]


def id_of(line: CommandLine, name: str) -> str:
    found = line.world.view.account_id(name)
    assert found is not None
    return found


def test_u8_a_user_is_renamed_and_the_history_tells_the_names_of_then(line: CommandLine) -> None:
    line.do("user", "add", "alice", "bob")
    renamed = line.run("user", "rename", "ALICE", " alicia ")
    assert (renamed.exit_code, renamed.stdout) == (0, "“alice” is “alicia” now.\n")
    assert "Logins as “alice” are refused from now on" in renamed.stderr
    assert names(line) == ["admin", "alicia", "bob"]
    assert line.json("check", "alice")["code"] == "unknown_user"
    line.do("user", "delete", "alicia")
    about = line.do("history", "--login-name", "alice")
    assert about == line.do("history", "--login-name", "Alicia"), "found by any name of hers"
    assert "added the user “alice”" in about
    assert "renamed the user “alice” to “alicia”" in about
    assert "deleted the user “alicia”" in about
    assert "bob" not in about


def test_u8_a_renaming_is_taken_back_by_its_id(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    hint = line.run("user", "rename", "alice", "alicia").stderr
    (command_id,) = re.findall(r"seatledger user undo (\S+)", hint)
    undone = line.run("user", "undo", command_id)
    assert (undone.exit_code, undone.stdout) == (0, "Named as before: alice.\n")
    assert names(line) == ["admin", "alice"]
    again = line.run("user", "undo", command_id)
    assert again.stderr.startswith("Refused (undo_refused): ")


def test_u7_the_same_spelling_changes_nothing_and_says_so(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    before = line.json("history")
    same = line.run("user", "rename", "alice", " alice")
    assert (same.exit_code, same.stdout) == (0, "“alice” is named that already; nothing was changed.\n")
    assert same.stderr == ""
    assert line.json("history") == before


def test_u8_another_spelling_alone_refuses_no_login_and_says_so(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    renamed = line.run("user", "rename", "alice", "Alice")
    assert renamed.stdout == "“alice” is “Alice” now.\n"
    assert renamed.stderr.startswith("Only the spelling changed: logins go on as before, in both spellings.\n")
    assert line.json("check", "alice")["login_name"] == "Alice"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("alice", "ADMIN", "(login_name_taken): The login name “admin” is already registered"),
        ("alice", "Otto", "(login_name_taken): The login name “Otto” is already registered"),
        ("alice", "a/b", "(login_name_invalid): The login name is not valid: it contains a slash (/)."),
        ("alice", "", "(login_name_invalid): The login name is not valid: it is empty."),
        ("alice", "Gone", "(user_deleted): “Gone” is the login name of a deleted user."),
        ("alice", "robert", "(login_name_taken): The login name “robert” is already registered"),
        ("gone", "new", "(user_deleted): The user “gone” is deleted. Restore the user first."),
        ("nobody", "new", "(unknown_user): There is no user with the login name “nobody”."),
        ("robert", "new", "(unknown_user): The user who had the login name “robert” is “bob” now; give that name."),
    ],
)
def test_u8_what_cannot_be_is_refused_in_a_sentence_that_is_true(
    line: CommandLine, old: str, new: str, said: str
) -> None:
    line.do("user", "add", "alice", "gone", "robert")
    line.do("user", "delete", "gone")
    line.do("user", "rename", "robert", "bob")
    line.do("auditor", "add", "Otto")
    before = line.json("history")
    refused = line.run("user", "rename", old, new)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Refused {said}")
    assert line.json("history") == before


def test_u8_somebody_goes_back_to_the_own_former_name(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "rename", "alice", "alicia")
    assert line.do("user", "rename", "alicia", "alice") == "“alicia” is “alice” now.\n"
    assert line.json("check", "alice")["code"] == "no_license"


def test_an_import_takes_a_name_that_was_given_up_or_erased_for_no_user(line: CommandLine) -> None:
    line.do("user", "add", "alice", "bob")
    line.do("user", "rename", "alice", "alicia")
    line.do("user", "delete", "bob")
    line.do("user", "erase", "bob", "--yes")
    refused = line.run("user", "import", "-", "--restore", stdin="login_name\nalice\nbob\ncarol\n")
    assert refused.exit_code == 1
    assert "line 2: alice was the name of alicia, and is given to nobody else" in refused.stderr
    assert "line 3: bob was the name of somebody who was erased" in refused.stderr
    added = line.run("user", "add", "bob")
    assert added.stderr.startswith("Refused (login_name_taken): The login name “bob” is already registered")


def test_p2_a_deleted_user_is_erased_and_called_by_the_id(line: CommandLine) -> None:
    line.do("user", "add", "alice", "bob")
    line.do("user", "rename", "alice", "alicia")
    line.do("user", "delete", "alicia")
    erased = erased_name(id_of(line, "alicia"))
    done = line.run("user", "erase", "ALICIA", "--yes")
    assert done.exit_code == 0
    assert done.stdout == (
        f"The name “alicia” was erased; this person is “{erased}” from now on, also in the history.\n"
    )
    assert done.stderr == "Backups that were made before still hold the name: let them go as soon as you can.\n"
    assert line.json("user", "list")["users"][0] == {
        "login_name": erased,
        "administrator": False,
        "deleted": True,
        "erased": True,
    }
    assert f"{erased}  erased\n" in line.do("user", "list")
    history = line.do("history")
    assert "alic" not in history
    assert f"renamed the user “{erased}” \n" in re.sub(" *\n", " \n", history)
    assert f"erased the name of “{erased}”" in history
    for name in ("alicia", "alice", erased):
        assert line.run("user", "restore", name).stderr.startswith("Refused (unknown_user): ")
        assert line.run("user", "erase", name, "--yes").stderr.startswith("Refused (unknown_user): ")
    for name in ("alicia", "alice"):
        assert line.run("user", "add", name).stderr.startswith("Refused (login_name_taken): "), "P3"


def test_p3_a_name_can_be_freed(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "delete", "alice")
    line.do("user", "erase", "alice", "--free-name", "--yes")
    assert line.do("user", "add", "alice") == "“alice” was added.\n"


def test_what_erasing_made_impossible_is_said_by_undo(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "delete", "alice")
    deleted = line.json("history")["events"][-1]["command_id"]
    line.do("user", "erase", "alice", "--yes")
    refused = line.run("user", "undo", deleted)
    assert refused.stderr.startswith("Refused (undo_refused): ")
    assert "the name was erased since, by event 7 of the history, and nobody can bring this person back" in (
        refused.stderr
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "erase", "alice"), "(user_not_deleted): “alice” is still a user."),
        (("user", "erase", "nobody"), "(unknown_user): "),
        (("auditor", "erase", "Otto"), "(auditor_not_removed): “Otto” is still an auditor."),
        (("auditor", "erase", "alice"), "(unknown_auditor): "),
        (("operator", "erase", "alice"), "(unknown_operator): "),
    ],
    ids=" ".join,
)
def test_whoever_cannot_be_erased_is_named_before_anything_is_asked(
    line: CommandLine, words: tuple[str, ...], said: str
) -> None:
    line.do("user", "add", "alice")
    line.do("auditor", "add", "Otto")
    before = line.json("history")
    for more in ((), ("--yes",)):
        refused = line.run(*words, *more)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"Refused {said}")
    assert line.json("history") == before


def test_without_a_terminal_and_without_yes_it_is_wrong_usage(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "delete", "alice")
    line.do("auditor", "add", "Otto")
    line.do("auditor", "remove", "Otto")
    before = line.json("history")
    for words in (("user", "erase", "alice"), ("auditor", "erase", "Otto"), ("operator", "erase", OPERATOR)):
        wrong = line.run(*words, stdin="y\n")
        assert (wrong.exit_code, wrong.stdout) == (2, "")
        assert "give --yes to be sure" in " ".join(wrong.stderr.split())
    assert line.json("history") == before


def test_at_a_terminal_it_says_what_cannot_be_undone_and_asks(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "delete", "alice")
    erased = erased_name(id_of(line, "alice"))
    line.world.close()
    shown = " ".join(at_a_terminal(line.environment, ["user", "erase", "Alice"], [("Erase the name?", "y")]).split())
    question = shown.partition("Erase the name?")[0]
    assert f"this person is called “{erased}”. That cannot be undone." in question
    assert "Nobody can restore this user any more." in question
    assert "The name stays taken: nobody is ever given it again." in question
    assert "Backups that were made before still hold the name" in question
    assert f"The name “alice” was erased; this person is “{erased}” from now on" in shown


def test_whoever_is_not_sure_has_changed_nothing(line: CommandLine) -> None:
    line.do("auditor", "add", "Otto")
    line.do("auditor", "remove", "Otto")
    before = line.json("history")
    line.world.close()
    with pytest.raises(AssertionError, match="Nothing was changed"):  # it ends with 1, which `at_a_terminal` minds
        at_a_terminal(line.environment, ["auditor", "erase", "Otto"], [("Erase the name?", "n")])
    assert line.json("history") == before


def test_p2_a_removed_auditor_is_erased(line: CommandLine) -> None:
    line.do("auditor", "add", "Otto")
    line.do("auditor", "remove", "Otto")
    erased = erased_name(id_of(line, "Otto"))
    assert line.do("auditor", "erase", "otto", "--yes").startswith("The name “Otto” was erased; ")
    assert line.do("auditor", "list").splitlines()[1:] == [f"{erased}  erased"]
    assert f"removed the auditor “{erased}”" in line.do("history")
    assert line.run("auditor", "add", "Otto").stderr.startswith("Refused (login_name_taken): ")


def test_operators_are_listed_filtered_by_name_and_erased(line: CommandLine) -> None:
    (only,) = line.json("operator", "list")["operators"]
    assert (only["name"], only["position"], only["erased"]) == (OPERATOR, 2, False)
    assert only["since"] == "2026-04-10T09:00:00Z"
    assert (
        line.do("operator", "list")
        == f"{'NAME':{max(4, len(OPERATOR))}}  SINCE\n{OPERATOR}  2026-04-10T11:00:00+02:00\n"
    )
    by_name = line.json("history", "--by", OPERATOR)["events"]
    assert {event["by"] for event in by_name} == {f"operator:{only['operator_id']}"}
    assert len(by_name) == len(line.json("history")["events"])
    assert line.do("operator", "erase", OPERATOR, "--yes").startswith(f"The name “{OPERATOR}” was erased; ")
    assert [each["erased"] for each in line.json("operator", "list")["operators"]] == [True]
    assert OPERATOR not in "".join(told(line)).replace(os.sep, "")
    line.do("user", "add", "alice")
    first, second = line.json("operator", "list")["operators"]
    assert (first["name"], second["name"]) == (erased_name(only["operator_id"]), OPERATOR)
    refused = line.run("history", "--by", "nobody")
    assert "or it was erased; give a login name, or the name that the operating system has" in refused.stderr


def test_an_erasure_that_could_not_be_listed_says_what_is_left_to_do(ready: CommandLine) -> None:
    ready.do("user", "add", "alice")
    ready.do("user", "delete", "alice")
    blocker = ready.world.seatledger.settings.erased_people_path
    blocker.mkdir()
    unusable = ready.run("user", "erase", "alice", "--yes")
    assert (unusable.exit_code, unusable.stdout) == (1, "")
    assert unusable.stderr.startswith("Refused (erased_list_unusable): ")
    assert "Nobody was erased." in unusable.stderr
    assert "PersonErased" not in [event["event"] for event in ready.json("history")["events"]]


@pytest.mark.sqlite_alone("its files; of a server, tests/application/postgresql")
def test_a_reader_who_holds_the_files_up_is_told_of(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "delete", "alice")
    with line.world.attacker() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM stored_events").fetchall()
        done = line.run("user", "erase", "alice", "--yes")
        reader.execute("COMMIT")
    assert done.exit_code == 0
    assert done.stderr.startswith("Warning (erasure_held_up): ")


def test_another_process_erases_too(line: CommandLine) -> None:
    line.do("user", "add", "alice")
    line.do("user", "delete", "alice")
    assert run(line.environment, "user", "erase", "alice", "--yes").returncode == 0
    assert line.json("check", "alice")["code"] == "unknown_user"


@pytest.mark.sqlite_alone("a backup in its place")
def test_a_backup_that_is_restored_tells_no_command_a_name_that_was_erased_after_it(
    line: CommandLine, tmp_path: Path
) -> None:
    line.do("user", "add", "alice", "bob")
    backup = line.do("backup", tmp_path).strip()
    line.do("user", "delete", "alice")
    line.run("user", "erase", "alice", "--yes")
    line.world.close()
    restored = line.run("restore", backup, "--yes")
    assert restored.exit_code == 0
    assert "Names that were erased again, since the backup still knew them: 1." in restored.stderr
    assert line.json("check", "alice")["code"] == "unknown_user"
    assert line.json("check", "bob")["code"] == "no_license"
    refused = line.run("user", "add", "alice")
    assert refused.stderr.startswith("Refused (login_name_taken): ")


@pytest.mark.sqlite_alone("a backup in its place")
def test_a_list_that_cannot_be_read_keeps_no_backup_from_being_restored_and_is_told_of(
    line: CommandLine, tmp_path: Path
) -> None:
    backup = line.do("backup", tmp_path).strip()
    line.world.seatledger.settings.erased_people_path.write_text("no id at all\n")
    line.world.close()
    restored = line.run("restore", backup, "--yes")
    assert restored.exit_code == 0
    assert "Warning (erased_list_unusable): " in restored.stderr
