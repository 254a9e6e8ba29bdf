"""Commands of one process take turns; whoever has the turn does what others wait for as well, in one commit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition, RLock
from time import monotonic
from typing import Generic, TypeVar

from application.log.failures import Busy

TURN_TIMEOUT = 3.0
"""Seconds that a command waits for the other commands of its own process."""

MOST_TOGETHER = 64
"""How many commands are done in one turn: others may wait for as long as these take."""

COMPANY_PART, COMPANY_SECONDS = 0.25, 0.005
"""For which part of what the last turn took, and how long at most, the next one waits for as many tasks as that had:
whoever was served comes again soon, if many write, and two commits for what fits into one would take twice as long."""

T = TypeVar("T")


class Turns(Generic[T]):
    """Gives each task to `do`, which is called by one thread at a time with all that wait, the oldest first.

    A commit waits for the disk; those who come meanwhile share the next one.
    """

    def __init__(self, do: Callable[[list[T]], int]) -> None:
        """`do` gives how many of the tasks it has done, the first ones and at least one; it never raises."""
        self._do = do
        lock = RLock()
        self._changed, self._came = Condition(lock), Condition(lock)
        self._is_taken = False
        self._waiting: deque[T] = deque()
        self._begun: list[T] = []
        self._last, self._took = 0, 0.0

    def take(self, task: T) -> None:
        """Have a task done. Raises Busy if no turn came in time; then nobody has begun it."""
        end = monotonic() + TURN_TIMEOUT
        with self._changed:
            self._waiting.append(task)
            self._came.notify()
            while task in self._begun or task in self._waiting:
                if not self._is_taken:
                    self._work()
                elif task in self._begun:
                    self._changed.wait()  # whoever does it comes to an end, and it is not refused any more
                elif not self._changed.wait(max(0, end - monotonic())) and task in self._waiting:
                    self._waiting.remove(task)
                    raise Busy

    def _work(self) -> None:
        """A turn for the tasks that wait now. The lock is not held meanwhile: others come and wait."""
        self._is_taken = True
        company = min(COMPANY_PART * self._took, COMPANY_SECONDS)
        self._came.wait_for(lambda: len(self._waiting) >= self._last, company)
        self._begun = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
        self._last, began = len(self._begun), monotonic()
        self._changed.release()
        try:
            number = self._do(self._begun)
        finally:
            self._changed.acquire()
            self._took = monotonic() - began
            self._is_taken = False
            self._changed.notify_all()
        self._waiting.extendleft(reversed(self._begun[number:]))
        self._begun = []
