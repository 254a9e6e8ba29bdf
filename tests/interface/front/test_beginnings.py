"""Requests that begin in another thread: who need not wait is done there, all others go on on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from threading import Event, Thread, get_ident
from typing import Any

import pytest

from interface.front.beginnings import Loop, Together, is_on_loop


@contextmanager
def running() -> Iterator[Loop]:
    """Our loop in a thread of its own, as another thread sees it."""
    loop = Loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def hand_over(loop: Loop, request: Coroutine[Any, Any, None]) -> None:
    """What granian does: it has the loop make a task of a coroutine that it has not begun."""
    tasks: list[asyncio.Task[None]] = []
    loop.call_soon_threadsafe(lambda request: tasks.append(loop.create_task(request)), request)


def test_who_waits_for_nothing_is_answered_before_anything_else_happens() -> None:
    threads = []

    async def request() -> None:
        threads.append((get_ident(), is_on_loop()))

    with running() as loop:
        hand_over(loop, request())
        assert threads == [(get_ident(), False)]


def test_who_has_to_wait_goes_on_on_the_loop() -> None:
    places, over = [], Event()

    async def request() -> None:
        places.append(is_on_loop())
        await asyncio.sleep(0)
        places.append(is_on_loop())
        async with asyncio.timeout(60):
            await asyncio.sleep(0.001)
        places.append(is_on_loop())
        over.set()

    with running() as loop:
        hand_over(loop, request())
        assert over.wait(60)
    assert places == [False, True, True]


def test_what_is_no_request_is_done_on_the_loop_as_ever() -> None:
    over, places = Event(), []

    def note(number: int) -> None:
        places.append((number, is_on_loop()))
        over.set()

    with running() as loop:
        loop.call_soon_threadsafe(note, 7)
        assert over.wait(60)
    assert places == [(7, True)]


def test_those_who_wait_together_share_what_began_after_they_came() -> None:
    """While one look goes on, nine come; the next look is theirs, and there is no third."""
    begun, go_on, over, order = Event(), Event(), Event(), list[str]()

    def look() -> None:
        order.append("look")
        begun.set()
        go_on.wait(60)

    together = Together("look", look)

    async def request(name: str) -> None:
        await together
        order.append(name)
        await asyncio.sleep(0)
        assert is_on_loop()
        if order.count("late") == 9 and name == "late":
            over.set()

    with running() as loop:
        hand_over(loop, request("first"))
        assert begun.wait(60)
        for _ in range(9):
            hand_over(loop, request("late"))
        assert order == ["look"], "nobody waits in the thread that hands over"
        go_on.set()
        assert over.wait(60)
    assert order == ["look", "first", "look", *["late"] * 9]


def test_one_that_fails_keeps_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    over, looks = Event(), list[int]()

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 1:
            raise OSError("the first look fails")

    together = Together("look", look)

    async def failing() -> None:
        await together
        raise ValueError("its client is gone")

    async def other() -> None:
        await together
        over.set()

    with running() as loop:
        hand_over(loop, failing())
        hand_over(loop, other())
        assert over.wait(60)
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [OSError, ValueError]
