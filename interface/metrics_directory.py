"""Where the workers of a server share what they have counted, for as long as it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""By it prometheus_client knows the directory, in every process that is made afterwards."""

_STARTED = "started"


@contextmanager
def metrics_directory() -> Iterator[None]:
    """A directory for the counts of the workers that are started within."""
    with TemporaryDirectory(prefix="seatledger-metrics-", ignore_cleanup_errors=True) as directory:
        (Path(directory) / _STARTED).write_text(datetime.now(UTC).isoformat())
        os.environ[VARIABLE] = directory
        try:
            yield
        finally:
            del os.environ[VARIABLE]


def started_in(directory: Path) -> datetime:
    """When the server was started whose counts are in a directory."""
    return datetime.fromisoformat((directory / _STARTED).read_text())
