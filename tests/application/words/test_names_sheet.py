"""The names of people as a sheet: who stands in it, that no cell is a formula, and that it reads what it wrote."""

from __future__ import annotations

import csv
import io

import pytest

from application.words.names_sheet import COLUMNS, names_in, sheet_of
from domain.login_name import normalize
from tests.world import World

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "'plain", 'a "quoted", name', "山田太郎", "''")


def rows(world: World) -> list[tuple[str, ...]]:
    header, *rest = csv.reader(io.StringIO(sheet_of(world.view).removeprefix("\ufeff"), newline=""))
    assert tuple(header) == COLUMNS
    return [tuple(row) for row in rest]


def test_p4_the_living_stand_there_by_id_and_the_erased_do_not(house: World) -> None:
    house.add("ann", "ben", "cem")
    house.do("rename_user", "ann", "Anna")
    house.do("delete_users", ["ben", "cem"])
    house.do("add_auditor", "vera")
    house.do("add_auditor", "otto")
    for name in ("vera", "otto"):
        house.do("remove_auditor", name)
    view = house.view
    ids = {name: view.account_id(name) for name in ("admin", "ann", "ben", "vera")}
    house.licensing.erasing.user(house.id, "cem", by="cli:tester")
    house.licensing.erasing.auditor(house.id, "otto", by="cli:tester")
    (operator,) = view.operators
    assert sorted(rows(house)) == sorted(
        [
            (ids["admin"], "user", "admin"),
            (ids["ann"], "user", "ann"),
            (ids["ann"], "user", "Anna"),
            (ids["ben"], "user", "ben"),
            (ids["vera"], "auditor", "vera"),
            (operator, "operator", "tester"),
        ]
    )
    of_ann = [name for id_, _, name in rows(house) if id_ == ids["ann"]]
    assert of_ann == ["ann", "Anna"], "the name of now comes last"


def test_no_cell_is_a_formula_and_every_name_is_read_as_it_was(house: World) -> None:
    house.add(*FORMULAS)
    for _, _, name in rows(house):
        assert name.strip()[0] not in "=+-@＝"
    names = names_in(sheet_of(house.view).encode())
    for name in FORMULAS:
        assert names[str(house.view.account_id(name))] == (normalize(name),)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_a_spreadsheet_has_saved_again_is_read(newline: str) -> None:
    saved = newline.join(["id,kind,name", "a,user,ann", "", "a,user,Anna", "b,operator,root", ""])
    assert names_in(saved.encode()) == {"a": ("ann", "Anna"), "b": ("root",)}
