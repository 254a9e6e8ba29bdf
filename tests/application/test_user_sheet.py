"""The list of users as a sheet, which is imported again as it is, and in which no spreadsheet finds a formula."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from application.cells import marked, unmarked
from application.user_import import read_csv
from application.user_sheet import sheet_of
from domain.state import User
from tests.world import World

NAMES = (
    "ann",
    "=SUM(A1)",
    "+4912345",
    "-x",
    "@handle",
    "'+1",
    "''=1",
    "'Abd al-Rahman",
    "＝wide",
    'o"brien, jr; senior',
    "田中花子",
    "a|b",
    "true",
)


def test_a_sheet_is_imported_again_and_adds_nobody(world: World) -> None:
    world.open()
    for name in NAMES:
        world.add(name, administrator=name == "ann")
    users = [user for user in world.view.users.values() if not user.is_deleted]
    sheet = "".join(sheet_of(users, {users[0].user_id: date(2026, 4, 20)}))
    lines = read_csv(sheet.encode())
    assert [line.problem for line in lines] == [None] * len(lines)
    planned = world.licensing.plan_import(world.id, lines)
    assert (planned.new, planned.restored, planned.present) == ([], [], len(users))
    assert planned.other_rights == ([], [])


def test_no_cell_begins_a_formula_and_the_day_stands_where_it_is_known() -> None:
    users = [a_user(name) for name in ("=1+1", "@x", "ann")]
    text = "".join(sheet_of(users, {users[2].user_id: date(2026, 4, 20)}))
    rows = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["login_name", "administrator", "last_seen"]
    assert rows[1:] == [["'=1+1", "false", ""], ["'@x", "false", ""], ["ann", "false", "2026-04-20"]]


@given(some.text())
def test_every_name_comes_back_from_its_cell(name: str) -> None:
    assert unmarked(marked(name)) == name
    assert not marked(name).strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("cell", ["ann", "'Abd", "''", "", "o'=x"])
def test_other_cells_are_names_as_they_stand(cell: str) -> None:
    assert unmarked(cell) == cell


def test_a_formula_without_the_mark_is_refused_still() -> None:
    [line] = read_csv(b"login_name\n=A1\n")
    assert line.problem is not None
    assert line.problem.code == "name_formula"


def a_user(name: str) -> User:
    return User(str(UUID(int=len(name))), name, name, None, is_deleted=False)
