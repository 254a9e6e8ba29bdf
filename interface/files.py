"""Files that nobody but their owner can read: the database and what must stay secret."""

from __future__ import annotations

import os
from pathlib import Path

from application.log import Log
from interface.settings import SettingsInvalid


def make_private(path: Path, content: bytes = b"") -> None:
    """Make a new file with mode 0600; what SQLite puts beside a database gets the database's mode.

    Raises SettingsInvalid if it cannot be made, or is there already.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise SettingsInvalid(f"{path} cannot be made: {error.strerror}.") from None


def make_database(log: Log) -> None:
    """Make an empty database. Raises SettingsInvalid if it cannot be made, or is there already."""
    try:
        log.make()
    except OSError as error:
        raise SettingsInvalid(f"{log.place} cannot be made: {error.strerror}.") from None
