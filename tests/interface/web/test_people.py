"""Renaming and erasing people on the screens Users and Auditors, as somebody without JavaScript does it."""

from __future__ import annotations

import re

import pytest

from domain.login_name import erased_name
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.web.house import House, Visitor, fields_of, text_of
from tests.interface.web.test_users_screen import listed, row_of

FOR_EVER = "That cannot be undone."


def id_of(house: House, name: str) -> str:
    found = house.view.account_id(name)
    assert found is not None
    return found


def erase(administrator: Visitor, login_name: str, **fields: str) -> str:
    """Erase a deleted user over all the pages that ask; gives what the last one says."""
    asked = administrator.post("/users/erase", login_name=login_name, show="deleted")
    assert asked.status_code == 409
    done = administrator.post("/users/erase", **fields_of(asked.text, "/users/erase"), **fields)
    return text_of(administrator.follow(done))


def test_u8_a_user_is_renamed_from_the_row_and_back_by_undo(house: House, administrator: Visitor) -> None:
    house.add("alice", "bob")
    row = row_of(administrator.get("/users").text, "alice")
    [popup] = [part for part in re.findall(r"<details.*?</details>", row, re.DOTALL) if "/users/rename" in part]
    assert re.search(r'name="new_name" value="alice" required autocomplete="off" autocapitalize="none"', popup)
    fields = fields_of(row, "/users/rename")
    answer = administrator.post("/users/rename", **fields, new_name="zoe")
    assert answer.headers["Location"].endswith(f"#user-{id_of(house, 'zoe')}")
    page = administrator.follow(answer)
    assert "“alice” is “zoe” now. Logins as “alice” are refused from now on" in text_of(page)
    assert listed(page.text) == ["admin", "bob", "zoe"]
    back = administrator.follow(administrator.post("/users/undo", **fields_of(page.text, "/users/undo")))
    assert "Undone: 1 user is named as before." in text_of(back)
    assert listed(back.text) == ["admin", "alice", "bob"]


def test_u8_users_and_history_find_a_person_by_any_name(house: House, administrator: Visitor) -> None:
    house.add("alice", "bob")
    house.do("rename_user", "alice", "zoe")
    house.do("delete_user", "zoe")
    found = administrator.get("/users?show=all&search=lic")
    assert listed(found.text) == ["zoe"]
    assert "“ alice ” before" in text_of(found)
    assert "before" not in row_of(administrator.get("/users?show=all&search=zo").text, "zoe")
    history = text_of(administrator.get("/audit/history?login_name=ALICE"))
    assert "added the user “alice”" in history
    assert "renamed the user “alice” to “zoe”" in history
    assert "deleted the user “zoe”" in history
    assert "added the user “bob”" not in history
    only = text_of(administrator.get("/audit/history?event=UserRenamed"))
    assert "renamed the user “alice” to “zoe”" in only


def test_u8_another_spelling_alone_refuses_no_login_and_says_so(house: House, administrator: Visitor) -> None:
    house.add("alice")
    page = text_of(administrator.follow(administrator.post("/users/rename", login_name="alice", new_name="ALICE")))
    assert "“alice” is “ALICE” now. Only the spelling changed: logins go on as before, in both spellings." in page
    assert "refused from now on" not in page


def test_u7_the_same_name_again_says_that_nothing_was_changed(house: House, administrator: Visitor) -> None:
    house.add("alice")
    before = house.events()
    page = administrator.follow(administrator.post("/users/rename", login_name="alice", new_name=" alice "))
    assert "“alice” is named that already; nothing was changed." in text_of(page)
    assert "/users/undo" not in page.text
    assert house.events() == before


@pytest.mark.parametrize(
    ("new_name", "status", "code"),
    [("ADMIN", 409, "login_name_taken"), ("gone", 409, "user_deleted"), ("a/b", 400, "login_name_invalid")],
)
def test_a_refused_name_stays_in_the_open_field_of_its_row(
    house: House, administrator: Visitor, new_name: str, status: int, code: str
) -> None:
    house.add("alice", "gone")
    house.do("delete_user", "gone")
    before = house.events()
    answer = administrator.post("/users/rename", login_name="alice", new_name=new_name)
    assert (answer.status_code, f"Code: {code}" in text_of(answer)) == (status, True)
    row = row_of(answer.text, "alice")
    assert f'value="{new_name}"' in row
    assert 'aria-invalid="true" aria-describedby="refusal"' in row
    assert '<details class="popup" open>' in row
    assert answer.text.count('aria-invalid="true"') == 1
    assert house.events() == before


