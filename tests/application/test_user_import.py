"""Importing users: the file is validated whole, and adds nothing twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest

from application.log.failures import Busy, OutcomeUnknown, StorageFailed
from application.user_import import BadLine, ImportLine, ImportRefused, ImportUnfinished, OtherRights, adding, read_csv
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import Refused
from tests.domain.installations import at
from tests.refused import refused
from tests.world import World

COMMAND = UUID("c0ffee00-0000-4000-8000-000000000003")


def bad_lines(data: bytes | str) -> list[BadLine]:
    """What is wrong with a file by itself."""
    try:
        lines = read_csv(data.encode() if isinstance(data, str) else data)
    except ImportRefused as refusal:
        problems: list[BadLine] = refusal.facts["lines"]  # type: ignore[assignment]  # a fact may be anything
        return problems
    return [(line.number, line.problem) for line in lines if line.problem]


@pytest.mark.parametrize(
    "data",
    [
        b"login_name\nann\nben\n",
        b"\xef\xbb\xbflogin_name\r\nann\r\nben\r\n",
        b"login_name,administrator\nann,\nben,false\n",
        b"login_name,administrator\nann\nben,no",
        b'"login_name"\n "ann"\n\n\nben\n'.replace(b' "ann"', b'"ann"'),
        b"login_name\rann\rben\r",
        b" login_name \n ann \n\tben\t\n",
    ],
)
def test_the_usual_spellings_of_a_file_are_read(data: bytes) -> None:
    assert [(line.login_name, line.administrator, line.problem) for line in read_csv(data)] == [
        ("ann", False, None),
        ("ben", False, None),
    ]


@pytest.mark.parametrize("text", ["true", "TRUE", "yes", "1"])
def test_the_second_column_says_who_is_an_administrator(text: str) -> None:
    assert read_csv(f"login_name,administrator\nann,{text}".encode())[0].administrator is True


@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        ("", [1]),
        ("\n\n", [1]),
        ("name\nann\n", [1]),
        ("ann\nben\n", [1]),
        (b"\xff\xfel\x00o\x00", [1]),
        (b"login_name\nann\nb\xe9n\ncem\nd\xe9n\n", [3, 5]),
        ("login_name\nann,true\n", [2]),
        ("login_name,administrator\nann,maybe\nben,true,x\ncem,true\n", [2, 3]),
        ('login_name\n"ann"x\nben\n"cem"y\n', [2, 4]),
        ('login_name\nann\n"ben\ncem\n', [4]),
    ],
)
def test_every_line_that_is_wrong_by_itself_is_named(data: bytes | str, numbers: list[int]) -> None:
    assert [number for number, _ in bad_lines(data)] == numbers


def test_an_import_adds_users_and_administrators_and_counts_those_who_are_there(house: World) -> None:
    house.add("ann")
    lines = read_csv(b"login_name,administrator\nANN,true\nben,false\ncem,true\n")
    done = house.do("import_users", lines)
    assert ([line.login_name for line in done.new], done.present) == (["ben", "cem"], 1)
    view = house.view
    rights = {user.login_name: user.is_administrator for user in view.users.values()}
    assert rights == {"admin": True, "ann": False, "ben": False, "cem": True}


def test_every_bad_line_is_named_with_its_number_and_nothing_is_added(house: World) -> None:
    house.add("gone")
    house.do("delete_user", "gone")
    house.do("add_auditor", "audrey")
    before = house.events()
    lines = read_csv(b"login_name,administrator\nann\nGone\naudrey\na/b\nben,maybe\nANN\n..,true\ncem\na\x00b\n")
    with pytest.raises(ImportRefused) as raised:
        house.do("import_users", lines)
    assert sentence(raised.value, ENGLISH).split("\n") == [
        "Nothing was imported. 7 of the lines cannot be imported:",
        "line 3: gone is deleted; restore such users with the list (command line: --restore), or remove the line",
        "line 4: audrey is the name of an auditor",
        "line 5: The login name is not valid: it contains a slash (/).",
        "line 6: administrator must be true or false, not maybe",
        "line 7: ANN stands on line 2 already",
        "line 8: The login name is not valid: “.” and “..” are not allowed.",
        "line 10: The login name is not valid: it contains an invisible character (U+0000).",
    ]
    assert house.events() == before


def test_hundreds_of_bad_lines_make_a_sentence_that_one_can_read(house: World) -> None:
    lines = [ImportLine(number, "a/b") for number in range(2, 502)]
    with refused(ImportRefused, "\nline 101: The login name [^\n]*\nand 400 more$") as raised:
        house.do("import_users", lines)
    assert raised.value.facts["count"] == 500


def test_at_most_a_thousand_events_are_saved_at_once_and_progress_is_told(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []
    put = house.licensing._acting._put
    monkeypatch.setattr(
        house.licensing._acting,
        "_put",
        lambda one, after: saved.append(len(one.pending_events)) or put(one, after),
    )
    progress: list[int] = []
    house.do("import_users", [ImportLine(n, f"user{n}") for n in range(2500)], progress=progress.append)
    assert saved == [1000, 1000, 500]
    assert progress == [0, 1000, 1000, 500]
    assert house.view.in_use == 2501


def test_an_import_that_broke_off_is_run_again_and_adds_nothing_twice(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [ImportLine(n, f"user{n}") for n in range(2500)]
    put = house.licensing._acting._put

    def put_once(*values: Any) -> object:
        monkeypatch.setattr(house.licensing._acting, "_put", broken)
        return put(*values)

    def broken(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(house.licensing._acting, "_put", put_once)
    with pytest.raises(KeyboardInterrupt):
        house.do("import_users", lines)
    monkeypatch.undo()
    assert house.view.in_use == 1001
    again = house.do("import_users", lines)
    assert (len(again.new), again.present) == (1500, 1000)
    third = house.do("import_users", lines)
    assert (third.new, third.present) == ([], 2500)
    assert house.view.in_use == 2501


@pytest.mark.parametrize("failure", [Busy(), StorageFailed(reason="disk full")], ids=lambda failure: failure.code)
def test_what_fails_later_does_not_say_that_nothing_was_changed(
    house: World, monkeypatch: pytest.MonkeyPatch, failure: Refused
) -> None:
    lines = [ImportLine(n, f"user{n}") for n in range(1500)]
    act = house.licensing._acting.act
    ways = iter((act, None))

    def fail_second(*args: Any, **options: Any) -> int:
        way = next(ways)
        if way is None:
            raise failure
        return way(*args, **options)

    monkeypatch.setattr(house.licensing._acting, "act", fail_second)
    with refused(ImportUnfinished, f"broke off after 1,000 users.*seatledger user undo {COMMAND}"):
        house.do("import_users", lines, command_id=COMMAND)
    monkeypatch.undo()
    assert house.view.in_use == 1001
    assert len(house.take_back(COMMAND).deleted) == 1000


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "lost"])
def test_what_nobody_knows_is_neither_called_imported_nor_unchanged(
    house: World, monkeypatch: pytest.MonkeyPatch, *, stored: bool
) -> None:
    lines = [ImportLine(n, f"user{n}") for n in range(1500)]
    act = house.licensing._acting.act
    is_first = True

    def lose_second(*args: Any, **options: Any) -> Any:
        nonlocal is_first
        events = act(*args, **options) if is_first or stored else []
        if is_first:
            is_first = False
            return events
        raise OutcomeUnknown

    monkeypatch.setattr(house.licensing._acting, "act", lose_second)
    with refused(ImportUnfinished, f"1,000 users are imported, and of the next 500 it is not known.*undo {COMMAND}"):
        house.do("import_users", lines, command_id=COMMAND)
    monkeypatch.undo()
    again = house.do("import_users", lines)
    assert (len(again.new), again.present) == ((0, 1500) if stored else (500, 1000))
    assert house.view.in_use == 1501


def test_who_was_added_by_somebody_else_since_the_plan_is_not_counted_as_added(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two who import the same list at once, both are told the truth."""
    lines = [ImportLine(n, f"user{n}") for n in range(5)]
    planned = house.licensing.plan_import(house.id, lines)
    assert (len(planned.new), planned.present) == (5, 0)
    house.another_process().add("user1", "user2")
    monkeypatch.setattr(house.licensing, "plan_import", lambda *_, **__: planned)
    done = house.do("import_users", lines, command_id=COMMAND)
    assert ([line.number for line in done.new], done.present) == ([0, 3, 4], 2)


