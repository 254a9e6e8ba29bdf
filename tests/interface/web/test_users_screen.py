"""Users: the list, and what an administrator does to a user."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from interface.web.admin import users_page
from tests.examples import a_key
from tests.interface.web.house import House, Visitor, fields_of, text_of
from tests.world import BY

NEW_PASSWORD = "quiet lemon harbor nine"

HER_OWN = "seven green apples"


def listed(page: str) -> list[str]:
    """The login names of the list, in its order."""
    return re.findall(r"<bdi>([^<]+)</bdi>", page.partition('aria-label="Users"')[2])


def links_of(page: TestResponse) -> list[str]:
    """The one-time links that a page shows."""
    return re.findall(r'value="(http://localhost/password#[^"]+)"', page.text)


def open_link(visitor: Visitor, link: str) -> TestResponse:
    """What somebody without JavaScript does: open the address, and paste the link into the field."""
    visitor.get("/password")
    return visitor.follow(visitor.post("/password/link", link=link))


def test_an_added_user_is_in_the_list(administrator: Visitor) -> None:
    page = administrator.follow(administrator.post("/users", login_name="  alice "))
    assert "“alice” was added." in text_of(page)
    assert listed(page.text) == ["admin", "alice"]
    assert "One-time link" not in page.text


@pytest.mark.parametrize(
    ("typed", "kept"), [("ｔａｎａｋａ１２", "tanaka12"), ("ﾔﾏﾀﾞ", "ヤマダ"), ("　田中 Ａ　", "田中 A")]
)
def test_a_name_typed_in_wide_or_narrow_letters_says_how_it_is_kept_and_is_found(
    administrator: Visitor, typed: str, kept: str
) -> None:
    page = text_of(administrator.follow(administrator.post("/users", login_name=typed)))
    assert f"“{typed.strip()}” is kept as “{kept}”: login names have letters and digits in their ordinary form." in page
    assert listed(administrator.get("/users", query_string={"search": typed}).text) == [kept]
    decomposed = text_of(administrator.follow(administrator.post("/users", login_name="bjo\N{COMBINING DIAERESIS}rn")))
    assert "“björn” was added." in decomposed
    assert "is kept as" not in decomposed


def test_adding_beyond_valid_is_allowed_and_warns(house: House, administrator: Visitor) -> None:
    """U4, W-4: after a second button, which says what it does."""
    house.register(a_key(licenses=1))
    asked = administrator.post("/users", login_name="alice")
    assert asked.status_code == 409
    assert house.view.user("alice") is None
    assert "This needs 1 license more than there are (1)" in text_of(asked)
    assert "Add 1 user beyond the licenses" in text_of(asked)
    page = text_of(administrator.follow(administrator.post("/users", **fields_of(asked.text, "/users"))))
    assert "“alice” was added." in page
    assert "The number of licenses has been exceeded: 2 users, 1 license" in page


def test_deleting_and_restoring_a_user(house: House, administrator: Visitor) -> None:
    house.add_user("alice")
    deleted = administrator.follow(administrator.post("/users/delete", login_name="Alice"))
    assert "“alice” was deleted, which frees a license." in text_of(deleted)
    assert listed(deleted.text) == ["admin"]
    assert listed(administrator.get("/users?show=deleted").text) == ["alice"]
    restored = administrator.follow(administrator.post("/users/restore", login_name="alice", show="all"))
    assert "“alice” was restored as an ordinary user." in text_of(restored)
    assert house.events()[-2:] == ["UserDeleted", "UserRestored"]


def test_a_new_administrator_sets_a_password_by_the_link_that_is_shown_once(
    house: House, administrator: Visitor
) -> None:
    house.add_user("alice")
    page = administrator.follow(administrator.post("/users/grant", login_name="alice"))
    [link] = links_of(page)
    assert "No password yet" in text_of(page)
    assert "/password#" not in administrator.get("/users").text

    alice = house.visitor()
    assert "For “alice”." in text_of(open_link(alice, link))
    answer = alice.post("/password", new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    page = alice.follow(answer)
    assert "Your password is set, and you are signed in." in text_of(page)
    assert "Menu of alice" in text_of(page)
    assert alice.sign_in("alice", NEW_PASSWORD).status_code == 303
    assert open_link(alice, link).status_code == 410
    assert house.events()[-3:] == ["AdministratorGranted", "PasswordLinkMade", "PasswordChanged"]


def test_an_administrator_is_added_with_a_link(house: House, administrator: Visitor) -> None:
    page = administrator.follow(administrator.post("/users", login_name="carol", administrator="yes"))
    assert "Give “carol” this link" in text_of(page)
    user = house.view.user("carol")
    assert user is not None
    assert user.is_administrator


def test_revoking_makes_an_ordinary_user_and_oneself_is_out_at_once(house: House, administrator: Visitor) -> None:
    house.add_user("carol", administrator=True)
    answer = administrator.post("/users/revoke", login_name="admin")
    assert administrator.follow(answer).headers["Location"] == "/sign-in?next=/users"


def row_of(page: str, name: str) -> str:
    """The part of the list that is about one user."""
    [row] = [row for row in re.findall(r"<li id=.*?</li>", page, re.DOTALL) if f"<bdi>{name}</bdi>" in row]
    return row


def test_w5_what_one_does_to_oneself_says_that_one_is_signed_out(house: House, administrator: Visitor) -> None:
    house.add_user("carol", administrator=True)
    page = administrator.get("/users").text
    own = "This is you: you will be signed out at once."
    assert row_of(page, "admin").count(own) == 2, "deleting and revoking"
    assert own not in row_of(page, "carol")


def test_w17_making_an_administrator_asks_first_without_javascript(house: House, administrator: Visitor) -> None:
    house.add_user("alice")
    row = row_of(administrator.get("/users").text, "alice")
    [asked] = [part for part in re.findall(r"<details.*?</details>", row, re.DOTALL) if "/users/grant" in part]
    assert "can then change everything here" in asked
    assert row.count("/users/grant") == 1, "and nowhere is it done at once"


def test_a_new_link_voids_the_earlier_one(house: House, administrator: Visitor) -> None:
    house.add_user("carol", administrator=True)
    links = []
    for _ in range(2):
        page = administrator.follow(administrator.post("/users/link", login_name="carol"))
        links += links_of(page)
    carol = house.visitor()
    assert open_link(carol, links[0]).status_code == 410
    assert open_link(carol, links[1]).status_code == 200


def test_a_link_is_over_after_a_day(house: House) -> None:
    link = house.accounts.make_link(house.id, "admin", by=BY)
    house.clock.go_on(hours=25)
    visitor = house.visitor()
    page = open_link(visitor, link)
    assert (page.status_code, "link_over" in page.text) == (410, True)


def test_c18_a_damaged_link_is_said_to_be_damaged_and_can_be_pasted_again(house: House) -> None:
    link = f"http://localhost/password#{house.accounts.make_link(house.id, 'admin', by=BY)}"
    visitor = house.visitor()
    page = visitor.post("/password/link", link=link[:-5])
    assert (page.status_code, "link_damaged" in page.text) == (400, True)
    assert "it has 38 characters behind the “#”, where a link has 43" in text_of(page)
    assert "data-takes-anchor hidden" not in page.text, "the field is there"
    assert open_link(visitor, f"<{link}>").status_code == 200
    visitor.post("/password/link", link="damaged")
    assert "For “admin”" not in text_of(visitor.get("/password")), "the link before is given up"


def test_c18_a_link_of_the_right_form_that_is_none_may_have_been_altered(house: House) -> None:
    token = house.accounts.make_link(house.id, "admin", by=BY)
    altered = ("B" if token[0] == "A" else "A") + token[1:]
    page = open_link(house.visitor(), altered)
    assert page.status_code == 410
    assert "was used or replaced, is older than 24 hours, or was altered on the way" in text_of(page)


@pytest.mark.parametrize(
    ("action", "login_name", "code", "status"),
    [
        ("", "", "login_name_invalid", 400),
        ("", "a/b", "login_name_invalid", 400),
        ("", "x" * 201, "login_name_invalid", 400),
        ("", "ADMIN", "login_name_taken", 409),
        ("", "gone", "user_deleted", 409),
        ("/delete", "admin", "last_administrator", 409),
        ("/revoke", "admin", "last_administrator", 409),
        ("/delete", "nobody", "unknown_user", 404),
        ("/restore", "nobody", "unknown_user", 404),
        ("/grant", "nobody", "unknown_user", 404),
        ("/grant", "gone", "user_deleted", 409),
        ("/link", "nobody", "unknown_account", 404),
    ],
)
def test_a_refusal_is_answered_on_the_same_screen_and_changes_nothing(
    shared_house: House, action: str, login_name: str, code: str, status: int
) -> None:
    if shared_house.view.user("gone") is None:
        shared_house.add_user("gone")
        shared_house.do("delete_user", "gone")
    before = shared_house.view.position
    answer = shared_house.visitor("admin").post(f"/users{action}", login_name=login_name)
    assert answer.status_code == status
    assert f"Code: {code}" in text_of(answer)
    assert listed(answer.text) == ["admin"]
    assert shared_house.view.position == before


def test_a_refused_name_stays_in_the_field(administrator: Visitor) -> None:
    answer = administrator.post("/users", login_name="a/b", administrator="yes")
    assert 'value="a/b" aria-invalid="true"' in answer.text
    assert re.search(r'name="administrator"[^>]*checked', answer.text)


def test_the_list_goes_page_by_page_there_and_back(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users_page, "PAGE", 2)
    for name in ("user1", "user2", "user3", "user4"):
        house.add_user(name)
    pages, path = [], "/users"
    while path:
        page = administrator.get(path).text
        pages.append(listed(page))
        path = _link(page, "next")
    assert pages == [["admin", "user1"], ["user2", "user3"], ["user4"]]
    back = administrator.get(_link(page, "prev")).text
    assert listed(back) == pages[1]
    first = administrator.get(_link(back, "prev")).text
    assert listed(first) == pages[0]
    assert not _link(first, "prev")


def test_searching_folds_case_and_keeps_its_place_after_a_change(house: House, administrator: Visitor) -> None:
    for name in ("Alice", "alina", "bob"):
        house.add_user(name)
    assert listed(administrator.get("/users?search=ALI").text) == ["Alice", "alina"]
    assert "No login name here contains “zoe”." in text_of(administrator.get("/users?search=zoe"))
    answer = administrator.post("/users/delete", login_name="alina", search="ali", show="present")
    assert answer.headers["Location"] == "/users?search=ali&show=present"


def test_every_change_that_ends_something_asks_first(house: House, administrator: Visitor) -> None:
    house.add_user("carol", administrator=True)
    page = administrator.get("/users").text
    for action in ("/users/delete", "/users/revoke"):
        for form in re.finditer(rf'action="{action}"', page):
            in_popup = page.rfind("<details", 0, form.start()) > page.rfind("</details>", 0, form.start())
            asks = 'name="ask"' in page[form.start() : page.index("</form>", form.start())]
            assert in_popup or asks


def test_an_auditor_reads_the_list_and_has_no_button(house: House) -> None:
    house.add_auditor()
    page = house.visitor("auditor").get("/users")
    assert listed(page.text) == ["admin"]
    assert re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page.text) == ["/sign-out"]


def _link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


def test_the_list_is_saved_as_csv_as_it_is_filtered(house: House, administrator: Visitor) -> None:
    for name in ("ann", "anna", "bob"):
        house.add_user(name)
    house.do("delete_user", "anna")
    page = administrator.get("/users?search=an")
    [address] = re.findall(r'href="(/users/users\.csv[^"]*)"', page.text)
    assert names_in_sheet(administrator, address.replace("&amp;", "&")) == ["ann"]
    assert names_in_sheet(administrator, "/users/users.csv?show=deleted") == ["anna"]
    assert names_in_sheet(administrator, "/users/users.csv?show=all") == ["admin", "ann", "bob"], "none who is deleted"
    assert "users.csv" not in administrator.get("/users?show=all").text
    saved = administrator.get("/users/users.csv")
    assert saved.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert saved.headers["Content-Disposition"] == f'attachment; filename="users-{house.view.position}.csv"'


def test_the_list_as_csv_has_more_than_a_page(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users_page, "PAGE", 2)
    for number in range(5):
        house.add_user(f"user{number}")
    assert len(names_in_sheet(administrator, "/users/users.csv?after=user2")) == 6


def names_in_sheet(visitor: Visitor, address: str) -> list[str]:
    header, *rows = visitor.get(address).get_data(as_text=True).splitlines()
    assert header == '\ufeff"login_name","administrator","last_seen"'
    return [row.split(",")[0].strip('"') for row in rows]
