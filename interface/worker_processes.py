"""How granian keeps its workers, each a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import wait
from typing import Any

from granian.server import MPServer
from granian.server.mp import WorkerProcess

from interface.front import Front

LoadFront = Callable[[], Front]


class Server(MPServer):
    """granian's own, which asks truly whether a worker that it ends still lives, and can pin workers to processors.

    Two of its threads wait for the same process. The kernel tells only one of them of its end, and until that one has
    written it down the other believes that the worker lives, and says that it had to be killed.
    """

    pin_workers = False

    def _spawn_worker(  # type: ignore[override]  # as granian's own is, not as its base
        self,
        idx: int,
        target: Any,  # Any: as granian has it
        callback_loader: LoadFront,
    ) -> WorkerProcess:
        loader = partial(_pinned, idx, callback_loader) if self.pin_workers else callback_loader
        worker = super()._spawn_worker(idx, target, loader)
        worker.is_alive = lambda: not wait([worker.inner.sentinel], timeout=0)  # type: ignore[method-assign]
        return worker


def _pinned(number: int, load_front: LoadFront) -> Front:
    """The front of a worker, which stays on one of the processors that the server may use, whichever is its turn."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[number % len(processors)]})
    return load_front()
