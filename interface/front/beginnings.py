"""Where requests begin: in the thread in which granian hands them over, not on the event loop (ADR 48)."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import CoroutineType
from typing import TYPE_CHECKING, TypeVarTuple, Unpack

from granian import loops

if TYPE_CHECKING or sys.platform != "win32":
    _Loop = asyncio.SelectorEventLoop
else:
    _Loop = asyncio.ProactorEventLoop

_Ts = TypeVarTuple("_Ts")

log = logging.getLogger("seatledger.front")

give_way: Callable[[], None] = getattr(os, "sched_yield", lambda: None)
"""Lets others go first who are ready to run on this processor; not on Windows."""

LOOP = "seatledger"
"""The name by which granian knows our loop."""

GoOn = Callable[[], None]

Request = Coroutine[Callable[[GoOn], None] | None, None, None]
"""What answers one request. It yields None to go on on the event loop, or a function that says when it goes on."""


class Loop(_Loop):
    """asyncio's loop, but a coroutine that another thread hands over is begun there and then (ADR 48).

    At the first None that it yields, as `asyncio.sleep(0)` does, it goes on on the loop, as if it had been begun there.
    If granian handed over anything else some day, that would run on the loop as ever.
    """

    def __init__(self) -> None:
        super().__init__()
        self._no_handle = asyncio.Handle(_nothing, (), self)

    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[_Ts]], object],  # object: as asyncio has it
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        if not args or type(args[0]) is not CoroutineType:
            return super().call_soon_threadsafe(callback, *args, context=context)
        try:
            wait = args[0].send(None)
        except StopIteration:  # as a plain login check does, which finds nothing more to do here
            return self._no_handle
        later = super().call_soon_threadsafe
        _await(wait, args[0], partial(later, callback, *args, context=context))
        return self._no_handle


def _go_on(request: Request, on_loop: Callable[[], object]) -> None:  # object: whatever it gives is let go
    """Do what can be done of a request in this thread; `on_loop` does the rest if it asks for the loop."""
    try:
        wait = request.send(None)
    except StopIteration:
        return
    _await(wait, request, on_loop)


def _await(
    wait: Callable[[GoOn], None] | None,
    request: Request,
    on_loop: Callable[[], object],  # object: whatever it gives is let go
) -> None:
    """Let a request go on where it asks for it."""
    if wait is None:
        on_loop()
    else:
        wait(partial(_go_on, request, on_loop))


def is_on_loop() -> bool:
    """Whether this is the event loop's own thread."""
    return asyncio._get_running_loop() is not None  # get_running_loop raises, which takes ten times as long


class Together:
    """A thread that does a piece of work once for all requests that wait when it begins, and then goes on with each."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:  # object: whatever it gives is let go
        self._work = work
        self._waiting: SimpleQueue[GoOn] = SimpleQueue()
        Thread(target=self._run, name=name, daemon=True).start()

    def __await__(self) -> Generator[Callable[[GoOn], None], None, None]:
        yield self._waiting.put

    def _run(self) -> None:
        while True:
            for each in (self._work, *self._all_who_wait()):
                try:
                    each()
                except Exception:  # whatever it is: all who come later wait for this thread
                    log.exception("What requests wait for could not be done, or one of them not go on.")

    def _all_who_wait(self) -> list[GoOn]:
        """The requests that wait, once there is one; those that are just coming are let in first.

        So one piece of work is for six requests instead of three, and each costs a quarter less (ADR 48).
        """
        waiting = [self._waiting.get()]
        give_way()
        while not self._waiting.empty():
            waiting.append(self._waiting.get())
        return waiting


@loops.register(LOOP)
def new_loop() -> asyncio.AbstractEventLoop:
    """Our loop, as granian's own builders make theirs."""
    loop = Loop()
    asyncio.set_event_loop(loop)
    return loop


def _nothing() -> None:
    """What is still to do of a request that was answered at once."""
