"""How often each decision was given at the door, by one process."""

from __future__ import annotations

from collections import Counter
from threading import Lock

DoorAnswer = tuple[str, str]
"""A decision and its code, as a login check answers them (L1)."""


class LoginCounts:
    """Counts decisions about now. Threads may share it: to count is one entry of a dictionary."""

    def __init__(self) -> None:
        self._counts: Counter[DoorAnswer] = Counter()
        self._lock = Lock()

    def note(self, decision: str, code: str) -> None:
        """A decision was given."""
        with self._lock:
            self._counts[decision, code] += 1

    def take(self) -> Counter[DoorAnswer]:
        """What was counted since it was taken last."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken
