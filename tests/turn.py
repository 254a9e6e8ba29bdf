"""A turn in which nothing is done: so commands wait, as many as a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from application.log.turns import Turns


@contextmanager
def taken(turns: Turns[Any]) -> Iterator[None]:
    """Whoever comes meanwhile waits, and one of them does all of it afterwards."""
    with turns._changed:
        assert not turns._is_taken
        turns._is_taken = True
    try:
        yield
    finally:
        with turns._changed:
            turns._is_taken = False
            turns._changed.notify_all()
