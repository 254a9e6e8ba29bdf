"""C-12: a form whose session was over is kept through the sign-in, and shown again to be sent."""

from __future__ import annotations

import pytest

from tests.examples import ADMINISTRATOR, PASSWORD, a_key
from tests.interface.web.house import House, Visitor, fields_of, text_of


def come_late(house: House, path: str) -> Visitor:
    """Somebody whose session is over while a page of ours is open."""
    visitor = house.visitor(ADMINISTRATOR)
    visitor.get(path)
    visitor.forget_password()
    house.clock.go_on(minutes=31)
    return visitor


def test_a_pasted_key_is_kept_over_the_end_of_the_session(house: House) -> None:
    visitor, key = come_late(house, "/license"), a_key()
    late = visitor.post("/license", license_key=key)
    assert late.status_code == 401
    assert "What you had sent is kept: sign in to go on with it." in text_of(late)
    assert "LicenseRegistered" not in house.events()
    kept = fields_of(late.text, "/sign-in")
    again = visitor.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD, **kept)
    assert again.status_code == 200
    assert key in text_of(again)
    assert "LicenseRegistered" not in house.events(), "not without the button"
    visitor.follow(visitor.post("/license", **fields_of(again.text, "/license")))
    assert house.events().count("LicenseRegistered") == 1


def test_it_is_kept_over_wrong_passwords_too(house: House) -> None:
    visitor = come_late(house, "/users")
    kept = fields_of(visitor.post("/users", login_name="alice").text, "/sign-in")
    assert 'id="login_name" name="login_name" value=""' in visitor.post("/users", login_name="alice").text
    wrong = visitor.post("/sign-in", login_name=ADMINISTRATOR, password="a wrong password", **kept)
    assert {**fields_of(wrong.text, "/sign-in"), "form_id": kept["form_id"]} == kept
    again = visitor.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD, **kept)
    visitor.follow(visitor.post("/users", **fields_of(again.text, "/users")))
    assert house.view.user("alice")


def test_all_fields_come_along_that_have_one_name(house: House) -> None:
    visitor = come_late(house, "/users")
    for name in ("alice", "bob"):
        house.add_user(name)
    kept = fields_of(visitor.post("/users/delete", login_name=["alice", "bob"]).text, "/sign-in")
    again = visitor.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD, **kept)
    assert fields_of(again.text, "/users/delete")["login_name"] == ["alice", "bob"]
    asked = visitor.post("/users/delete", **fields_of(again.text, "/users/delete"))
    assert asked.status_code == 409, "what asks first asks still"


def test_whoever_signs_in_instead_does_only_what_is_theirs_to_do(house: House) -> None:
    house.add_auditor()
    visitor = come_late(house, "/users")
    kept = fields_of(visitor.post("/users", login_name="alice").text, "/sign-in")
    again = visitor.post("/sign-in", login_name="auditor", password=PASSWORD, **kept)
    assert visitor.post("/users", **fields_of(again.text, "/users")).status_code == 403
    assert house.view.user("alice") is None


def test_a_form_that_no_page_of_ours_made_is_not_kept(house: House) -> None:
    """Else another site could put it before whoever signs in next."""
    visitor = come_late(house, "/users")
    forged = visitor.client.post("/users", data={"login_name": "mallory", "csrf_token": "forged"})
    assert forged.status_code == 303
    assert forged.headers["Location"] == "/sign-in"
    stranger = house.visitor()
    assert stranger.post("/users", login_name="mallory").status_code == 303


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/own-password", {"current": PASSWORD, "new": "seven green apples", "again": "seven green apples"}),
        ("/second-factor/confirm", {"code": "123456"}),
    ],
    ids=["own password", "code"],
)
def test_passwords_and_codes_are_never_kept(house: House, path: str, fields: dict[str, str]) -> None:
    visitor = come_late(house, "/users")
    late = visitor.post(path, **fields)
    assert late.status_code == 303
    kept = come_late(house, "/users").post("/users/grant", login_name="alice", password_again=PASSWORD)
    assert PASSWORD not in kept.text


def test_a_form_is_carried_to_a_place_of_the_list_alone(house: House) -> None:
    visitor = come_late(house, "/users")
    kept = fields_of(visitor.post("/users", login_name="alice").text, "/sign-in") | {
        "carried-to": "own_password.change"
    }
    assert visitor.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD, **kept).status_code == 303
