"""What a command did to users is taken back whole, by new events, or not at all."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

import pytest

from application.undo import CommandNotOnUsers, Undone, UndoRefused, UnknownCommand
from application.user_import import ImportLine
from application.words.language import ENGLISH
from application.words.refusals import sentence
from tests.refused import refused
from tests.world import World

COMMAND = UUID("c0ffee00-0000-4000-8000-000000000005")
UNDO = UUID("c0ffee00-0000-4000-8000-000000000006")


def present(house: World) -> dict[str, bool]:
    """Who is a user, and whether an administrator."""
    return {user.login_name: user.is_administrator for user in house.view.users.values() if not user.is_deleted}


@pytest.mark.parametrize(
    ("command", "names", "event"),
    [
        ("add_users", ["dan", "eva"], "UserDeleted"),
        ("delete_users", ["ann", "ben"], "UserRestored"),
        ("restore_users", ["gone", "lost"], "UserDeleted"),
        ("grant_administrators", ["ann", "ben"], "AdministratorRevoked"),
        ("revoke_administrators", ["cem", "fay"], "AdministratorGranted"),
    ],
)
def test_every_command_on_users_is_taken_back_by_its_reverse(
    house: World, command: str, names: list[str], event: str
) -> None:
    house.add("ann", "ben", "gone", "lost")
    house.add("cem", "fay", administrator=True)
    house.do("delete_users", ["gone", "lost"])
    before = present(house)
    house.do(command, names, command_id=COMMAND)
    assert present(house) != before
    size = house.size()
    house.take_back(COMMAND, command_id=UNDO)
    assert present(house) == before
    assert [(entry.kind, entry.command_id) for entry in house.entries[size:]] == [(event, str(UNDO))] * 2
    house.take_back(UNDO)
    assert present(house) != before


def test_an_import_is_taken_back_whichever_lines_it_had(house: World) -> None:
    house.add("ann", "gone")
    house.do("delete_user", "gone")
    before = present(house)
    house.do("import_users", [ImportLine(2, "other")])
    lines = [
        ImportLine(2, "ann"),
        ImportLine(7, "ben"),
        ImportLine(40_000, "cem", administrator=True),
        ImportLine(40_001, "gone"),
    ]
    house.do("import_users", lines, restore=True, command_id=COMMAND)
    undone = house.take_back(COMMAND)
    assert undone == Undone(["ben", "cem", "gone"], [], [], [], [], [])
    assert present(house) == {**before, "other": False}


def test_one_line_of_an_import_is_taken_back_by_its_own_id(house: World) -> None:
    house.do("import_users", [ImportLine(2, "ann"), ImportLine(3, "ben")], command_id=COMMAND)
    house.take_back(uuid5(COMMAND, "3"))
    assert present(house) == {"admin": True, "ann": False}


def test_a_single_deletion_by_whichever_screen_is_taken_back(house: World) -> None:
    house.add("ann")
    house.do("delete_user", "ann")
    house.take_back(UUID(house.entries[-1].command_id))
    assert "ann" in present(house)


def test_u6_a_deleted_administrator_comes_back_as_an_ordinary_user_and_is_named(house: World) -> None:
    house.add("ann", administrator=True)
    house.add("ben")
    house.do("delete_users", ["ann", "ben"], command_id=COMMAND)
    undone = house.take_back(COMMAND)
    assert (undone.restored, undone.were_administrators) == (["ann", "ben"], ["ann"])
    assert present(house) == {"admin": True, "ann": False, "ben": False}


def test_who_was_changed_since_is_named_and_nothing_is_undone(house: World) -> None:
    house.do("add_users", ["ann", "ben", "cem"], command_id=COMMAND)
    later = uuid4()
    house.do("grant_administrator", "ben", command_id=later)
    house.do("delete_user", "cem")
    house.do("restore_user", "cem")
    before = house.events()
    with pytest.raises(UndoRefused) as raised:
        house.take_back(COMMAND)
    said = sentence(raised.value, ENGLISH).split("\n")
    assert said[0] == "Nothing was undone. Users who cannot be as they were: 2."
    assert said[1] == (
        f"ben: the user was changed since, by event {len(before) - 2} of the history (command {later}); undo that "
        "first, or mend the other users by themselves"
    )
    assert said[2].startswith("cem: the user was changed since")
    assert len(said) == 3
    assert house.events() == before


def test_u8_a_renaming_is_taken_back_and_so_is_that(house: World) -> None:
    house.add("ann", "ben")
    house.do("rename_user", "ann", "Anna", command_id=uuid4())
    house.do("rename_user", "anna", "ANNA", command_id=COMMAND)
    assert house.take_back(COMMAND, command_id=UNDO) == Undone([], [], [], [], ["Anna"], [])
    assert present(house) == {"admin": True, "Anna": False, "ben": False}
    house.take_back(UNDO)
    assert "ANNA" in present(house)


def test_u8_who_was_renamed_since_was_changed_since(house: World) -> None:
    house.do("add_users", ["ann"], command_id=COMMAND)
    house.do("rename_user", "ann", "anna")
    before = house.events()
    with refused(UndoRefused, "anna: the user was changed since"):
        house.take_back(COMMAND)
    assert house.events() == before


def test_p2_nobody_brings_an_erased_person_back(house: World) -> None:
    house.add("ann", "ben")
    house.do("delete_users", ["ann", "ben"], command_id=COMMAND)
    house.licensing.erasing.user(house.id, "ann", by="cli:tester")
    before = house.events()
    with refused(UndoRefused, "Users who .*: 1\\.\nerased person ....: the name was erased since"):
        house.take_back(COMMAND)
    assert house.events() == before


def test_what_was_undone_already_is_refused(house: World) -> None:
    house.do("add_users", ["ann", "ben"], command_id=COMMAND)
    house.take_back(COMMAND)
    before = house.events()
    with refused(UndoRefused, "ann: the user was changed since"):
        house.take_back(COMMAND)
    assert house.events() == before


def test_u3_an_undo_that_would_leave_no_administrator_is_refused(house: World) -> None:
    house.do("add_users", ["ann", "ben"], administrator=True, command_id=COMMAND)
    house.give_password("ann")
    house.do("delete_user", "admin")
    before = house.events()
    with refused(UndoRefused, "\nann: with this one gone too, no administrator who can sign in would be left"):
        house.take_back(COMMAND)
    assert house.events() == before


def test_u6_an_administrator_whose_adding_is_undone_has_no_password_any_more(house: World) -> None:
    house.give_password("admin")
    house.do("add_users", ["ann"], administrator=True, command_id=COMMAND)
    house.give_password("ann")
    account = house.accounts.account(house.id, "ann")
    house.take_back(COMMAND)
    assert not house.accounts.has_password(account)


def test_a_command_that_is_not_in_the_history_is_refused(house: World) -> None:
    house.do("import_users", [ImportLine(2, "ann")])
    house.do("delete_user", "ann")
    house.do("delete_user", "ann", command_id=COMMAND)
    before = house.events()
    with refused(UnknownCommand, f"The history has no command {COMMAND}"):
        house.take_back(COMMAND)
    assert house.events() == before


def test_what_did_something_else_is_not_undone(house: World) -> None:
    """The first administrator was added by the command that opened the installation."""
    house.do("add_auditor", "audrey", command_id=COMMAND)
    with refused(CommandNotOnUsers):
        house.take_back(COMMAND)
    with refused(CommandNotOnUsers):
        house.take_back(UUID(house.entries[0].command_id))


def test_somebody_who_changes_a_user_meanwhile_is_not_overlooked(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history is read, then another process is faster."""
    house.do("add_users", ["ann", "ben"], command_id=COMMAND)
    other = house.another_process()
    act = house.licensing._acting.act

    def acts_later(*args: object, **options: object) -> int:
        monkeypatch.undo()
        other.do("grant_administrator", "ben")
        return act(*args, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(house.licensing._acting, "act", acts_later)
    with refused(UndoRefused, "Users who .*: 1\\.\nben: the user was changed since"):
        house.take_back(COMMAND)
    assert present(house) == {"admin": True, "ann": False, "ben": True}
