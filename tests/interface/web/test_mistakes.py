"""Mistakes on the Users screen: asked about before they harm, several at a time, and taken back (W-4, W-6, W-18)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from tests.examples import ADMINISTRATOR, PASSWORD, a_key
from tests.interface.web.house import House, Visitor, fields_of, text_of


def undo_of(page: TestResponse) -> dict[str, list[str]]:
    """What the button “Undo” in the page's message sends."""
    return fields_of(page.text, "/users/undo")


def listed(administrator: Visitor, query: str) -> list[str]:
    page = administrator.get(f"/users?{query}").text
    return re.findall(r"<bdi>([^<]+)</bdi>", page.partition('class="rows"')[2])


def names(house: House) -> set[str]:
    return {user.login_name for user in house.view.users.values() if not user.is_deleted}


def test_w4_adding_within_the_licenses_asks_nothing(house: House, administrator: Visitor) -> None:
    house.register(a_key(licenses=2))
    administrator.follow(administrator.post("/users", login_name="alice"))
    assert names(house) == {"admin", "alice"}


@pytest.mark.parametrize(
    ("path", "fields", "button"),
    [
        ("/users", {"login_name": "carol"}, "Add 1 user beyond the licenses"),
        ("/users", {"login_names": "carol\ndave\n"}, "Add 2 users beyond the licenses"),
        ("/users/restore", {"login_name": "bob"}, "Restore 1 user beyond the licenses"),
    ],
    ids=["one added", "two added", "one restored"],
)
def test_w4_going_beyond_the_licenses_takes_a_second_button_that_says_so(
    house: House, administrator: Visitor, path: str, fields: dict[str, str], button: str
) -> None:
    house.register(a_key(licenses=2))
    house.add_user("alice")
    house.add_user("bob")
    house.do("delete_user", "bob")
    before = names(house)
    asked = administrator.post(path, **fields)
    assert asked.status_code == 409
    assert names(house) == before, "nothing was changed yet"
    assert f'<button class="btn btn-danger">{button}</button>' in asked.text
    assert "nobody but administrators can log in" in text_of(asked)
    administrator.follow(administrator.post(path, **fields_of(asked.text, path)))
    assert len(names(house)) > 2


def test_w4_who_is_beyond_already_is_told_what_one_more_does(house: House, administrator: Visitor) -> None:
    house.register(a_key(licenses=1))
    house.add_user("alice")
    asked = text_of(administrator.post("/users", login_name="bob"))
    assert "There are 2 users and 1 licenses" in asked or "There are 2 users and 1 license" in asked
    assert "2 users have to be deleted or licensed" in asked


def test_w4_without_a_license_nobody_is_kept_out_and_nobody_is_asked(house: House, administrator: Visitor) -> None:
    administrator.follow(administrator.post("/users", login_name="alice"))
    assert "alice" in names(house)


@pytest.mark.parametrize(
    ("licenses", "sentence"),
    [(20, ""), (10, "9 users, 10 licenses, 1 available."), (9, "No license is available any more:")],
    ids=["many left", "one left", "none left"],
)
def test_w4_a_quiet_notice_comes_before_the_last_license_is_taken(
    house: House, administrator: Visitor, licenses: int, sentence: str
) -> None:
    house.register(a_key(licenses=licenses))
    for number in range(8):
        house.add_user(f"user-{number}")
    house.add_auditor()
    said = (sentence,) if sentence else ("available.", "No license is")
    assert [each in text_of(administrator.get("/users")) for each in said] == [bool(sentence)] * len(said)
    assert not any(each in text_of(house.visitor("auditor").get("/users")) for each in said), (
        "administrators alone (K11)"
    )


def test_w6_several_are_added_at_once_or_none(house: House, administrator: Visitor) -> None:
    page = administrator.follow(administrator.post("/users", login_names="alice\r\n\r\n bob \r\ncarol"))
    assert "3 users were added." in text_of(page)
    assert names(house) == {"admin", "alice", "bob", "carol"}
    refused = administrator.post("/users", login_names="dave\nALICE")
    assert refused.status_code == 409
    assert "“alice”" in text_of(refused).lower()
    assert "dave\nALICE</textarea>" in refused.text, "what was typed is kept"
    assert "dave" not in names(house)