def test_line_n_is_the_command_uuid5_of_the_imports_id_and_n(house: World) -> None:
    house.do("import_users", read_csv(b"login_name\nann\n\nben\n"), command_id=COMMAND)
    ids = [entry.command_id for entry in house.entries[-2:]]
    assert ids == [str(uuid5(COMMAND, "2")), str(uuid5(COMMAND, "4"))]


def test_a_name_taken_after_the_plan_is_passed_over_and_the_rest_is_added(house: World) -> None:
    """Another administrator was faster with one of the names, and an auditor bears another by now."""
    house.add("ann")
    house.do("delete_user", "ann")
    house.do("add_auditor", "audrey")
    installation = house.licensing._acting.load(house.id)
    adding([ImportLine(2, "Ann"), ImportLine(3, "audrey"), ImportLine(4, "ben")])(installation, at("2026-04-01"))
    assert [event.login_name for event in installation.pending_events] == ["ben"]


def test_u4_an_import_beyond_valid_is_stored(house: World) -> None:
    house.register(licenses=1)
    house.do("import_users", [ImportLine(n, f"user{n}") for n in range(5)])
    assert house.check("user0") == ("refuse", "licenses_exceeded")


def test_deleted_users_of_a_list_are_restored_if_that_is_asked_for(house: World) -> None:
    house.add("ann", "ben", administrator=True)
    house.do("delete_users", ["ann", "ben"])
    lines = read_csv(b"login_name,administrator\nBEN,true\ncem,\nANN,\nadmin,\n")
    planned = house.licensing.plan_import(house.id, lines, restore=True)
    done = house.do("import_users", lines, restore=True, command_id=COMMAND)
    assert done == planned
    assert ([line.number for line in done.restored], [line.number for line in done.new], done.present) == (
        [2, 4],
        [3],
        1,
    )
    assert done.other_rights == OtherRights(administrators=[], users=["ben"]), "U6: restored as an ordinary user"
    assert [(entry.kind, entry.command_id) for entry in house.entries[-3:]] == [
        ("UserRestored", str(uuid5(COMMAND, "2"))),
        ("UserAdded", str(uuid5(COMMAND, "3"))),
        ("UserRestored", str(uuid5(COMMAND, "4"))),
    ]
    again = house.do("import_users", lines, restore=True)
    assert (again.new, again.restored, again.present) == ([], [], 4)


def test_who_has_other_rights_than_the_list_says_is_named_and_left_alone(house: World) -> None:
    house.add("ann", "ben", "cem")
    house.add("dan", "eva", administrator=True)
    before = house.events()
    lines = read_csv(b"login_name,administrator\nANN,true\nben,false\ncem,\ndan,false\neva,\nadmin,true\n")
    assert house.do("import_users", lines).other_rights == OtherRights(administrators=["dan"], users=["ann"])
    assert house.events() == before
