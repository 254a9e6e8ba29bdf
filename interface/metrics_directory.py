"""Where the workers of a server share what they have counted, for as long as it runs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""By it prometheus_client knows the directory, in every process that is made afterwards."""

_STARTED = "started"


IN_MEMORY = "/dev/shm"  # noqa: S108  the directory in it is private
"""Where it is if that is there: counts are written all the time, and are nothing for a disk."""

log = logging.getLogger("seatledger.metrics")


@contextmanager
def metrics_directory() -> Iterator[None]:
    """A directory for the counts of the workers that are started within; without one, each counts for itself."""
    directory = _directory_in(IN_MEMORY) or _directory_in(None)
    if directory is None:
        yield
        return
    with directory as path:
        (Path(path) / _STARTED).write_text(datetime.now(UTC).isoformat())
        os.environ[VARIABLE] = path
        try:
            yield
        finally:
            del os.environ[VARIABLE]


def _directory_in(parent: str | None) -> TemporaryDirectory[str] | None:
    try:
        return TemporaryDirectory(prefix="seatledger-metrics-", dir=parent, ignore_cleanup_errors=True)
    except OSError:
        return None


def warn_if_none() -> None:
    """Say in a worker's log that nobody adds up what the workers count: logins matter more, and go on."""
    if VARIABLE not in os.environ:
        log.warning("/metrics tells what one worker has counted: there is no directory for temporary files to share.")


def started_in(directory: Path) -> datetime:
    """When the server was started whose counts are in a directory."""
    return datetime.fromisoformat((directory / _STARTED).read_text())
