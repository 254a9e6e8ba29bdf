"""Several users in one command: all of them or none, and everybody who is refused is named."""

from __future__ import annotations

from uuid import UUID

import pytest

from application.user_batch import UsersRefused
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import LastAdministrator, LoginNameTaken, Refused, UnknownUser
from tests.refused import refused
from tests.world import World

COMMAND = UUID("c0ffee00-0000-4000-8000-000000000004")


def said(refusal: Refused) -> list[str]:
    return sentence(refusal, ENGLISH).split("\n")


def test_several_users_are_one_command(house: World) -> None:
    before = house.size()
    assert house.do("add_users", ["ann", "ben", "cem"], command_id=COMMAND) == 3
    entries = house.entries[before:]
    assert [(entry.kind, entry.command_id) for entry in entries] == [("UserAdded", str(COMMAND))] * 3
    assert house.do("grant_administrators", ["ann", "BEN"]) == 2
    assert house.do("revoke_administrators", ["ann", "ben"]) == 2
    assert house.do("delete_users", ["ann", "ben", "cem"]) == 3
    assert house.do("restore_users", ["ann", "ben"]) == 2
    assert house.events()[before + 3 :] == [
        *["AdministratorGranted"] * 2,
        *["AdministratorRevoked"] * 2,
        *["UserDeleted"] * 3,
        *["UserRestored"] * 2,
    ]
    assert house.view.in_use == 3


def test_all_may_be_added_as_administrators(house: World) -> None:
    house.do("add_users", ["ann", "ben"], administrator=True)
    assert [user.is_administrator for name in ("ann", "ben") if (user := house.view.user(name))] == [True, True]


def test_u7_what_is_so_already_changes_nothing_and_is_no_error(house: World) -> None:
    house.add("ann", "ben")
    assert house.do("delete_users", ["ann", "ann", "ANN"]) == 1
    assert house.do("delete_users", ["ann", "ben"]) == 1
    assert house.do("restore_users", ["ann", "ann"]) == 1
    assert house.do("grant_administrators", ["ann", "ann"]) == 1


def test_everybody_who_is_refused_is_named_and_nothing_is_changed(house: World) -> None:
    house.add("ann")
    before = house.events()
    with pytest.raises(UsersRefused) as raised:
        house.do("add_users", ["ben", "ANN", "a/b", "cem", "Ben"])
    assert said(raised.value) == [
        "Nothing was changed. Users who are refused: 3.",
        f"ANN: {sentence(LoginNameTaken(login_name='ann'), ENGLISH)}",
        "a/b: The login name is not valid: it contains a slash (/).",
        "Ben: the name is given twice; leave one of them out",
    ]
    with refused(UsersRefused, "nobody: There is no user .*\nnor: There is no user "):
        house.do("delete_users", ["ann", "nobody", "nor"])
    assert house.events() == before


def test_a_single_name_is_refused_as_ever(house: World) -> None:
    with pytest.raises(LoginNameTaken):
        house.do("add_users", ["ADMIN"])
    with pytest.raises(UnknownUser):
        house.do("restore_users", ["nobody"])


@pytest.mark.parametrize("command", ["delete_users", "revoke_administrators"])
def test_u3_no_command_leaves_an_installation_without_administrator(house: World, command: str) -> None:
    house.add("ann", administrator=True)
    before = house.events()
    with pytest.raises(UsersRefused) as raised:
        house.do(command, ["ann", "admin"])
    assert said(raised.value)[1] == (
        "admin: with this one gone too, no administrator who can sign in would be left; first make somebody else "
        "an administrator, with a password"
    )
    assert house.events() == before
    assert house.do(command, ["ann"]) == 1
    with pytest.raises(LastAdministrator):
        house.do(command, ["admin"])


def test_u3_the_last_one_with_a_password_stays_in_whichever_order(house: World) -> None:
    house.add("ann", "ben", administrator=True)
    house.give_password("admin")
    house.give_password("ann")
    for names in (["admin", "ann"], ["ann", "admin"]):
        with pytest.raises(UsersRefused) as raised:
            house.do("delete_users", names)
        assert said(raised.value)[1].startswith(f"{names[1]}: with this one gone too")
    with refused(UsersRefused, "admin: “admin” is the last administrator who has a password"):
        house.do("delete_users", ["ann"])
        house.do("delete_users", ["admin", "ben"])


def test_u6_deleting_administrators_takes_their_passwords(house: World) -> None:
    house.add("ann", "ben", administrator=True)
    for name in ("admin", "ann", "ben"):
        house.give_password(name)
    accounts = [house.accounts.account(house.id, name) for name in ("ann", "ben")]
    house.do("delete_users", ["ann", "ben"])
    assert not any(house.accounts.has_password(account) for account in accounts)
    assert house.accounts.has_password(house.accounts.account(house.id, "admin"))
