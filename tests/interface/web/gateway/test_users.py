"""Users over the API: the list, each command, and each of its refusals."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.examples import ADMINISTRATOR, a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

USERS = "/api/v1/users"


def user(login_name: str, *, administrator: bool = False, deleted: bool = False) -> dict[str, object]:
    return {"login_name": login_name, "administrator": administrator, "deleted": deleted}


def path(login_name: str, rest: str = "") -> str:
    return f"{USERS}/{quote(login_name, safe='')}{rest}"


def test_users_are_listed_by_name_a_page_at_a_time(house: House, users: Program) -> None:
    for name in ("carol", "Alice", "bob"):
        house.add_user(name)
    house.do("delete_user", "bob")
    first = users.get(USERS, limit=2).get_json()
    assert first == {"users": [user("admin", administrator=True), user("Alice")], "next": "Alice"}
    assert users.get(USERS, limit=2, after=first["next"]).get_json() == {
        "users": [user("bob", deleted=True), user("carol")],
        "next": None,
    }
    assert users.get(USERS, search="AL").get_json()["users"] == [user("Alice")]


@pytest.fixture
def mixed(house: House, users: Program) -> Program:
    """Over administrators, ordinary users and deleted ones, among them one who was an administrator."""
    for name in ("ann", "bea", "cem"):
        house.add_user(f"{name}-admin", administrator=True)
        house.add_user(name)
    for name in ("bea", "cem-admin"):
        house.do("delete_user", name)
    return users


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"deleted": "true"}, ["bea", "cem-admin"]),
        ({"deleted": "false"}, ["admin", "ann", "ann-admin", "bea-admin", "cem"]),
        ({"administrator": "true"}, ["admin", "ann-admin", "bea-admin"]),
        ({"administrator": "false"}, ["ann", "bea", "cem", "cem-admin"]),
        ({"administrator": "false", "deleted": "false"}, ["ann", "cem"]),
        ({"administrator": "true", "deleted": "true"}, []),
        ({"administrator": "true", "search": "BEA"}, ["bea-admin"]),
        ({"administrator": "true", "after": "admin"}, ["ann-admin", "bea-admin"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_users_are_filtered_by_what_they_are(mixed: Program, asked: dict[str, str], names: list[str]) -> None:
    assert [found["login_name"] for found in mixed.get(USERS, **asked).get_json()["users"]] == names


@pytest.mark.parametrize("asked", [{"deleted": "false"}, {"administrator": "true"}, {"deleted": "true"}], ids=str)
@pytest.mark.parametrize("limit", [1, 2])
def test_a_filter_holds_from_page_to_page(mixed: Program, asked: dict[str, str], limit: int) -> None:
    seen: list[dict[str, object]] = []
    page = mixed.get(USERS, limit=limit, **asked).get_json()
    while page["next"] is not None:
        assert len(page["users"]) == limit
        seen += page["users"]
        page = mixed.get(USERS, limit=limit, after=page["next"], **asked).get_json()
    assert seen + page["users"] == mixed.get(USERS, **asked).get_json()["users"]


@pytest.mark.parametrize("name", ["deleted", "administrator"])
@pytest.mark.parametrize("value", ["", "True", "TRUE", "1", "0", "yes", "null", "true ", "true,false", "истина"])
def test_a_filter_is_true_or_false(anything: Program, name: str, value: str) -> None:
    response = anything.get(USERS, search="a", limit=1, **{name: value})
    assert f"{name} must be true or false" in assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize("name", ["deleted", "administrator"])
def test_a_filter_stands_once(anything: Program, name: str) -> None:
    response = anything.ask("GET", f"{USERS}?{name}=true&{name}=true")
    assert f"{name}=… once" in assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize("spelled", ["Åsa", "åsa", "a\N{COMBINING RING ABOVE}sa", " ÅSA "])
def test_one_user_is_shown_by_any_spelling_of_the_name(house: House, users: Program, spelled: str) -> None:
    house.add_user("Åsa", administrator=True)
    assert users.get(path(spelled)).get_json()["user"] == user("Åsa", administrator=True)
    house.do("delete_user", "Åsa")
    before = house.events()
    assert users.get(path(spelled)).get_json()["user"] == user("Åsa", deleted=True)
    assert house.events() == before


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "1e2", "", "٣", "10 ", "1" * 5000])
def test_a_limit_is_from_1_to_1000(anything: Program, limit: str) -> None:
    response = anything.get(USERS, limit=limit)
    assert "limit must be a whole number from 1 to 1000" in assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize("administrator", [True, False])
def test_adding_a_user_answers_with_the_user(house: House, users: Program, administrator: bool) -> None:
    house.register(a_key(licenses=2))
    response = users.post(USERS, {"login_name": " Dave ", "administrator": administrator})
    assert response.status_code == 201
    assert response.get_json() == {"user": user("Dave", administrator=administrator), "warnings": []}


def test_a_user_added_without_a_word_is_no_administrator(users: Program) -> None:
    assert users.post(USERS, {"login_name": "dave"}).get_json()["user"] == user("dave")


def test_u4_adding_and_restoring_beyond_valid_is_done_and_warns(house: House, users: Program) -> None:
    house.register(a_key(licenses=1))
    answer = users.post(USERS, {"login_name": "dave"}).get_json()
    assert [warning["code"] for warning in answer["warnings"]] == ["licenses_exceeded"]
    assert users.delete(path("dave")).get_json() == {"user": user("dave", deleted=True), "warnings": []}
    answer = users.post(path("dave", "/restore")).get_json()
    assert answer["user"] == user("dave")
    assert [warning["code"] for warning in answer["warnings"]] == ["licenses_exceeded"]


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\nb", "a\0b", "\ud800", "a" * 201, "\u202ealice"])
def test_u1_a_login_name_that_is_not_valid_is_refused(shared_house: House, anything: Program, name: str) -> None:
    before = shared_house.events()
    assert_problem(anything.post(USERS, {"login_name": name}), 400, "login_name_invalid")
    assert shared_house.events() == before


@pytest.mark.parametrize("name", ["dave", "DAVE"])
def test_u2_a_login_name_is_never_registered_twice(house: House, users: Program, name: str) -> None:
    house.add_user("dave")
    assert_problem(users.post(USERS, {"login_name": name}), 409, "login_name_taken")
    users.delete(path("dave"))
    assert "“dave” was deleted. Restore" in assert_problem(users.post(USERS, {"login_name": name}), 409, "user_deleted")


def test_a_program_restores_whoever_was_deleted(house: House, users: Program) -> None:
    """A name is added or restored by what the code says, and no other names end in it."""
    house.add_user("dave")
    users.delete(path("dave"))
    before = house.events()
    assert users.post(USERS, {"login_name": "dave"}).get_json()["code"] == "user_deleted"
    assert house.events() == before
    assert users.post(path("dave", "/restore")).get_json()["user"] == user("dave")


def test_u3_the_last_administrator_stays(house: House, users: Program) -> None:
    before = house.events()
    assert_problem(users.delete(path(ADMINISTRATOR)), 409, "last_administrator")
    assert_problem(users.delete(path(ADMINISTRATOR, "/administrator")), 409, "last_administrator")
    assert house.events() == before


def test_an_administrator_is_made_and_unmade(house: House, users: Program) -> None:
    house.add_user("dave")
    assert users.put(path("dave", "/administrator")).get_json()["user"] == user("dave", administrator=True)
    assert users.delete(path("dave", "/administrator")).get_json()["user"] == user("dave")
    assert house.events()[-2:] == ["AdministratorGranted", "AdministratorRevoked"]


def test_u6_a_restored_administrator_is_an_ordinary_user(house: House, users: Program) -> None:
    house.add_user("dave", administrator=True)
    assert users.delete(path("dave")).get_json()["user"] == user("dave", deleted=True)
    assert users.post(path("dave", "/restore")).get_json()["user"] == user("dave")


def test_u7_what_is_so_already_changes_nothing_and_is_no_error(house: House, users: Program) -> None:
    house.add_user("dave")
    house.add_user("erin")
    users.delete(path("erin"))
    before = house.events()
    for method, of_whom in (
        ("POST", path("dave", "/restore")),
        ("DELETE", path("dave", "/administrator")),
        ("PUT", path(ADMINISTRATOR, "/administrator")),
        ("DELETE", path("erin")),
    ):
        assert users.ask(method, of_whom).status_code == 200
    assert house.events() == before


ABOUT_ONE = [
    ("GET", ""),
    ("DELETE", ""),
    ("POST", "/restore"),
    ("PUT", "/administrator"),
    ("DELETE", "/administrator"),
]


@pytest.mark.parametrize(("method", "rest"), ABOUT_ONE)
@pytest.mark.parametrize("name", ["nobody", ".", "a" * 5000, "a\0b", "a b", "\ufffd", "%41lice", "' OR 1=1 --"])
def test_whatever_is_about_nobody_is_refused(anything: Program, method: str, rest: str, name: str) -> None:
    assert_problem(anything.ask(method, path(name, rest)), 404, "unknown_user")


@pytest.mark.parametrize(("method", "rest"), ABOUT_ONE)
def test_a_path_that_is_not_utf_8_is_nobodys_even_where_a_name_looks_like_it(
    house: House, users: Program, method: str, rest: str
) -> None:
    """Flask puts U+FFFD for what is not UTF-8, and that is a valid name."""
    house.add_user("\ufffd")
    before = house.events()
    response = users.ask(method, USERS, environ_overrides={"PATH_INFO": f"{USERS}/\xff{rest}"})
    assert_problem(response, 404, "unknown_user")
    assert house.events() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_deleted_user_is_restored_before_rights_change(house: House, users: Program, method: str) -> None:
    house.add_user("dave")
    users.delete(path("dave"))
    assert_problem(users.ask(method, path("dave", "/administrator")), 409, "user_deleted")


@pytest.mark.parametrize(
    "name", ["Zoë Müller", "山田", "a+b@example.com", "50%", "<b>", "a?b#c", "x;y=z", "C:\\d", "-"]
)
def test_a_name_of_any_spelling_comes_percent_encoded(anything: Program, name: str) -> None:
    assert anything.post(USERS, {"login_name": name}).status_code == 201
    assert anything.get(path(name)).get_json()["user"] == user(name)
    assert anything.delete(path(name)).get_json()["user"] == user(name, deleted=True)


def test_an_auditor_is_no_user(house: House, users: Program) -> None:
    house.add_auditor("auditor")
    assert_problem(users.get(path("auditor")), 404, "unknown_user")
    assert_problem(users.delete(path("auditor")), 404, "unknown_user")
    assert_problem(users.post(USERS, {"login_name": "auditor"}), 409, "login_name_taken")


def test_events_name_the_token_that_changed_users(house: House) -> None:
    token = house.token("users")
    Program(house.app, token).post(USERS, {"login_name": "dave"})
    (entry,) = house.licensing.history(house.id, after=house.view.position - 1)
    assert (entry.kind, entry.by) == ("UserAdded", f"token:{token[4:12]}")


@pytest.mark.parametrize("scopes", [("users",), ("users", "license", "audit", "login-check")])
def test_s10_a_token_for_users_makes_no_administrator_and_unmakes_none(house: House, scopes: tuple[str, ...]) -> None:
    house.add_user("dave")
    house.add_user("erin", administrator=True)
    program, before = Program(house.app, house.token(*scopes)), house.events()
    for response in (
        program.put(path("dave", "/administrator")),
        program.delete(path("erin", "/administrator")),
        program.post(USERS, {"login_name": "frank", "administrator": True}),
    ):
        assert "the scope administrators" in assert_problem(response, 403, "scope_missing")
        assert 'scope="administrators"' in response.headers["WWW-Authenticate"]
    assert house.events() == before
    assert program.post(USERS, {"login_name": "frank", "administrator": False}).status_code == 201


def test_s10_a_token_for_administrators_alone_adds_nobody(house: House) -> None:
    house.add_user("dave")
    program = Program(house.app, house.token("administrators"))
    assert program.put(path("dave", "/administrator")).status_code == 200
    for administrator in (True, False):
        response = program.post(USERS, {"login_name": "frank", "administrator": administrator})
        assert "the scope users" in assert_problem(response, 403, "scope_missing")


def test_s10_u6_a_token_that_restores_an_administrator_promotes_nobody(house: House) -> None:
    house.add_user("dave", administrator=True)
    program = Program(house.app, house.token("users"))
    program.delete(path("dave"))
    assert program.post(path("dave", "/restore")).get_json()["user"] == user("dave")
