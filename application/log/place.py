"""Which file stands at a place of a database: an open connection goes on with the one that it opened."""

from __future__ import annotations

import os

File = tuple[int, int]
"""A file as the system tells it from any other: its device and its number there."""


def file_at(path: str) -> File | None:
    """The file at a path; None while there is none, as in the midst of replacing it."""
    try:
        status = os.stat(path)  # noqa: PTH116  asked at every login check: half of what a Path costs
    except OSError:
        return None
    return status.st_dev, status.st_ino
