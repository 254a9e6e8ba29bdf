"""The list of users: sorted, searched, a page at a time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from application.views import name_changes
from application.views.user_list import UserList
from tests.world import World

NAMES = ["Zoe", "ann", "Ángel", "Ben", "anna", "Änne", "carl"]


@pytest.fixture
def full_house(house: World) -> World:
    house.add(*NAMES)
    house.do("delete_user", "carl")
    return house


def page(house: World, **asked: object) -> tuple[list[str], str | None]:
    found = UserList().page(house.view, **asked)  # type: ignore[arg-type]
    return [user.login_name for user in found.users], found.next


def test_users_are_listed_in_the_order_of_their_names_without_regard_to_case(full_house: World) -> None:
    assert page(full_house) == (["admin", "ann", "anna", "Ben", "carl", "Zoe", "Ángel", "Änne"], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9])
def test_page_after_page_gives_every_user_once(full_house: World, limit: int) -> None:
    seen: list[str] = []
    names, after = page(full_house, limit=limit)
    while True:
        seen += names
        assert len(names) <= limit
        if after is None:
            break
        names, after = page(full_house, limit=limit, after=after)
    assert seen == page(full_house)[0]


def test_a_search_finds_parts_of_names_in_any_spelling(full_house: World) -> None:
    assert page(full_house, search="NN") == (["ann", "anna", "Änne"], None)
    assert page(full_house, search="A\N{COMBINING ACUTE ACCENT}") == (["Ángel"], None)
    assert page(full_house, search="nobody") == ([], None)
    assert page(full_house, search="nn", limit=2) == (["ann", "anna"], "anna")
    assert page(full_house, search="nn", limit=2, after="anna") == (["Änne"], None)


def test_deleted_users_are_listed_alone_or_left_out(full_house: World) -> None:
    assert page(full_house, deleted=True) == (["carl"], None)
    assert "carl" not in page(full_house, deleted=False)[0]


def test_a_page_may_begin_after_a_name_that_nobody_bears(full_house: World) -> None:
    assert page(full_house, after="annz", limit=1)[0] == ["Ben"]


def test_the_list_follows_every_change(full_house: World) -> None:
    directory = UserList()
    view = full_house.view
    assert len(directory.page(view).users) == 8
    full_house.add("dora")
    after = full_house.view
    assert len(directory.page(after).users) == 9
    assert len(directory.page(view).users) == 8


def test_auditors_are_not_in_the_list(full_house: World) -> None:
    full_house.do("add_auditor", "audrey")
    assert "audrey" not in page(full_house)[0]


@pytest.fixture
def with_erased(full_house: World) -> World:
    for name in ("Zoe", "Ben", "carl"):
        full_house.do("delete_user", name)
        full_house.licensing.erasing.user(full_house.id, name, by="cli:tester")
    return full_house


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_go_over_erased_users_there_and_back(with_erased: World, limit: int) -> None:
    users = UserList()
    whole = users.page(with_erased.view).users
    assert [user.is_erased for user in whole] == [True] * 3 + [False] * 5
    pages, after = [], ""
    while True:
        page = users.page(with_erased.view, after=after, limit=limit)
        pages.append((after, page))
        if page.next is None:
            break
        after = page.next
    assert [user for _, page in pages for user in page.users] == whole
    for (before, _), (_, page) in pairwise(pages):
        assert page.previous == before


def test_a_blank_before_a_name_is_no_erased_persons_place(with_erased: World) -> None:
    assert page(with_erased, after=" ANN ")[0][0] == "anna"


def test_a_renamed_user_stands_by_the_new_name_and_is_found_by_both(full_house: World) -> None:
    full_house.do("rename_user", "ann", "Mia")
    assert page(full_house, search="ann")[0] == ["anna", "Mia"]
    assert page(full_house, search="mia")[0] == ["Mia"]
    full_house.do("delete_user", "Mia")
    full_house.licensing.erasing.user(full_house.id, "Mia", by="cli:tester")
    assert page(full_house, search="ann")[0] == ["anna"]


def test_a_list_that_is_kept_equals_one_that_is_sorted_anew_after_every_change(
    full_house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by another process, and where more has changed than is remembered."""
    monkeypatch.setattr(name_changes, "MOST_KEPT", 20)
    one, other = full_house.another_process(), full_house.another_process()
    kept, earlier = one.seatledger.user_list, one.view

    def ask_alike() -> None:
        view = one.view
        assert kept.page(view).users == UserList().page(view).users
        assert kept.page(earlier).users == UserList().page(earlier).users

    ask_alike()
    for act in (
        lambda: one.add("bea"),
        lambda: other.add("aaron", "zoltan"),
        lambda: one.do("rename_user", "bea", "Yves"),
        lambda: other.do("delete_user", "Yves"),
        lambda: one.licensing.erasing.user(one.id, "Yves", by="cli:tester"),
        lambda: one.do("add_auditor", "audrey"),
        lambda: other.do("remove_auditor", "audrey"),
        lambda: other.licensing.erasing.auditor(other.id, "audrey", by="cli:tester"),
        lambda: other.do("add_users", [f"user-{number}" for number in range(21)]),
        lambda: [other.do("rename_user", f"user-{number}", f"{number}-user") for number in range(21)],
        lambda: one.add("carla"),
    ):
        act()
        ask_alike()


def test_a_write_does_not_sort_the_list_anew(full_house: World) -> None:
    """The names that stood in it before are not asked again: at a million users that took five seconds."""
    kept = full_house.seatledger.user_list
    kept.page(full_house.view)
    before = kept._sorted
    assert before is not None
    full_house.add("bea")
    after = full_house.view
    kept.page(after)
    assert kept._sorted is not None
    known = {id(key) for key in before.keys}
    assert [key for key in kept._sorted.keys if id(key) not in known] == [("bea", after.account_id("bea"))]


def test_after_the_store_went_back_the_list_is_of_what_is_there(full_house: World) -> None:
    """Nothing of the log that was before is put into another one that has as many events."""
    kept = full_house.seatledger.user_list
    full_house.add("bea")
    kept.page(full_house.view)
    with full_house.attacker() as connection:
        newest = full_house.view.position
        connection.execute("DELETE FROM stored_events WHERE originator_version = ?", (newest,))
        connection.execute("DELETE FROM merkle_leaves WHERE position = ?", (newest,))
    full_house.another_process().add("mallory")
    names = [user.login_name for user in kept.page(full_house.view).users]
    assert ("bea" in names, "mallory" in names) == (False, True)
    assert names == [user.login_name for user in UserList().page(full_house.view).users]
