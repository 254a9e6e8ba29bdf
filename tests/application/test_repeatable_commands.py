"""A command that comes again is not done again where the log has it, and gives what it gave the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from application.licensing import TokenMadeBefore
from application.log.acting import Repeatable
from domain.refusals import KeyMalformed
from tests.examples import a_key
from tests.refused import refused
from tests.world import World

Deed = Callable[[World, Repeatable], Any]  # Any: what each command gives


def added(house: World) -> None:
    house.add("ann", "ben", "carl")
    house.do("delete_users", ["ben", "carl"])
    house.do("add_auditor", "eve")


DEEDS: dict[str, Deed] = {
    "register": lambda house, id_: house.do("register_license_key", a_key(), command_id=id_),
    "add": lambda house, id_: house.do("add_users", ["dan", "dora"], command_id=id_),
    "delete": lambda house, id_: house.do("delete_users", ["ann"], command_id=id_),
    "restore": lambda house, id_: house.do("restore_users", ["ben"], command_id=id_),
    "rename": lambda house, id_: house.do("rename_user", "ann", "anna", command_id=id_),
    "grant": lambda house, id_: house.do("grant_administrators", ["ann"], command_id=id_),
    "erase": lambda house, id_: house.licensing.erasing.user(house.id, "carl", by="cli:tester", command_id=id_),
    "auditor": lambda house, id_: house.do("remove_auditor", "eve", command_id=id_),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_it_gives_the_same_again_on_every_server(house: World, deed: Deed) -> None:
    added(house)
    own = Repeatable(uuid4(), house.size())
    first = deed(house, own)
    house.add("zoe")
    size = house.size()
    assert deed(house, own) == first
    assert deed(house.another_process(), own) == first
    assert house.size() == size
    assert house.licensing.has_done(house.id, own)
    assert not house.licensing.has_done(house.id, own._replace(command_id=uuid4()))


def test_an_undo_tells_the_same_again(house: World) -> None:
    added(house)
    import_id, own = uuid4(), Repeatable(uuid4(), house.size())
    house.do("add_users", ["dan", "dora"], command_id=import_id)
    command = house.licensing.user_command(house.id, import_id)
    first = house.do("undo", command, command_id=own)
    assert house.do("undo", command, command_id=own) == first
    assert house.events().count("UserDeleted") == 4


def test_a_token_is_made_once_and_shown_once(house: World) -> None:
    own = Repeatable(uuid4(), house.size())
    house.do("create_token", "Gateway", ["users"], command_id=own)
    with refused(TokenMadeBefore, "“Gateway” was made already.*replace it"):
        house.do("create_token", "Gateway", ["users"], command_id=own)
    assert len(house.view.tokens) == 1


def test_a_refused_key_is_refused_again_and_recorded_once(house: World) -> None:
    own = Repeatable(uuid4(), house.size())
    for _ in range(2):
        with refused(KeyMalformed):
            house.do("register_license_key", "no key", command_id=own)
    assert house.events().count("LicenseKeyRefused") == 1
    assert not house.licensing.has_done(house.id, own)


def test_one_whose_position_is_behind_the_log_is_looked_for_nowhere(house: World) -> None:
    own = Repeatable(uuid4(), 2**62)
    assert not house.licensing.has_done(house.id, own)
    house.do("add_user", "ann", command_id=own)
    assert house.view.user("ann")
