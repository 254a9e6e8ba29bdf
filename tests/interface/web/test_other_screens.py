"""Auditors, API tokens, one's own password, and the pages of what went wrong."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from tests.database import FAILURE
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.web.house import House, Visitor, text_of
from tests.turn import taken
from tests.world import BY

NEW = "an entirely new password"


def test_an_auditor_is_added_with_a_link_signs_in_and_is_removed(house: House, administrator: Visitor) -> None:
    page = administrator.follow(administrator.post("/auditors", name="External"))
    assert "The auditor “External” was added." in text_of(page)
    [link] = re.findall(r'value="(http://localhost/password#[^"]+)"', page.text)
    auditor = house.visitor()
    auditor.post("/password/link", link=link)
    assert auditor.post("/password", new_password=NEW, new_password_again=NEW).status_code == 303
    assert "You are signed in as an auditor" in text_of(auditor.get("/users"))
    assert auditor.sign_in("external", NEW).status_code == 303
    assert "You are signed in as an auditor" in text_of(auditor.get("/users"))
    removed = administrator.follow(administrator.post("/auditors/remove", name="External"))
    assert "The auditor “External” was removed." in text_of(removed)
    assert "There are no auditors." in text_of(removed)
    assert auditor.get("/users").status_code == 303


@pytest.mark.parametrize(
    ("action", "name", "code", "status"),
    [
        ("", "", "login_name_invalid", 400),
        ("", ADMINISTRATOR, "login_name_taken", 409),
        ("/remove", "nobody", "unknown_auditor", 404),
        ("/link", "nobody", "unknown_account", 404),
    ],
)
def test_what_is_refused_of_auditors(shared_house: House, action: str, name: str, code: str, status: int) -> None:
    answer = shared_house.visitor(ADMINISTRATOR).post(f"/auditors{action}", name=name)
    assert (answer.status_code, f"Code: {code}" in text_of(answer)) == (status, True)


def test_a_token_is_shown_once_works_and_is_revoked(house: House, administrator: Visitor) -> None:
    fields = {"name": "Login gateway", "scope": ["login-check", "users"], "expires_after": "30"}
    page = administrator.follow(administrator.post("/tokens", **fields))
    [token] = re.findall(r'value="(slt_[^"]+)"', page.text)
    assert token not in administrator.get("/tokens").text
    last_day = house.clock.now.date() + timedelta(days=30)
    assert f"login-check, users · {token[4:12]} · not yet used · good until {last_day}" in text_of(page)
    assert "made 2026-04-20 by admin" in text_of(page)

    program = house.app.test_client()
    ask = {"path": "/api/v1/users", "headers": {"Authorization": f"Bearer {token}"}}
    assert program.get(**ask).status_code == 200
    revoked = administrator.follow(administrator.post("/tokens/revoke", token_id=token[4:12]))
    assert "The token “Login gateway” was revoked; it is refused from now on." in text_of(revoked)
    assert program.get(**ask).status_code == 401


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ({"name": "", "scope": "users"}, "text_invalid", 400),
        ({"name": "Example"}, "unknown_scope", 400),
        ({"name": "Example", "scope": "everything"}, "unknown_scope", 400),
        ({"name": "Example", "scope": "users", "expires_after": "soon"}, "days_invalid", 400),
        ({"name": "Example", "scope": "users", "expires_after": "365" + " " * 20 + "9"}, "days_invalid", 400),
        ({"name": "Example", "scope": "users", "expires_after": "0" * 19 + "36500"}, "expiry_invalid", 400),
        ({"name": "Example", "scope": "users", "expires_after": "-5"}, "days_invalid", 400),
        ({"name": "Example", "scope": "users", "expires_after": "0"}, "expiry_invalid", 400),
        ({"name": "Example", "scope": "users", "expires_after": "9" * 5000}, "expiry_invalid", 400),
    ],
)
def test_what_is_refused_of_tokens_and_the_input_is_kept(
    shared_house: House, fields: dict[str, str], code: str, status: int
) -> None:
    answer = shared_house.visitor(ADMINISTRATOR).post("/tokens", **fields)
    assert (answer.status_code, f"Code: {code}" in text_of(answer)) == (status, True)
    assert f'name="name" required autocomplete="off" value="{fields["name"]}"' in answer.text
    assert "There are no tokens yet." in answer.text


def test_an_unknown_token_cannot_be_revoked(administrator: Visitor) -> None:
    answer = administrator.post("/tokens/revoke", token_id="aaaaaaaa")
    assert (answer.status_code, "unknown_token" in answer.text) == (404, True)


def test_changing_the_own_password_ends_the_other_sessions(house: House, administrator: Visitor) -> None:
    elsewhere = house.visitor(ADMINISTRATOR)
    answer = administrator.post("/own-password", current_password=PASSWORD, new_password=NEW, new_password_again=NEW)
    assert "Your password was changed." in text_of(administrator.follow(answer))
    assert elsewhere.get("/license").status_code == 303
    assert house.visitor().sign_in(ADMINISTRATOR).status_code == 401
    assert house.visitor().sign_in(ADMINISTRATOR, NEW).status_code == 303


def test_an_auditor_changes_the_own_password(house: House) -> None:
    house.add_auditor()
    auditor = house.visitor("auditor")
    answer = auditor.post("/own-password", current_password=PASSWORD, new_password=NEW, new_password_again=NEW)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "code", "status"),
    [
        ("not the current one", NEW, NEW, "current_password_wrong", 403),
        (PASSWORD, NEW, NEW + "!", "passwords_differ", 400),
        (PASSWORD, "too short", "too short", "password_invalid", 400),
        (PASSWORD, "x" * 129, "x" * 129, "password_invalid", 400),
    ],
)
def test_what_is_refused_of_a_new_password(
    shared_house: House, current: str, new: str, again: str, code: str, status: int
) -> None:
    answer = shared_house.visitor(ADMINISTRATOR).post(
        "/own-password", current_password=current, new_password=new, new_password_again=again
    )
    assert (answer.status_code, f"Code: {code}" in text_of(answer)) == (status, True)
    assert new not in answer.text


def test_a_password_refused_on_the_link_page_leaves_the_link_good(house: House) -> None:
    link = house.accounts.make_link(house.id, ADMINISTRATOR, by=BY)
    visitor = house.visitor()
    visitor.post("/password/link", link=link)
    for new, again in (("too short", "too short"), (NEW, NEW + "!")):
        answer = visitor.post("/password", new_password=new, new_password_again=again)
        assert answer.status_code == 400
        assert "Set password" in answer.text
    assert visitor.post("/password", new_password=NEW, new_password_again=NEW).status_code == 303


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/no-such-page", 404, "There is no page at this address."),
        ("POST", "/no-such-page", 404, "There is no page at this address."),
        ("GET", "/users/delete", 405, "This address only takes forms."),
        ("DELETE", "/users", 405, "This address only takes forms."),
    ],
)
def test_errors_are_pages_with_a_sentence(
    shared_house: House, method: str, path: str, status: int, sentence: str
) -> None:
    for name in (None, ADMINISTRATOR):
        answer = shared_house.visitor(name).client.open(path, method=method)
        assert answer.status_code == status
        assert sentence in text_of(answer)
        assert answer.content_type == "text/html; charset=utf-8"


def test_too_large_a_form_is_a_page_with_a_sentence(administrator: Visitor) -> None:
    answer = administrator.post("/users", login_name="x" * 70_000)
    assert (answer.status_code, "What was sent is too large." in answer.text) == (413, True)


def test_a_defect_is_a_page_that_says_nothing_of_its_inside(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(house.seatledger.user_list, "page", fails)
    answer = administrator.get("/users")
    assert answer.status_code == 500
    assert "This is a defect in Seatledger." in answer.text
    assert "the inside" not in answer.text
    assert "the inside" in caplog.text


def test_a_busy_database_is_said_on_the_screen_with_503(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.log.turns.TURN_TIMEOUT", 0.01)
    with taken(house.licensing._acting._turns):
        answer = administrator.post("/users", login_name="alice")
    assert (answer.status_code, "Code: busy" in text_of(answer)) == (503, True)
    assert 'value="alice"' in answer.text


def test_before_init_there_is_a_page_that_names_the_command(
    house: House, monkeypatch: pytest.MonkeyPatch, administrator: Visitor
) -> None:
    monkeypatch.delitem(vars(house.seatledger), "installation_id")
    monkeypatch.setattr(house.licensing, "installation_ids", list)
    answer = administrator.get("/license")
    assert (answer.status_code, "Run “seatledger init” first." in answer.text) == (503, True)


@pytest.mark.parametrize("failure", [FAILURE, OperationalError("SELECT", {}, OSError())])
def test_a_database_that_cannot_be_read_is_a_page_with_503(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fails(*_: object) -> None:
        raise failure

    monkeypatch.setattr(house.licensing, "now", fails)
    answer = administrator.get("/license")
    assert (answer.status_code, "The database cannot be read now." in answer.text) == (503, True)
