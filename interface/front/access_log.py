"""The access log: a line for every request, written by a thread of its own, many at a time."""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime
from functools import lru_cache
from threading import Event, Lock, Thread
from typing import TextIO

from interface.front.asking import Scope

EVERY = 0.05
"""Seconds for which lines are gathered: written one by one, they cost a third of a login check."""

_Line = tuple[float, float, str, str, str, int]
"""When an answer was given, how many seconds it took, to whom, the method, the route, and its status."""


class AccessLog:
    """Time, address, method, route, status and milliseconds of every request; any thread may use it.

    Of the path only the route is written, so no request writes lines of its own, and no name stands in a log (P5).
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[_Line] = deque()  # any thread adds to it, without a lock
        self._writing = Lock()
        self._come = Event()
        Thread(target=self._run, name="access-log", daemon=True).start()

    def note(self, scope: Scope, route: str, came_at: float, status: int) -> None:
        """A request that came at a moment (`time.perf_counter`) was answered just now."""
        took = time.perf_counter() - came_at
        self._lines.append((time.time(), took, scope["client"][0], scope["method"], route, status))
        if not self._come.is_set():
            self._come.set()

    def write(self) -> None:
        """Write what was gathered; also at the end, when nothing comes any more."""
        with self._writing:
            lines = [_text_of(self._lines.popleft()) for _ in range(len(self._lines))]
            try:
                self._stream.write("".join(lines))
                self._stream.flush()
            except OSError:
                pass  # nobody reads it, or the disk is full: requests are answered all the same

    def _run(self) -> None:
        while self._come.wait():
            time.sleep(EVERY)
            self._come.clear()
            self.write()


def _text_of(line: _Line) -> str:
    answered, took, address, method, route, status = line
    return f'{_spell(int(answered - took))} {address} "{method} {route}" {status} {took * 1000:.1f} ms\n'


@lru_cache(maxsize=4)
def _spell(second: int) -> str:
    return datetime.fromtimestamp(second).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
