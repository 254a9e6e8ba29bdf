"""What the signer remembers: the newest note that it signed, in a file of its own beside the log key (ADR 33)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from application.files import read_small, reason_of, replaced
from application.proof.verify_export import (
    Checkpoint,
    LogKey,
    NoteInvalid,
    from_base64,
    read_checkpoint,
    text_of_checkpoint,
)
from domain.refusals import Problem, Refused

SUFFIX = ".signed"


class SignerMemoryUnusable(Refused):
    """What was signed last cannot be read or kept, or somebody else signed it: nothing is signed."""

    code = "signer_memory_unusable"


@dataclass(frozen=True)
class SignerMemory:
    """The file that whoever can write the database cannot write: by it a log that was taken back is known."""

    path: Path

    @classmethod
    def beside(cls, log_key: Path) -> Self:
        """The memory of whoever signs with the key in this file."""
        return cls(log_key.with_name(f"{log_key.name}{SUFFIX}"))

    def note(self) -> str | None:
        """The newest note that was signed; None if nothing is remembered. Raises SignerMemoryUnusable."""
        try:
            return read_small(self.path).decode()
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = reason_of(error, self.path)
            raise SignerMemoryUnusable(
                problem=Problem("memory_unreadable", path=str(self.path), reason=reason)
            ) from None
        except UnicodeDecodeError:
            raise self._damaged() from None

    def checkpoint(self, note: str, origin: str, keys: Sequence[LogKey]) -> Checkpoint:
        """What a remembered note says, which one of `keys` signed for the log of this name.

        Raises SignerMemoryUnusable.
        """
        try:
            other = text_of_checkpoint(note).origin
            if other != origin:
                problem = Problem("memory_of_another", path=str(self.path), other=other.partition("/")[2])
                raise SignerMemoryUnusable(problem=problem)
            if not names_one_of(keys, note):
                raise SignerMemoryUnusable(problem=Problem("memory_by_another_key", path=str(self.path)))
            return read_checkpoint(note, keys)
        except NoteInvalid:
            raise self._damaged() from None

    def keep(self, note: str) -> None:
        """Remember this note instead of any before it; it is on the disk when this returns. Raises as `note` does."""
        try:
            replaced(self.path, note.encode())
        except OSError as error:
            reason = reason_of(error, self.path, writing=True)
            problem = Problem("memory_not_written", path=str(self.path), reason=reason)
            raise SignerMemoryUnusable(problem=problem) from None

    def kept_at(self) -> datetime | None:
        """When the file was written, as the file system says; None if it does not."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except OSError:
            return None

    def _damaged(self) -> SignerMemoryUnusable:
        return SignerMemoryUnusable(problem=Problem("memory_damaged", path=str(self.path)))


def names_one_of(keys: Sequence[LogKey], note: str) -> bool:
    """Whether a signature line names one of the keys. Raises NoteInvalid for what is no signature line."""
    ids = {(key.name, key.key_id) for key in keys}
    try:
        lines = [line.split(" ") for line in note.rpartition("\n\n")[2].splitlines()]
        return any((name, from_base64(signature)[:4]) in ids for _, name, signature in lines)
    except ValueError:
        raise NoteInvalid from None
