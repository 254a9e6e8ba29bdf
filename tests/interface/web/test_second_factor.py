"""The second factor on the screens: turned on, asked at every sign-in and link, turned off, required."""

from __future__ import annotations

import re

import pyotp
import pytest
from werkzeug.test import TestResponse

from tests.examples import ADMINISTRATOR, PASSWORD
from tests.interface.web.house import House, Visitor, text_of


class App:
    """The authenticator app on a telephone, by the house's clock."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.secret = ""

    def code(self) -> str:
        """The next code that was not used yet."""
        self.house.clock.go_on(seconds=60)
        return pyotp.TOTP(self.secret).at(self.house.clock.now)


@pytest.fixture
def app(house: House) -> App:
    return App(house)


def turn_on(visitor: Visitor, app: App) -> tuple[TestResponse, list[str]]:
    page = visitor.follow(visitor.post("/second-factor/begin"))
    [app.secret] = re.findall(r'id="secret" value="([A-Z2-7]{32})"', page.text)
    assert "<svg" in page.text
    answer = visitor.post("/second-factor/confirm", code=app.code())
    return answer, re.findall(r"<code>([a-z2-7-]{29})</code>", answer.text)


def test_with_it_the_password_alone_does_not_sign_in(house: House, administrator: Visitor, app: App) -> None:
    answer, codes = turn_on(administrator, app)
    assert (answer.status_code, len(codes)) == (200, 10)
    assert codes[0] not in administrator.get("/second-factor").text
    visitor = house.visitor()
    assert visitor.sign_in(ADMINISTRATOR, next="/users").headers["Location"] == "/sign-in/code"
    assert visitor.get("/users").headers["Location"].startswith("/sign-in?")
    visitor.get("/sign-in/code")
    wrong = visitor.post("/sign-in/code", code="000000")
    assert (wrong.status_code, "code_refused" in wrong.text) == (401, True)
    assert visitor.post("/sign-in/code", code=app.code()).headers["Location"] == "/users"
    assert visitor.get("/users").status_code == 200


def test_a_recovery_code_signs_in_once(house: House, administrator: Visitor, app: App) -> None:
    _, codes = turn_on(administrator, app)
    for is_taken in (True, False):
        visitor = house.visitor()
        visitor.sign_in(ADMINISTRATOR)
        answer = visitor.post("/sign-in/code", code=codes[0])
        assert answer.status_code == (303 if is_taken else 401)
    assert "9 recovery codes are left" in text_of(administrator.get("/second-factor"))


def test_guessing_codes_is_slowed_down(house: House, administrator: Visitor, app: App) -> None:
    turn_on(administrator, app)
    visitor = house.visitor()
    visitor.sign_in(ADMINISTRATOR)
    answers = [visitor.post("/sign-in/code", code=f"00000{number}") for number in range(6)]
    assert [answer.status_code for answer in answers][-1] == 429


def test_a_right_password_waits_five_minutes_and_only_for_its_right(
    house: House, administrator: Visitor, app: App
) -> None:
    turn_on(administrator, app)
    visitor = house.visitor()
    visitor.sign_in(ADMINISTRATOR)
    house.clock.go_on(minutes=6)
    late = visitor.post("/sign-in/code", code=app.code())
    assert (late.status_code, "sign_in_failed" in late.text) == (401, True)


def test_without_a_password_there_is_no_code_to_bring(house: House) -> None:
    visitor = house.visitor()
    assert visitor.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert visitor.post("/sign-in/code", code="000000").status_code == 401


def test_a_one_time_link_does_not_go_around_it(house: House, administrator: Visitor, app: App) -> None:
    turn_on(administrator, app)
    link = house.accounts.make_link(house.id, ADMINISTRATOR, by="cli:tester")
    visitor = house.visitor()
    visitor.post("/password/link", link=link)
    new = "quiet lemon harbor nine"
    answer = visitor.post("/password", new_password=new, new_password_again=new)
    assert "Your password is set." in text_of(visitor.follow(answer))
    assert visitor.get("/users").status_code == 303
    visitor.get("/sign-in/code")
    assert visitor.post("/sign-in/code", code=app.code()).headers["Location"] == "/system-settings"


def test_it_is_turned_off_with_the_password_and_told(house: House, administrator: Visitor, app: App) -> None:
    turn_on(administrator, app)
    house.clock.go_on(minutes=10)
    page = administrator.follow(administrator.post("/second-factor/off"))
    assert "Your second factor is off." in text_of(page)
    assert house.visitor().sign_in(ADMINISTRATOR).headers["Location"] == "/system-settings"
    lines = text_of(administrator.get("/audit/sign-ins"))
    assert "“admin” turned the second factor on" in lines
    assert "The second factor of “admin” was turned off" in lines


def test_where_it_is_required_nothing_else_opens_before_it_is_on(house: House, app: App) -> None:
    house.require_second_factor()
    visitor = house.visitor()
    visitor.sign_in(ADMINISTRATOR)
    for path in ("/users", "/license", "/own-password", "/system-settings"):
        assert visitor.get(path).headers["Location"] == "/second-factor"
    assert visitor.post("/users", login_name="ann").headers["Location"] == "/second-factor"
    assert house.view.user("ann") is None
    assert "This installation asks everybody for a second factor." in text_of(visitor.get("/second-factor"))
    turn_on(visitor, app)
    assert visitor.get("/users").status_code == 200
    assert "Turn second factor off" not in visitor.get("/second-factor").text
    assert visitor.post("/second-factor/off", password_again=PASSWORD).status_code == 303
    assert house.visitor().sign_in(ADMINISTRATOR).headers["Location"] == "/system-settings"


def test_whoever_runs_the_machine_can_turn_it_off(house: House, administrator: Visitor, app: App) -> None:
    turn_on(administrator, app)
    house.accounts.turn_second_factor_off(house.account(ADMINISTRATOR), source="machine")
    assert house.visitor().sign_in(ADMINISTRATOR).headers["Location"] == "/system-settings"
