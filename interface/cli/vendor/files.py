"""The vendor's own files: what keeps one from being read is a refusal of the command's own kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from application.proof.verify_export import Unreadable
from domain.refusals import Problem, Refused


@contextmanager
def reading(file: Path, refused: type[Refused]) -> Iterator[None]:
    """Raises `refused` for what keeps a file from being read, or for what stands in it."""
    try:
        yield
    except Unreadable as unreadable:
        reason = str(unreadable).rstrip(".")
    except OSError as error:
        reason = error.strerror or ""
    else:
        return
    raise refused(problem=Problem("file_failed", path=str(file), reason=reason))
