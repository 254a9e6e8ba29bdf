"""Files that commands write for keeping: new ones, whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from application.files import PRIVATE, writing_new
from application.permissions import barrier
from interface.cli import streams
from interface.cli.output import language


@contextmanager
def new_file(file: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A new file, whole or not there. Raises FileExists."""
    try:
        with writing_new(file, mode) as stream:
            yield stream
    except OSError as error:
        if streams.has_failed():  # standard output was what could not be written
            raise
        reason = barrier(file, writing=True) or error.strerror
        text = language().say("{file} cannot be written: {reason}.", file=str(file), reason=reason)
        raise click.ClickException(text) from None
