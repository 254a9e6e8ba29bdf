"""What the server does now and then beside its answers: a thread that whatever goes wrong does not end."""

from __future__ import annotations

from collections.abc import Callable
from random import uniform
from threading import Event, Thread

from application.log.failures import database_errors, reason
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import Refused

PAUSE = 0.05
"""Seconds between two slices of long work: two thirds of the time is left to whoever asks."""


class EndOfTimer(BaseException):
    """The timer is to end in the midst of its work."""


class Timer(Thread):
    """Does its work at intervals; what keeps it from it is said once, and logins go on.

    Every worker has one. They look at different moments, so the first finds work and the others none. It ends with its
    process.
    """

    def __init__(self, name: str, *, interval: float) -> None:
        """`interval` is in seconds."""
        super().__init__(name=name, daemon=True)
        self._interval = interval
        self._stopping = Event()
        self._last_texts: dict[str, str] = {}

    def run(self) -> None:
        while not self.is_over_after(self._interval):
            self.look()

    def is_over_after(self, seconds: float) -> bool:
        """Wait for about so many seconds, each worker for others; whether the timer is to end."""
        return self._stopping.wait(seconds * uniform(0.8, 1.2))  # noqa: S311  no secret

    def look(self) -> None:
        """Work now."""
        self.attempt(self.work, self.complain)

    def attempt(self, work: Callable[[], None], complain: Callable[[str], None]) -> None:
        """Do a piece of work; say once what keeps us from it, and again only after it went well."""
        name = work.__name__
        try:
            work()
            self._last_texts.pop(name, None)
        except EndOfTimer:
            pass  # whoever goes on finds that it is over
        except Exception as problem:
            text = _text(problem)
            if text != self._last_texts.get(name):
                complain(text)
            self._last_texts[name] = text

    def work(self) -> None:
        """What is to be done; any exception is what kept us from it."""
        raise NotImplementedError

    def complain(self, reason: str) -> None:
        """Say in the log what kept us from it."""
        raise NotImplementedError

    def pause(self) -> None:
        """Let others have their turn in the midst of long work; ends it when the timer is to end."""
        if self._stopping.wait(PAUSE):
            raise EndOfTimer

    def stop(self) -> None:
        """Let it end, and wait until it has."""
        self._stopping.set()
        self.join()


def _text(problem: Exception) -> str:
    """What went wrong, in a line; a database's error without the statement that met it."""
    if isinstance(problem, Refused):
        return sentence(problem, ENGLISH)
    return reason(problem) if isinstance(problem, database_errors()) else str(problem)
