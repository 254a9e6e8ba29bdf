"""The access log: a line for every request, written a few at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TextIO

from interface.front.asking import Scope

EVERY = 0.05
"""Seconds for which lines are gathered: written one by one, they cost a third of a login check."""


class AccessLog:
    """Time, address, method, route, status and milliseconds of every request; used on the event loop alone.

    Of the path only the route is written, so no request writes lines of its own, and no name stands in a log (P5).
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []

    def begin(self, scope: Scope, route: str) -> Callable[[int], None]:
        """Notes when a request came, and for which route; what it gives is called with the status of its answer."""
        came, began = time.time(), time.perf_counter()

        def end(status: int) -> None:
            if not self._lines:
                asyncio.get_running_loop().call_later(EVERY, self.write)
            took = (time.perf_counter() - began) * 1000
            self._lines.append(
                f'{_spell(int(came))} {scope["client"][0]} "{scope["method"]} {route}" {status} {took:.1f} ms\n'
            )

        return end

    def write(self) -> None:
        """Write what was gathered; also at the end, when nothing comes any more."""
        lines, self._lines = self._lines, []
        try:
            self._stream.write("".join(lines))
            self._stream.flush()
        except OSError:
            pass  # nobody reads it, or the disk is full: requests are answered all the same


@lru_cache(maxsize=4)
def _spell(second: int) -> str:
    return datetime.fromtimestamp(second).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
