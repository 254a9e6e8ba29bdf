"""The access log: a line for every request, written by a thread of its own, many at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from threading import Event, Lock, Thread
from typing import TextIO

from interface.front.asking import Scope

EVERY = 0.05
"""Seconds for which lines are gathered: written one by one, they cost a third of a login check."""

_Line = tuple[float, float, str, str, str, int]
"""When a request came and was answered (`time.perf_counter`), from where, the method, the route, and the status."""


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
        self._lines.append((came_at, time.perf_counter(), scope["client"][0], scope["method"], route, status))
        if not self._come.is_set():
            self._come.set()

    def write(self) -> None:
        """Write what was gathered; also at the end, when nothing comes any more."""
        with self._writing:
            since_zero = time.time() - time.perf_counter()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            try:
                self._stream.write("".join(_texts_of(lines, since_zero)))
                self._stream.flush()
            except OSError:
                pass  # nobody reads it, or the disk is full: requests are answered all the same

    def _run(self) -> None:
        while self._come.wait():
            time.sleep(EVERY)
            self._come.clear()
            self.write()


def _texts_of(lines: list[_Line], since_zero: float) -> Iterator[str]:
    """Lines as text, in one loop, as there are thousands; `since_zero` is when `time.perf_counter` was zero."""
    seconds = Seconds()
    for came_at, answered_at, address, method, route, status in lines:
        at = seconds[int(came_at + since_zero)]
        yield f'{at} {address} "{method} {route}" {status} {(answered_at - came_at) * 1000:.1f} ms\n'


class Seconds(dict[int, str]):
    """How seconds are written, each looked up once."""

    def __missing__(self, second: int) -> str:
        self[second] = text = datetime.fromtimestamp(second).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        return text
