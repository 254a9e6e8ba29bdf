"""Where tests write: in memory, where there is room for it, since waiting for disks is no part of what they show."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108  pytest makes a private directory in it
ROOM = 2 << 30
"""What one run may have at once: a bare machine takes 300 MB, and two processes run tests."""


def pytest_configure() -> None:
    """`--basetemp` and PYTEST_DEBUG_TEMPROOT, pytest's own ways to say where, go before."""
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
