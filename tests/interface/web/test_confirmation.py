"""The password asked again: before a link, a grant and a token, and for five minutes not again."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.web.house import House, Visitor, text_of

ASKING = [
    ("/users", {"login_name": "new", "administrator": "yes"}),
    ("/users/grant", {"login_name": "ann"}),
    ("/users/link", {"login_name": ADMINISTRATOR}),
    ("/auditors", {"name": "new"}),
    ("/auditors/link", {"name": "vera"}),
    ("/tokens", {"name": "gate", "scope": "login-check"}),
    ("/notifications/webhooks", {"url": "https://1.1.1.1/hook"}),
]


@pytest.fixture
def open_browser(house: House) -> Visitor:
    """A browser that an administrator left open: whoever sits there does not know the password."""
    house.add_user("ann")
    house.add_auditor("vera")
    visitor = house.visitor(ADMINISTRATOR)
    visitor.forget_password()
    return visitor


def is_asking(answer: TestResponse) -> bool:
    return "give your password again" in text_of(answer)


def done(house: House) -> int:
    """What grows when something is done: events, and webhooks, which are none."""
    return house.view.position + len(house.seatledger.webhooks.all())


@pytest.mark.parametrize(("path", "fields"), ASKING)
def test_nothing_is_done_until_the_password_was_given_and_then_what_was_sent(
    house: House, open_browser: Visitor, path: str, fields: dict[str, str]
) -> None:
    before = done(house)
    asked = open_browser.post(path, **fields)
    assert (asked.status_code, is_asking(asked)) == (401, True)
    wrong = open_browser.post(path, password_again="not the password", **fields)
    assert (wrong.status_code, is_asking(wrong), "current_password_wrong" in wrong.text) == (403, True, True)
    assert done(house) == before
    for name, value in fields.items():
        assert f'type="hidden" name="{name}" value="{value}"' in wrong.text
    assert "not the password" not in wrong.text
    assert open_browser.post(path, password_again=PASSWORD, **fields).status_code == 303
    assert done(house) > before


def test_it_counts_for_five_minutes_of_this_session_alone(house: House, open_browser: Visitor) -> None:
    assert open_browser.post("/users/grant", login_name="ann", password_again=PASSWORD).status_code == 303
    house.clock.go_on(minutes=4)
    assert open_browser.post("/users/link", login_name="ann").status_code == 303
    other = house.visitor(ADMINISTRATOR)
    other.forget_password()
    assert is_asking(other.post("/users/link", login_name="ann"))
    house.clock.go_on(minutes=1)
    assert is_asking(open_browser.post("/users/link", login_name="ann"))


def test_adding_an_ordinary_user_asks_nothing(open_browser: Visitor) -> None:
    assert open_browser.post("/users", login_name="bob").status_code == 303


def test_guessing_it_is_slowed_down_in_this_session_and_strangers_delay_nobody(
    house: House, open_browser: Visitor
) -> None:
    for number in range(30):
        house.visitor().sign_in(ADMINISTRATOR, f"guess number {number:04}")
    answers = [open_browser.post("/users/grant", login_name="ann", password_again=f"guess {n:08}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_the_own_password_can_be_changed_under_attack(house: House, administrator: Visitor) -> None:
    """S-3."""
    for number in range(30):
        house.visitor().sign_in(ADMINISTRATOR, f"guess number {number:04}")
    new = "another quiet lemon harbor"
    answer = administrator.post("/own-password", current_password=PASSWORD, new_password=new, new_password_again=new)
    assert answer.status_code == 303
