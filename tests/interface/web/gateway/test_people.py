"""Renaming and erasing users over the API."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from domain.login_name import erased_name
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

USERS = "/api/v1/users"


def path(login_name: str, rest: str = "") -> str:
    return f"{USERS}/{quote(login_name, safe='')}{rest}"


def listed(program: Program, **query: object) -> list[str]:
    return [user["login_name"] for user in program.get(USERS, **query).get_json()["users"]]


@pytest.fixture
def erased(house: House, users: Program) -> list[str]:
    """The ids of three erased users, beside ann, who is deleted, and bob."""
    house.add("ann", "bob", "x", "y", "z")
    house.do("delete_users", ["ann", "x", "y", "z"])
    return [users.post(path(name, "/erase"), {}).get_json()["account_id"] for name in "xyz"]


def test_u8_renaming_answers_with_the_user_under_the_new_name(house: House, users: Program, gateway: Program) -> None:
    house.add("alice")
    answer = users.post(path("ALICE", "/rename"), {"login_name": " Alicia "})
    assert (answer.status_code, answer.get_json()) == (
        200,
        {
            "user": {"login_name": "Alicia", "administrator": False, "deleted": False},
            "warnings": answer.json["warnings"],
        },
    )
    assert gateway.check("alice")["code"] == "unknown_user"
    assert gateway.check("alicia")["code"] == "no_license"
    for again in (users.get(path("alice")), users.post(path("alice", "/rename"), {"login_name": "Alicia"})):
        assert "is “Alicia” now" in assert_problem(again, 404, "unknown_user")
    (entry,) = house.licensing.history(house.id, after=house.size() - 1)
    assert (entry.kind, entry.by.partition(":")[0]) == ("UserRenamed", "token")


def test_u7_the_same_name_again_changes_nothing(house: House, users: Program) -> None:
    house.add("alice")
    before = house.events()
    assert users.post(path("alice", "/rename"), {"login_name": "alice"}).status_code == 200
    assert house.events() == before


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("alice", "admin", 409, "login_name_taken"),
        ("alice", "robert", 409, "login_name_taken"),
        ("alice", "forgotten", 409, "login_name_taken"),
        ("alice", "gone", 409, "user_deleted"),
        ("gone", "new", 409, "user_deleted"),
        ("alice", "a/b", 400, "login_name_invalid"),
        ("nobody", "new", 404, "unknown_user"),
        ("robert", "new", 404, "unknown_user"),
        ("forgotten", "new", 404, "unknown_user"),
    ],
)
def test_u8_what_cannot_be_is_refused_and_changes_nothing(
    house: House, users: Program, old: str, new: str, status: int, code: str
) -> None:
    house.add("alice", "gone", "robert", "forgotten")
    house.do("delete_users", ["gone", "forgotten"])
    house.do("rename_user", "robert", "bob")
    house.licensing.erasing.user(house.id, "forgotten", by="cli:tester")
    before = house.events()
    assert_problem(users.post(path(old, "/rename"), {"login_name": new}), status, code)
    assert house.events() == before


@pytest.mark.parametrize("body", [None, {}, {"login_name": 1}, {"new_name": "x"}], ids=str)
def test_a_renaming_without_a_name_is_no_request(anything: Program, body: object) -> None:
    assert anything.post(path("admin", "/rename"), body).status_code in (400, 415)


def test_s10_an_administrators_name_takes_the_scope_of_making_administrators(house: House, users: Program) -> None:
    """Whoever bears that name at the login is let in as an administrator."""
    program, before = Program(house.app, house.token("users")), house.events()
    answer = program.post(path("admin", "/rename"), {"login_name": "mallory"})
    assert "the scope administrators" in assert_problem(answer, 403, "scope_missing")
    assert house.events() == before
    assert users.post(path("admin", "/rename"), {"login_name": "root"}).get_json()["user"]["administrator"] is True


def test_p2_erasing_answers_with_the_id_alone(house: House, users: Program) -> None:
    house.add("alice")
    house.do("rename_user", "alice", "alicia")
    house.do("delete_user", "alicia")
    account_id = house.view.account_id("alicia")
    answer = users.post(path("alicia", "/erase"), {})
    assert (answer.status_code, answer.get_json()["account_id"]) == (200, account_id)
    assert "alic" not in answer.text
    assert house.events()[-1] == "PersonErased"
    for name in ("alicia", "alice", erased_name(account_id or "")):
        assert_problem(users.post(path(name, "/erase"), {}), 404, "unknown_user")
        assert_problem(users.get(path(name)), 404, "unknown_user")
    assert_problem(users.post(USERS, {"login_name": "alice"}), 409, "login_name_taken")


def test_p3_a_name_can_be_freed(house: House, users: Program) -> None:
    house.add("alice")
    house.do("delete_user", "alice")
    assert users.post(path("alice", "/erase"), {"free_name": True}).status_code == 200
    assert users.post(USERS, {"login_name": "alice"}).status_code == 201


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("admin", 409, "user_not_deleted"), ("nobody", 404, "unknown_user")],
)
def test_only_the_deleted_are_erased(house: House, users: Program, name: str, status: int, code: str) -> None:
    before = house.events()
    assert_problem(users.post(path(name, "/erase"), {}), status, code)
    assert house.events() == before


def test_p3_a_missing_pepper_is_said_and_nobody_is_erased(house: House, users: Program, erased: list[str]) -> None:
    assert len(erased) == 3
    house.settings.pepper_path.unlink()
    before = house.events()
    said = assert_problem(users.post(path("ann", "/erase"), {}), 503, "pepper_unusable")
    assert "Nothing was changed." in said
    assert house.events() == before


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_erased_users_are_listed_first_and_the_cursor_goes_over_them(
    users: Program, erased: list[str], limit: int
) -> None:
    whole = users.get(USERS).get_json()["users"]
    assert whole[:3] == [
        {"login_name": erased_name(id_), "administrator": False, "deleted": True, "erased": True}
        for id_ in sorted(erased)
    ]
    assert [user["login_name"] for user in whole[3:]] == ["admin", "ann", "bob"]
    assert all("erased" not in user for user in whole[3:])
    seen, after = [], ""
    while True:
        page = users.get(USERS, limit=limit, after=after).get_json()
        seen += page["users"]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == whole
    assert listed(users, deleted="false") == ["admin", "bob"]


def test_a_search_finds_users_by_a_name_that_they_had(house: House, users: Program) -> None:
    house.add("alice", "bob")
    house.do("rename_user", "alice", "Zoe")
    assert listed(users, search="LIC") == ["Zoe"]


def test_the_history_is_asked_by_any_name_of_a_person(house: House, users: Program, auditing: Program) -> None:
    house.add("alice")
    users.post(path("alice", "/rename"), {"login_name": "alicia"})

    def about(name: str) -> list[str]:
        return [event["event"] for event in auditing.get("/api/v1/history", login_name=name).get_json()["events"]]

    assert about("alice") == about("alicia") == ["UserAdded", "UserRenamed"]
    events = auditing.get("/api/v1/history", by="tester").get_json()["events"]
    assert {event["by"].partition(":")[0] for event in events} == {"operator"}
    assert_problem(auditing.get("/api/v1/history", by="nobody"), 400, "unknown_filter")