def test_an_administrators_name_takes_the_password_and_the_session_goes_on(
    house: House, administrator: Visitor
) -> None:
    administrator.forget_password()
    asked = administrator.post("/users/rename", login_name=ADMINISTRATOR, new_name="root")
    assert (asked.status_code, "Your password again" in asked.text) == (401, True)
    carried = fields_of(asked.text, "/users/rename")
    page = administrator.follow(administrator.post("/users/rename", **carried, password_again=PASSWORD))
    assert "Menu of root" in text_of(page)
    house.clock.go_on(minutes=6)
    undo = administrator.post("/users/undo", **fields_of(page.text, "/users/undo"))
    assert undo.status_code == 401, "to take it back as well"
    assert house.visitor().sign_in(ADMINISTRATOR).status_code == 401, "by the old name nobody signs in"
    assert house.visitor().sign_in("root").status_code == 303


def test_p2_a_deleted_user_is_erased_after_a_page_that_says_what_cannot_be_undone(
    house: House, administrator: Visitor
) -> None:
    house.add("alice", "bob")
    house.do("rename_user", "alice", "alicia")
    house.do("delete_users", ["alicia", "bob"])
    erased = erased_name(id_of(house, "alicia"))
    row = row_of(administrator.get("/users?show=deleted").text, "alicia")
    assert "Erase name…" in row
    asked = administrator.post("/users/erase", **fields_of(row, "/users/erase"))
    assert asked.status_code == 409
    words = text_of(asked)
    assert f"this person is called “{erased}”. {FOR_EVER}" in words
    assert "Nobody can restore this user any more." in words
    assert "The history, the counts and everybody else stay as they are." in words
    assert "Backups that were made before still hold the name" in words
    assert re.search(r'type="checkbox" id="choice" name="frees_name"', asked.text)
    assert '<a class="btn btn-outline-secondary" href="/users?show=deleted">' in asked.text
    assert "PersonErased" not in house.events(), "not without the button"

    page = administrator.follow(administrator.post("/users/erase", **fields_of(asked.text, "/users/erase")))
    assert f"The name “alicia” was erased; this person is “{erased}” from now on" in text_of(page)
    assert listed(page.text) == [erased, "bob"]
    gone = row_of(page.text, erased)
    assert "<form" not in gone
    assert "<input" not in gone
    assert "Erased" in gone
    for path in ("/users?show=all", "/audit/history?all=1", "/audit/users?show=all", "/audit/history.csv"):
        assert "alic" not in administrator.get(path).text, path
    taken = administrator.post("/users", login_name="alice")
    assert "login_name_taken" in taken.text


def test_the_password_is_asked_before_a_name_is_erased(house: House, administrator: Visitor) -> None:
    house.add("alice")
    house.do("delete_user", "alice")
    administrator.forget_password()
    fields = fields_of(administrator.post("/users/erase", login_name="alice").text, "/users/erase")
    asked = administrator.post("/users/erase", **fields, frees_name="yes")
    assert (asked.status_code, "Your password again" in asked.text) == (401, True)
    assert "PersonErased" not in house.events()
    carried = fields_of(asked.text, "/users/erase")
    administrator.follow(administrator.post("/users/erase", **carried, password_again=PASSWORD))
    house.add("alice")
    assert house.view.user("alice"), "the box was carried too"


def test_p3_a_name_is_freed_by_the_box_alone(house: House, administrator: Visitor) -> None:
    house.add("alice", "bob")
    house.do("delete_users", ["alice", "bob"])
    erase(administrator, "alice", frees_name="yes")
    erase(administrator, "bob")
    administrator.follow(administrator.post("/users", login_name="alice"))
    assert "login_name_taken" in administrator.post("/users", login_name="bob").text


