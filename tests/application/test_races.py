"""R1: two administrators at once. Exactly one wins, and the other gets a true refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from uuid import UUID, uuid5

import pytest

from application.views.entitlement import fold
from tests.application.racer import a_second_process, outcome
from tests.examples import a_key
from tests.world import World

Deed = tuple[str, str]
Race = Callable[[Deed, Deed], list[str]]

ROUNDS = [pytest.param(50, id="50"), pytest.param(1000, id="1000", marks=pytest.mark.long)]


@contextmanager
def threads_of_one_process(house: World) -> Iterator[Race]:
    with threads([house, house]) as race:
        yield race


@contextmanager
def threads_with_a_cache_each(house: World) -> Iterator[Race]:
    """As far as the store can tell, these are two processes."""
    with threads([house, house.another_process()]) as race:
        yield race


@contextmanager
def threads(both: list[World]) -> Iterator[Race]:
    barrier = Barrier(2)

    def run(number: int, deed: Deed) -> str:
        barrier.wait(timeout=60)
        return outcome(both[number], *deed)

    with ThreadPoolExecutor(2) as pool:
        yield lambda one, other: list(pool.map(run, (0, 1), (one, other)))


@contextmanager
def two_processes(house: World) -> Iterator[Race]:
    with a_second_process(house) as second:

        def race(one: Deed, other: Deed) -> list[str]:
            second.start(*other)
            ours = outcome(house, *one)
            return [ours, second.outcome()]

        yield race


pytestmark = [
    pytest.mark.parametrize("racing", [threads_of_one_process, threads_with_a_cache_each, two_processes]),
    pytest.mark.parametrize("rounds", ROUNDS),
]


def judge(house: World) -> None:
    """The log is dense, every leaf is there, and the view folded from nothing is the one that is shown."""
    newest = house.view
    ((events, highest),) = house.sql("SELECT count(*), max(originator_version) FROM stored_events")
    ((leaves,),) = house.sql("SELECT count(*) FROM merkle_leaves")
    assert events == highest == leaves == newest.position
    replayed = map(
        house.licensing._acting.mapper.to_domain_event, house.licensing._acting.recorder.select_events(house.id)
    )
    assert fold(None, replayed) == newest


def test_r1_two_administrators_register_keys_with_one_number(house: World, racing: Callable, rounds: int) -> None:
    """The vendor used a number twice. Whose key comes first is registered; the other attempt is recorded as refused."""
    with racing(house) as race:
        for number in range(rounds):
            key_id = str(uuid5(UUID(int=0), str(number)))
            one, other = (a_key(licenses=seats, key_id=key_id) for seats in (10, 20))
            outcomes = race(("register_license_key", one), ("register_license_key", other))
            assert sorted(outcomes) == ["done", "key_id_used"]
            assert house.licensing.now(house.id).valid == (10 if outcomes[0] == "done" else 20)
    assert house.events().count("LicenseRegistered") == house.events().count("LicenseKeyRefused") == rounds
    judge(house)


def test_r1_two_administrators_register_the_same_key(house: World, racing: Callable, rounds: int) -> None:
    """K2: both are told that it is registered, and it is, once."""
    with racing(house) as race:
        for number in range(rounds):
            text = a_key(licenses=number + 1)
            assert race(("register_license_key", text), ("register_license_key", text)) == ["done", "done"]
    assert house.events().count("LicenseRegistered") == rounds
    judge(house)


def test_r1_the_last_two_administrators_delete_each_other(house: World, racing: Callable, rounds: int) -> None:
    last = "admin"
    with racing(house) as race:
        for number in range(rounds):
            newcomer = f"newcomer{number}"
            house.do("add_user", newcomer, administrator=True)
            outcomes = race(("delete_user", last), ("delete_user", newcomer))
            assert sorted(outcomes) == ["done", "last_administrator"]
            last = newcomer if outcomes[0] == "done" else last
            users = house.view.users.values()
            assert [user.login_name for user in users if user.is_administrator] == [last]
    judge(house)


def test_r1_two_administrators_add_the_same_login_name(house: World, racing: Callable, rounds: int) -> None:
    with racing(house) as race:
        for number in range(rounds):
            outcomes = race(("add_user", f"user{number}"), ("add_user", f"USER{number}"))
            assert sorted(outcomes) == ["done", "login_name_taken"]
            user = house.view.user(f"user{number}")
            assert user is not None
            assert user.login_name == (f"user{number}" if outcomes[0] == "done" else f"USER{number}")
    assert house.view.in_use == rounds + 1
    judge(house)
