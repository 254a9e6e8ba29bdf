"""Commands of one process that wait for a turn are stored together, and each gets what became of it alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from application.log import turns
from application.log.failures import Busy, StorageFailed
from application.log.mapper import PersonKeyGone
from application.log.turns import Turns
from domain.refusals import LoginNameTaken
from tests.turn import taken
from tests.world import World


class Desk:
    """Does tasks, the first of them not before it is told to."""

    def __init__(self, at_once: int = 64) -> None:
        self.batches: list[list[str]] = []
        self.begun, self.go_on = Event(), Event()
        self._at_once = at_once
        self.turns = Turns(self.do)

    def do(self, batch: list[str]) -> int:
        self.batches.append(batch[: self._at_once])
        self.begun.set()
        assert self.go_on.wait(20)
        return min(len(batch), self._at_once)

    def crowd(self, threads: ThreadPoolExecutor, *tasks: str) -> list[Future[None]]:
        """The first task begins; the others come in their order and wait."""
        first, *others = tasks
        futures = [threads.submit(self.turns.take, first)]
        assert self.begun.wait(20)
        for number, task in enumerate(others, 1):
            futures.append(threads.submit(self.turns.take, task))
            eventually(lambda number=number: len(self.turns._waiting) == number)
        return futures


def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if condition():
            return
        Event().wait(0.001)
    raise AssertionError("it never came to that")


@pytest.fixture
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8)


def test_those_that_wait_share_the_next_turn(threads: ThreadPoolExecutor) -> None:
    desk = Desk()
    futures = desk.crowd(threads, "a", "b", "c", "d")
    desk.go_on.set()
    assert [future.result(20) for future in futures] == [None] * 4
    assert desk.batches == [["a"], ["b", "c", "d"]]


def test_what_one_turn_leaves_out_the_next_one_does_in_order(threads: ThreadPoolExecutor) -> None:
    desk = Desk(at_once=2)
    futures = desk.crowd(threads, "a", "b", "c", "d")
    desk.go_on.set()
    assert [future.result(20) for future in futures] == [None] * 4
    assert desk.batches == [["a"], ["b", "c"], ["d"]]


def test_a_turn_waits_a_little_for_as_many_as_the_last_one_had(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that those who write all the time share each commit, and do not take every second one by turns."""
    monkeypatch.setattr(turns, "COMPANY_SECONDS", 60)
    desk = Desk()
    desk.go_on.set()
    desk.turns._last, desk.turns._took = 2, 1000
    futures = [threads.submit(desk.turns.take, "a")]
    eventually(lambda: len(desk.turns._waiting) == 1)
    futures.append(threads.submit(desk.turns.take, "b"))
    assert [future.result(20) for future in futures] == [None] * 2
    assert desk.batches == [["a", "b"]]


def test_who_waited_too_long_is_refused_and_never_done(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    (first,) = desk.crowd(threads, "a")
    monkeypatch.setattr(turns, "TURN_TIMEOUT", 0.01)
    with pytest.raises(Busy):
        desk.turns.take("b")
    desk.go_on.set()
    assert first.result(20) is None
    assert desk.batches == [["a"]]


def commands_together(house: World, threads: ThreadPoolExecutor, *commands: Callable[[], object]) -> list[object]:
    """What becomes of commands that wait while one has the turn: a result or an error each."""
    acting = house.licensing._acting
    with taken(acting._turns):
        futures = []
        for number, command in enumerate(commands, 1):
            futures.append(threads.submit(command))
            eventually(lambda number=number: len(acting._turns._waiting) == number)
    return [future.exception(20) or future.result() for future in futures]


def test_a_refusal_is_told_to_its_own_command_alone(house: World, threads: ThreadPoolExecutor) -> None:
    size = house.size()
    results = commands_together(
        house,
        threads,
        lambda: house.add("alice"),
        lambda: house.add("ALICE"),
        lambda: house.do("delete_user", "alice"),
        lambda: house.add("bob"),
    )
    assert [type(result) for result in results] == [type(None), LoginNameTaken, type(None), type(None)]
    assert house.events()[size:] == ["UserAdded", "UserDeleted", "UserAdded"]
    assert len({entry.command_id for entry in house.entries[size:]}) == 3


def test_a_key_that_is_gone_stops_its_own_command_alone(house: World, threads: ThreadPoolExecutor) -> None:
    house.add("alice")
    house.seatledger.licensing._acting.people.drop_keys([str(house.view.account_id("alice"))])
    results = commands_together(
        house,
        threads,
        lambda: house.add("bob"),
        lambda: house.do("rename_user", "alice", "anna"),
        lambda: house.add("carol"),
    )
    assert [type(result) for result in results] == [type(None), PersonKeyGone, type(None)]
    assert house.view.in_use == 4


def test_what_is_not_stored_is_told_to_all(
    house: World, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = house.size()

    def fail(*_: object) -> None:
        raise StorageFailed(reason="disk full")

    with monkeypatch.context() as patched:
        patched.setattr(house.licensing._acting, "_put", fail)
        results = commands_together(house, threads, lambda: house.add("alice"), lambda: house.add("ALICE"))
    assert [type(result) for result in results] == [StorageFailed, StorageFailed], "“taken” would not be true"
    assert house.size() == size
    house.add("alice")