@pytest.mark.parametrize(
    ("name", "status", "code"), [("admin", 409, "user_not_deleted"), ("nobody", 404, "unknown_user")]
)
def test_who_cannot_be_erased_is_said_at_once(
    house: House, administrator: Visitor, name: str, status: int, code: str
) -> None:
    before = house.events()
    for fields in ({}, {"sure": "yes"}):
        answer = administrator.post("/users/erase", login_name=name, **fields)
        assert (answer.status_code, f"Code: {code}" in text_of(answer)) == (status, True)
    assert house.events() == before


def test_only_those_who_can_be_restored_have_a_box(house: House, administrator: Visitor) -> None:
    house.add("alice", "bob")
    house.do("delete_users", ["alice", "bob"])
    assert administrator.get("/users?show=deleted").text.count('type="checkbox" form="selected"') == 2
    erase(administrator, "alice")
    page = administrator.get("/users?show=deleted").text
    assert 'form="selected"' not in page, "of one alone there is nothing to select"


def test_pages_go_over_erased_users(house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interface.web.admin.users_page.PAGE", 1)
    house.add("alice", "bob", "carol")
    house.do("delete_users", ["alice", "bob", "carol"])
    for name in ("alice", "bob"):
        erase(administrator, name)
    seen, path = [], "/users?show=deleted"
    while path:
        page = administrator.get(path).text
        seen += listed(page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link[1].replace("&amp;", "&") if link else ""
    erased = sorted(user.user_id for user in house.view.users.values() if user.is_erased)
    assert seen == [*map(erased_name, erased), "carol"]


def test_p2_a_removed_auditor_is_listed_below_and_erased(house: House, administrator: Visitor) -> None:
    house.add_auditor("vera")
    assert "Removed auditors" not in administrator.get("/auditors").text
    assert administrator.post("/auditors/erase", name="vera").status_code == 409
    house.do("remove_auditor", "vera")
    erased = erased_name(id_of(house, "vera"))
    page = administrator.get("/auditors").text.partition("Removed auditors")[2]
    asked = administrator.post("/auditors/erase", **fields_of(page, "/auditors/erase"))
    assert (asked.status_code, FOR_EVER in text_of(asked)) == (409, True)
    assert "The name stays taken: nobody is ever given it again." in text_of(asked)
    done = administrator.follow(administrator.post("/auditors/erase", **fields_of(asked.text, "/auditors/erase")))
    assert f"The name “vera” was erased; this person is “{erased}” from now on" in text_of(done)
    below = done.text.partition("Removed auditors")[2]
    assert erased in below
    assert "<form" not in below
    assert "login_name_taken" in administrator.post("/auditors", name="vera").text


def test_an_auditor_sees_who_was_removed_and_erases_nobody(house: House) -> None:
    house.add_auditor("vera")
    house.add_auditor("otto")
    house.do("remove_auditor", "otto")
    page = house.visitor("vera").get("/auditors")
    assert "otto" in page.text
    assert "/auditors/erase" not in page.text


@pytest.mark.parametrize(
    ("path", "fields", "done"),
    [
        ("/users/rename", {"login_name": "alice", "new_name": "zoe"}, "UserRenamed"),
        ("/users/erase", {"login_name": "gone"}, "PersonErased"),
    ],
    ids=["rename", "erase"],
)
def test_c12_the_forms_are_kept_over_the_end_of_a_session(
    house: House, path: str, fields: dict[str, str], done: str
) -> None:
    house.add("alice", "gone")
    house.do("delete_user", "gone")
    visitor = house.visitor(ADMINISTRATOR)
    visitor.get("/users")
    house.clock.go_on(minutes=31)
    kept = fields_of(visitor.post(path, **fields).text, "/sign-in")
    again = visitor.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD, **kept)
    assert all(value in text_of(again) for value in fields.values())
    answer = visitor.post(path, **fields_of(again.text, path))
    if done == "PersonErased":
        assert answer.status_code == 409, "what asks first asks still"
        answer = visitor.post(path, **fields_of(answer.text, path))
    assert answer.status_code == 303
    assert house.events()[-1] == done


def test_a_sign_in_by_a_name_that_was_given_up_is_told_truly(house: House, administrator: Visitor) -> None:
    house.do("rename_user", ADMINISTRATOR, "root")
    house.visitor().sign_in(ADMINISTRATOR)
    told = text_of(administrator.get("/audit/sign-ins"))
    assert "A sign-in as “root” failed: no administrator or auditor had the name that was typed" in told