def test_w6_selected_users_are_deleted_after_a_page_that_names_them(house: House, administrator: Visitor) -> None:
    for name in ("alice", "bob", "carol"):
        house.add_user(name)
    listed = administrator.get("/users").text
    assert listed.count('form="selected" name="login_name"') == 4
    asked = administrator.post("/users/delete", login_name=["alice", "carol"], **fields_of(listed, "/users/delete"))
    assert asked.status_code == 409
    assert names(house) == {"admin", "alice", "bob", "carol"}
    assert re.findall(r"<li><bdi>(.*?)</bdi></li>", asked.text) == ["alice", "carol"]
    assert "Delete 2 users</button>" in asked.text
    page = administrator.follow(administrator.post("/users/delete", **fields_of(asked.text, "/users/delete")))
    assert "2 users were deleted, which frees as many licenses." in text_of(page)
    assert names(house) == {"admin", "bob"}
    assert len({entry.event.command_id for entry in house.entries[-2:]}) == 1, "one command"


def test_w6_even_one_selected_is_asked_about(house: House, administrator: Visitor) -> None:
    house.add_user("alice")
    fields = fields_of(administrator.get("/users").text, "/users/delete")
    assert administrator.post("/users/delete", login_name="alice", **fields).status_code == 409
    assert "alice" in names(house)


def test_u6_of_administrators_among_the_selected_the_truth_is_told(house: House, administrator: Visitor) -> None:
    for name in ("bob", "carol"):
        house.add_user(name)
    house.do("add_user", "dora", administrator=True)
    asked = text_of(administrator.post("/users/delete", login_name=["bob", "dora"]))
    assert "as an ordinary user: the password is gone. These are administrators: dora." in asked
    assert "These are administrators" not in text_of(administrator.post("/users/delete", login_name=["bob", "carol"]))


def test_w6_whoever_is_among_the_selected_is_told_so(house: House, administrator: Visitor) -> None:
    house.add_user("carol", administrator=True)
    asked = administrator.post("/users/delete", login_name=["admin", "carol"])
    assert "You are among them: you will be signed out at once." in text_of(asked)
    assert "You are among them" not in text_of(administrator.post("/users/delete", login_name=["bob", "carol"]))


def test_nobody_selected_is_a_sentence(administrator: Visitor) -> None:
    for path in ("/users/delete", "/users/restore"):
        answer = administrator.post(path, ask="yes")
        assert answer.status_code == 400
        assert "nobody is selected" in text_of(answer)


@pytest.mark.parametrize("act", ["add", "delete", "restore", "grant", "revoke"])
def test_w6_undo_takes_back_what_the_message_tells_of(house: House, administrator: Visitor, act: str) -> None:
    house.add_user("alice")
    house.add_user("carol", administrator=True)
    house.add_user("gone")
    house.do("delete_user", "gone")
    path, name = {
        "add": ("/users", "bob"),
        "delete": ("/users/delete", "alice"),
        "restore": ("/users/restore", "gone"),
        "grant": ("/users/grant", "alice"),
        "revoke": ("/users/revoke", "carol"),
    }[act]
    before = {user.login_name: (user.is_deleted, user.is_administrator) for user in house.view.users.values()}
    page = administrator.follow(administrator.post(path, login_name=name))
    after = administrator.follow(administrator.post("/users/undo", **undo_of(page)))
    assert "Undone:" in text_of(after)
    now = {user.login_name: (user.is_deleted, user.is_administrator) for user in house.view.users.values()}
    assert {each: now[each] for each in before} == before
    assert now.get("bob", (True, False)) == (True, False)


