"""Files written by hand: a new one for its owner alone, and one replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

PRIVATE = 0o600
"""For the owner alone."""

PUBLIC = 0o644
"""For everybody to read, such as public keys."""


def new_private(path: Path, content: bytes = b"") -> None:
    """Make a new file for its owner alone, never over one that is there; it is on the disk when this returns.

    Raises OSError (FileExistsError if something is there), and then leaves nothing half-written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def replaced(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write `path` anew with this mode, whole or not at all. Raises OSError."""
    with writing_whole(path, mode) as stream:
        stream.write(content)


@contextmanager
def writing_whole(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A stream whose file takes the place of `path` once all of it is on the disk.

    Until then `path` is what it was, and so it stays if the block raises. Raises OSError.
    """
    # Made with 0600, so that nobody can open it before it has its own mode.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
        part = Path(stream.name)
        try:
            yield cast(BinaryIO, stream)  # typeshed gives a wrapper, which is no BinaryIO though it acts as one
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
            part.chmod(mode)
            part.replace(path)
        finally:
            with suppress(OSError):
                stream.close()
            part.unlink(missing_ok=True)
