"""A form that is sent twice, by a double click or by loading its answer again, is carried out once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from application.repeats import TAKEN_OVER_AFTER, Repeats
from interface.web.app import create_app
from interface.web.form_ids import SHOWN_AGAIN
from tests.examples import PASSWORD, a_key
from tests.interface.web.house import House, Visitor, text_of

SECRET = b"an example, not a secret, 32 byte"
NEW = "plum-otter-kettle-93"

FORMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/license", {"license_key": a_key(licenses=100)}),
    ("/users", {"login_name": "ann"}),
    ("/users", {"login_names": "ben\ncarl\ndan"}),
    ("/users", {"login_name": "dora", "administrator": "yes"}),
    ("/users/rename", {"login_name": "ann", "new_name": "anna"}),
    ("/users/grant", {"login_name": "ben"}),
    ("/users/link", {"login_name": "ben"}),
    ("/users/revoke", {"login_name": "ben"}),
    ("/users/delete", {"login_name": "carl"}),
    ("/users/delete", {"login_name": ["ben", "dan"], "sure": "yes"}),
    ("/users/restore", {"login_name": ["ben", "dan"], "sure": "yes"}),
    ("/users/erase", {"login_name": "carl", "frees_name": "yes", "sure": "yes"}),
    ("/auditors", {"name": "eve"}),
    ("/auditors/link", {"name": "eve"}),
    ("/auditors/remove", {"name": "eve"}),
    ("/auditors/erase", {"name": "eve", "sure": "yes"}),
    ("/tokens", {"name": "Gateway", "scope": "login-check"}),
    ("/own-password", {"current_password": PASSWORD, "new_password": NEW, "new_password_again": NEW}),
)


def sent(visitor: Visitor, path: str, page_id: str, fields: dict[str, Any]) -> tuple[int, str, str]:
    """A form of a page, and where it led: status, address, and the text of the page there."""
    answer = visitor.post(path, form_id=page_id, **fields)
    location = answer.headers.get("Location", "")
    return answer.status_code, location, text_of(visitor.follow(answer) if location else answer)


def test_every_form_that_is_sent_twice_is_done_once_and_leads_to_the_same_page(
    house: House, administrator: Visitor
) -> None:
    for path, fields in FORMS:
        page_id = str(uuid4())
        size = house.size()
        first = sent(administrator, path, page_id, fields)
        assert first[0] == 303, (path, fields, first)
        after = house.size()
        assert after > size, path
        assert sent(administrator, path, page_id, fields) == first
        assert house.size() == after, path


def test_a_link_is_good_for_both_clicks(house: House, administrator: Visitor) -> None:
    administrator.post("/auditors", name="eve")
    link = re.search(r'value="([^"]+/password#[^"]+)"', administrator.get("/auditors").text)
    assert link
    visitors = house.visitor(), house.visitor()
    for each in visitors:
        each.follow(each.post("/password/link", link=unescape(link[1])))
    page_id, fields = str(uuid4()), {"new_password": NEW, "new_password_again": NEW}
    size = house.size()
    first, again = (sent(each, "/password", page_id, fields) for each in visitors)
    assert "Your password is set, and you are signed in." in first[2]
    assert again == first
    assert visitors[1].get("/own-password").status_code == 200
    assert house.size() == size + 1


def test_two_clicks_at_once_are_one(house: House, administrator: Visitor) -> None:
    """Each click waits for the other's answer, on whichever server it arrives."""
    page_id = str(uuid4())
    administrator.get("/users")
    apps = (house.app, create_app(house.another_process().seatledger, secret_key=SECRET, https=False))
    visitors = [administrator.twin(app) for app in apps]
    size = house.size()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: sent(each, "/users", page_id, {"login_name": "ann"}), visitors))
    assert answers[0] == answers[1]
    assert "“ann” was added." in answers[0][2]
    assert house.size() == size + 1


def test_a_server_that_died_before_its_answer_is_followed_by_one_that_says_so(
    house: House, administrator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, fields in FORMS[:-1]:
        page_id = str(uuid4())
        with monkeypatch.context() as patch:
            patch.setattr(Repeats, "keep", lambda *_: None)
            administrator.follow(administrator.post(path, form_id=page_id, **fields))
        size = house.size()
        house.clock.go_on(seconds=TAKEN_OVER_AFTER)
        status, _, page = sent(administrator, path, page_id, fields)
        assert status == 303
        if not path.endswith("/link"):
            assert house.size() == size, path
            assert "This was done already. Here stands what is so now." in page


def test_a_token_is_shown_again_for_as_long_as_a_password_counts(house: House, administrator: Visitor) -> None:
    page_id, fields = str(uuid4()), {"name": "Gateway", "scope": "login-check"}
    token = re.compile("slt_[a-z2-7]{8}_[0-9A-Za-z]{49}")
    for seconds, is_shown in ((0, True), (SHOWN_AGAIN, True), (1, False)):
        house.clock.go_on(seconds=seconds)
        page = administrator.follow(administrator.post("/tokens", form_id=page_id, **fields))
        assert bool(token.search(page.text)) is is_shown
    assert "This was done already." in text_of(page)
    assert len(house.view.tokens) == 1


def test_a_form_with_other_fields_is_another_one(house: House, administrator: Visitor) -> None:
    """Somebody goes back to the page of before, and corrects what they typed."""
    page_id = str(uuid4())
    for name in ("ann", "anna"):
        administrator.follow(administrator.post("/users", form_id=page_id, login_name=name))
    assert house.view.in_use == 3


def test_what_is_refused_is_refused_again_and_done_once_nothing_speaks_against_it(
    house: House, administrator: Visitor
) -> None:
    page_id = str(uuid4())
    house.add("ann")
    house.do("delete_user", "ann")
    for _ in range(2):
        assert administrator.post("/users", form_id=page_id, login_name="ann").status_code == 409
    house.licensing.erasing.user(house.id, "ann", frees_name=True, by="cli:tester")
    assert "“ann” was added." in sent(administrator, "/users", page_id, {"login_name": "ann"})[2]
