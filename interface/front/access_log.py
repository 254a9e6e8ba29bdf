"""The access log: a line for every request, written by a thread of its own, many at a time.

In one loop for thousands, and past structlog, which takes fifty times as long for a line (ADR 68).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from os import urandom
from threading import Event, Lock, Thread
from typing import TextIO

from interface.front.asking import Scope
from interface.front.request_ids import BYTES

EVERY = 0.05
"""Seconds for which lines are gathered: written one by one, they cost a third of a login check."""

_Line = tuple[float, float, str, str, str, int, str | None]
"""When a request came and was answered (`time.perf_counter`), from where, the method, the route, the status, the id.

A plain login check has no id so far, if none was sent: for many at a time they are made in a fifth of the time.
"""

_Texts = Callable[[list[_Line], float], Iterator[str]]
"""Lines as text; the number is when `time.perf_counter` was zero."""


class AccessLog:
    """Time, address, method, route, status, milliseconds and id of every request; any thread may use it.

    `form` is “text” or “json”. Of the path only the route is written, so no request writes lines of its own, and no
    name stands in a log (P5).
    """

    def __init__(self, stream: TextIO, form: str = "text") -> None:
        self._stream = stream
        self._texts: _Texts = {"text": _for_people, "json": _as_json}[form]
        self._lines: deque[_Line] = deque()  # any thread adds to it, without a lock
        self._writing = Lock()
        self._come = Event()
        Thread(target=self._run, name="access-log", daemon=True).start()

    def note(self, scope: Scope, route: str, came_at: float, status: int, request_id: str | None) -> None:
        """A request that came at a moment (`time.perf_counter`) was answered just now."""
        line = (came_at, time.perf_counter(), scope["client"][0], scope["method"], route, status, request_id)
        self._lines.append(line)
        if not self._come.is_set():
            self._come.set()

    def write(self) -> None:
        """Write what was gathered; also at the end, when nothing comes any more."""
        with self._writing:
            since_zero = time.time() - time.perf_counter()
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            try:
                self._stream.write("".join(self._texts(lines, since_zero)))
                self._stream.flush()
            except OSError:
                pass  # nobody reads it, or the disk is full: requests are answered all the same

    def _run(self) -> None:
        while self._come.wait():
            time.sleep(EVERY)
            self._come.clear()
            self.write()


def _for_people(lines: list[_Line], since_zero: float) -> Iterator[str]:
    seconds, ids, at = _LocalSeconds(), urandom(BYTES * len(lines)).hex(), 0
    for came_at, answered_at, address, method, route, status, request_id in lines:
        at += 2 * BYTES
        yield (
            f'{seconds[int(came_at + since_zero)]} {address} "{method} {route}" {status} '
            f"{(answered_at - came_at) * 1000:.1f} ms {request_id or ids[at - 2 * BYTES : at]}\n"
        )


def _as_json(lines: list[_Line], since_zero: float) -> Iterator[str]:
    """With the members of the log's other lines (logs.py). No text in it has anything that JSON would escape.

    The address is granian's, the route ours, the id of a safe form (request_ids.py), and a method is a token (RFC 9110,
    section 5.6.2), as the server refuses all others.
    """
    seconds, ids, at = _Seconds(), urandom(BYTES * len(lines)).hex(), 0
    for came_at, answered_at, address, method, route, status, request_id in lines:
        at += 2 * BYTES
        came = came_at + since_zero
        yield (
            f'{{"timestamp":"{seconds[int(came)]}.{int(came % 1 * 1000):03d}Z","level":"info",'
            f'"logger":"seatledger.access","event":"request","address":"{address}","method":"{method}",'
            f'"route":"{route}","status":{status},"milliseconds":{(answered_at - came_at) * 1000:.1f},'
            f'"request_id":"{request_id or ids[at - 2 * BYTES : at]}"}}\n'
        )


class _LocalSeconds(dict[int, str]):
    """How seconds are written for people, each looked up once."""

    def __missing__(self, second: int) -> str:
        self[second] = text = datetime.fromtimestamp(second).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        return text


class _Seconds(dict[int, str]):
    """How seconds are written in JSON, in UTC and without a zone, each looked up once."""

    def __missing__(self, second: int) -> str:
        self[second] = text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return text
