"""Signing in and out, and for how long one is signed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from interface.web.app import create_app
from tests.examples import ADMINISTRATOR, PASSWORD, a_key
from tests.interface.web.house import House, Visitor, text_of


def test_an_administrator_signs_in_and_out(house: House) -> None:
    visitor = house.visitor()
    assert visitor.sign_in(ADMINISTRATOR).headers["Location"] == "/system-settings"
    assert visitor.get("/license").status_code == 200
    signed_out = visitor.follow(visitor.post("/sign-out"))
    assert "You are signed out." in text_of(signed_out)
    assert visitor.get("/license").headers["Location"] == "/sign-in?next=/license"


def test_a_wrong_password_and_an_unknown_name_are_refused_alike_and_the_name_is_kept(house: House) -> None:
    wrong = house.visitor().sign_in(ADMINISTRATOR, "not the password")
    unknown = house.visitor().sign_in("nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert "The login name or the password is wrong." in text_of(wrong)
    assert text_of(wrong) == text_of(unknown)
    assert 'value="nobody"' in unknown.text
    assert "not the password" not in wrong.text


def test_an_ordinary_user_does_not_sign_in_here(house: House) -> None:
    house.add_user("alice")
    assert house.visitor().sign_in("alice").status_code == 401


def test_signing_in_never_depends_on_the_license(house: House) -> None:
    """U5: while exceeded and expired, administrators come in."""
    house.register(a_key(licenses=1))
    house.add_user("alice")
    house.clock.go_on(days=800)
    assert "ended on" in house.visitor(ADMINISTRATOR).get("/license").text


def test_guessing_is_slowed_down_and_the_wait_is_said(house: House) -> None:
    visitor = house.visitor()
    answers = [visitor.sign_in(ADMINISTRATOR, f"guess number {n:04}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "too_many_attempts" in answers[-1].text


def test_two_hundred_guesses_get_five_tries_and_the_right_password_no_further(house: House) -> None:
    """TRUST.md, B8: what is refused unseen tells the guesser nothing, not even at the right password."""
    guesser = house.visitor()
    guesses = [f"guess number {n:04}" for n in range(199)]
    answers = [guesser.sign_in(ADMINISTRATOR, guess).status_code for guess in [*guesses, PASSWORD]]
    assert answers == [401] * 5 + [429] * 195


def test_a_known_device_is_not_slowed_down_by_strangers(house: House) -> None:
    owner = house.visitor(ADMINISTRATOR)
    owner.post("/sign-out")
    stranger = house.visitor()
    for n in range(8):
        stranger.sign_in(ADMINISTRATOR, f"guess number {n:04}")
    assert house.visitor().sign_in(ADMINISTRATOR).status_code == 429
    assert owner.sign_in(ADMINISTRATOR).status_code == 303


def test_a_forwarded_address_does_not_count_as_another_source(house: House) -> None:
    for n in range(20):
        house.visitor().post("/sign-in", headers={"X-Forwarded-For": f"198.51.100.{n}"}, login_name=f"n{n}")
    last = house.visitor().post("/sign-in", headers={"X-Forwarded-For": "203.0.113.9"}, login_name="another")
    assert last.status_code == 429


def test_a_session_ends_after_half_an_hour_without_use(house: House, administrator: Visitor) -> None:
    house.clock.go_on(minutes=29)
    assert administrator.get("/license").status_code == 200
    house.clock.go_on(minutes=31)
    sign_in = administrator.follow(administrator.get("/license"))
    assert "You were signed out. Sign in to go on." in text_of(sign_in)


def test_after_signing_in_again_one_is_where_one_wanted_to_be(house: House) -> None:
    visitor = house.visitor()
    page = visitor.follow(visitor.get("/users?search=ali&show=all"))
    assert 'name="next" value="/users?search=ali&amp;show=all"' in page.text
    answer = visitor.sign_in(ADMINISTRATOR, next="/users?search=ali&show=all")
    assert answer.headers["Location"] == "/users?search=ali&show=all"


@pytest.mark.parametrize("change", ["delete_user", "revoke_administrator"])
def test_who_is_deleted_or_demoted_is_out_at_once(house: House, change: str) -> None:
    house.add_user("carol", administrator=True)
    carol = house.visitor("carol")
    house.do(change, "carol")
    assert carol.post("/users", login_name="mallory").status_code == 401
    assert carol.get("/users").headers["Location"].startswith("/sign-in")
    assert house.view.user("mallory") is None
    assert carol.sign_in("carol").status_code == 401


def test_what_the_browser_held_before_signing_in_is_worth_nothing_after(house: House) -> None:
    """Session fixation: a cookie planted beforehand does not become that of whoever signs in."""
    visitor = house.visitor()
    visitor.get("/sign-in")
    planted = visitor.client.get_cookie("seatledger")
    assert planted is not None
    visitor.sign_in(ADMINISTRATOR)
    attacker = house.visitor()
    attacker.client.set_cookie("seatledger", planted.value)
    assert attacker.get("/license").status_code == 303


def test_a_kept_cookie_is_worth_nothing_after_signing_out_or_in_again(house: House) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    kept = visitor.client.get_cookie("seatledger")
    assert kept is not None
    visitor.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD)
    thief = house.visitor()
    thief.client.set_cookie("seatledger", kept.value)
    assert thief.get("/license").status_code == 303


def test_cookies_over_https_are_bound_to_this_host(tmp_path: Path) -> None:
    house = House(tmp_path, https=True)
    visitor = house.visitor()
    base_url = "https://localhost"
    page = visitor.get("/sign-in", base_url=base_url)
    [cookie] = page.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-seatledger=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    answer = visitor.client.post(
        "/sign-in",
        data={"csrf_token": visitor._csrf, "login_name": ADMINISTRATOR, "password": PASSWORD},
        base_url=base_url,
    )
    cookies = {cookie.partition("=")[0]: cookie.split("; ") for cookie in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"__Host-seatledger", "__Host-seatledger-device"}
    for attributes in cookies.values():
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    for each in (answer, visitor.get("/livez", base_url=base_url), visitor.get("/no-such", base_url=base_url)):
        assert each.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "frame-ancestors 'none'" in each.headers["Content-Security-Policy"]
    house.close()


NOTHING_CHANGED = "Nothing was changed."


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Origin": "http://licenses.example.com"}, "Open the same address with https:// in front."),
        ({"Referer": "http://licenses.example.com/sign-in"}, "Open the same address with https:// in front."),
        ({"Origin": "https://licenses.example.com"}, "or your browser does not keep cookies."),
        ({"Referer": "https://licenses.example.com/sign-in"}, "or your browser does not keep cookies."),
        ({}, "See whether the address begins with https://"),
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/password"])
def test_c13_when_no_cookie_comes_back_the_page_says_why(
    tmp_path: Path, path: str, headers: dict[str, str], said: str
) -> None:
    """Cookies are Secure: over plain HTTP no browser sends them back, and it is not the browser's fault."""
    with House(tmp_path, https=True) as house:
        house.set(trusted_hosts=("licenses.example.com",))
        app = create_app(house.seatledger, secret_key=b"an example, not a secret, 32 byte")
        answer = app.test_client(use_cookies=False).post(
            path, data={"csrf_token": "from the page"}, headers={"Host": "licenses.example.com", **headers}
        )
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert NOTHING_CHANGED in text_of(answer)
    assert ("https://" in text_of(answer)) is ("cookies." not in said)


def test_c13_a_cookie_that_came_is_not_blamed(house: House) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    said = text_of(visitor.post("/users", login_name="x", csrf_token="of an earlier session"))
    assert "This form is no longer good. Go back, reload the page and try again." in said
    assert "cookie" not in said


def test_in_the_demo_https_is_not_asked_for(house: House) -> None:
    answer = house.app.test_client(use_cookies=False).post("/sign-in", headers={"Origin": "http://localhost"})
    assert "your browser does not keep cookies" in text_of(answer)
    assert "https" not in text_of(answer)