def test_undoing_a_revocation_takes_the_password_again(house: House, administrator: Visitor) -> None:
    house.add_user("carol", administrator=True)
    page = administrator.follow(administrator.post("/users/revoke", login_name="carol"))
    administrator.forget_password()
    house.clock.go_on(minutes=6)
    asked = administrator.post("/users/undo", **undo_of(page))
    assert asked.status_code == 401
    assert 'name="password_again"' in asked.text
    carol = house.view.user("carol")
    assert carol
    assert not carol.is_administrator


def test_undo_after_somebody_else_changed_the_user_says_so_and_changes_nothing(
    house: House, administrator: Visitor
) -> None:
    page = administrator.follow(administrator.post("/users", login_name="bob"))
    house.do("grant_administrator", "bob")
    refused = administrator.post("/users/undo", **undo_of(page))
    assert refused.status_code == 409
    assert "bob" in text_of(refused)
    assert "bob" in names(house)


@pytest.mark.parametrize("command_id", ["", "x", "6b1d6d9e-0000-4000-8000-000000000000"])
def test_undo_of_no_command_is_a_sentence(administrator: Visitor, command_id: str) -> None:
    answer = administrator.post("/users/undo", command_id=command_id)
    assert answer.status_code == 404
    assert "Code: unknown_command" in text_of(answer)


def test_w18_the_refusal_of_a_deleted_name_offers_to_restore_it(house: House, administrator: Visitor) -> None:
    house.add_user("Alice")
    house.do("delete_user", "alice")
    refused = administrator.post("/users", login_name="ALICE")
    assert refused.status_code == 409
    assert "Restore “Alice”" in text_of(refused)
    administrator.follow(administrator.post("/users/restore", **fields_of(refused.text, "/users/restore")))
    assert "Alice" in names(house)
    taken = administrator.post("/users", login_name="alice")
    assert "Restore “" not in text_of(taken), "somebody present is not to be restored"


def test_w6_filters_show_administrators_and_who_was_added_since(house: House) -> None:
    house.add_user("early")
    house.clock.go_on(days=3)
    house.add_user("late")
    house.add_user("carol", administrator=True)
    administrator = house.visitor(ADMINISTRATOR)
    assert listed(administrator, "show=administrators") == ["admin", "carol"]
    assert listed(administrator, "added_from=2026-04-23") == ["carol", "late"]
    assert listed(administrator, "added_from=2026-04-23&show=administrators") == ["carol"]
    assert listed(administrator, "added_from=2026-04-24") == []
    assert listed(administrator, "added_from=nonsense&search=ear") == ["early"]


def test_w6_after_a_change_the_list_is_where_it_was(house: House, administrator: Visitor) -> None:
    for name in ("alice", "bob", "carol"):
        house.add_user(name)
    page = administrator.get("/users?search=o").text
    row = re.search(r'<li id="user-([^"]+)">(?:(?!</li>).)*<bdi>bob</bdi>.*?</li>', page, re.DOTALL)
    assert row
    where = fields_of(row[0], "/users/delete")
    answer = administrator.post("/users/delete", **where)
    carol = house.view.user("carol")
    assert carol
    assert unescape(answer.headers["Location"]).endswith(f"/users?search=o&show=present#user-{carol.user_id}")
    assert f'<li id="user-{carol.user_id}">' in administrator.get("/users?search=o").text


def test_the_title_says_that_something_was_not_done(administrator: Visitor) -> None:
    assert "<title>Users – Seatledger</title>" in administrator.get("/users").text
    assert "<title>Not done: Users – Seatledger</title>" in administrator.post("/users", login_name="").text


def test_the_page_that_asks_holds_no_password(house: House, administrator: Visitor) -> None:
    """An administrator beyond the licenses: first the password is asked, then the licenses."""
    house.register(a_key(licenses=1))
    asked = administrator.post("/users", login_name="carol", administrator="yes")
    assert "Go beyond the licenses?" in text_of(asked)
    assert PASSWORD not in asked.text
    administrator.follow(administrator.post("/users", **fields_of(asked.text, "/users")))
    carol = house.view.user("carol")
    assert carol
    assert carol.is_administrator
