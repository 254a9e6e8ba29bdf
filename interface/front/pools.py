"""Threads for one kind of request, with a line of bounded length before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Generic, NamedTuple, TypeVar

from interface.front.refusals import ServerBusy

T = TypeVar("T")


class _Task(NamedTuple, Generic[T]):
    work: Callable[[], T]
    loop: asyncio.AbstractEventLoop
    result: asyncio.Future[T]


class WorkFailed(Exception):
    """What went wrong is its cause."""


class Pool(Generic[T]):
    """At most `threads` at work and `line` waiting; whoever comes then is refused at once, and waits for nothing.

    Not concurrent.futures: its futures with their locks cost a login check a tenth of its time, and its line has no
    end.
    """

    def __init__(self, name: str, *, threads: int, line: int) -> None:
        self._most = threads + line
        self._under_way = 0  # counted on the event loop alone, hence without a lock
        self._tasks: SimpleQueue[_Task[T]] = SimpleQueue()
        for number in range(1, threads + 1):
            Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` gives, done by one of the threads. Raises ServerBusy, WorkFailed."""
        if self._under_way >= self._most:
            raise ServerBusy
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        self._under_way += 1
        try:
            self._tasks.put(_Task(work, loop, result))
            return await result
        finally:
            self._under_way -= 1

    def _work(self) -> None:
        while True:
            work, loop, result = self._tasks.get()
            try:
                outcome = work()
            except BaseException as error:  # whatever it is: the caller is told, and the thread goes on
                loop.call_soon_threadsafe(result.set_exception, _failed(error))
            else:
                loop.call_soon_threadsafe(result.set_result, outcome)


def _failed(error: BaseException) -> WorkFailed:
    """Never the error itself: SystemExit would end the event loop, and no future takes a StopIteration."""
    failed = WorkFailed(repr(error))
    failed.__cause__ = error
    return failed
