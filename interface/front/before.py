"""What may answer a request for the application, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from interface.front.asking import Answer, Scope

Later = Callable[[], Answer | None]
"""What gives an answer after a look; None if `Before.answer` must be asked."""


class Before(Protocol):
    """Answers requests for a path that have no body and had come at `came_at` (`time.perf_counter`)."""

    def at_once(self, scope: Scope, came_at: float) -> Answer | Later | None:
        """The answer, if nobody has to wait for it; or what gives it after a look; None if `answer` must be asked."""

    def look(self) -> None:
        """One look for all who wait for it; it may take long, and raises nothing."""

    def answer(self, scope: Scope, came_at: float) -> Answer:
        """The answer, however long it takes."""
