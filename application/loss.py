"""A log that was taken back to a backup: what is lost of it, and the checkpoint by which an auditor accepts that."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from application.proof.verify_export import Checkpoint, LogKey, NoteInvalid, read_checkpoint
from domain.refusals import Problem, Refused


class LossNotAccepted(Refused):
    """What an auditor brings does not show that the log is what it was up to there; nothing is signed."""

    code = "loss_not_accepted"


class Loss(NamedTuple):
    """A log that was taken back: it extends an auditor's checkpoint, the proof, and not the one signed last.

    `events` is how many it has now; `lost_at` is when the lost checkpoint was signed, if that is known.
    """

    proof: Checkpoint
    lost: Checkpoint
    lost_at: datetime | None
    events: int


def largest_signed(id_: UUID, notes: Sequence[str], log_key: LogKey) -> Checkpoint:
    """What the largest of an auditor's notes says that the log key signed. Raises LossNotAccepted."""
    ours = []
    for note in notes:
        with suppress(NoteInvalid):
            ours.append(read_checkpoint(note, [log_key]))
    if ours:
        return max(ours, key=lambda checkpoint: checkpoint.size)
    others = sorted({note.partition("\n")[0].partition("/")[2] for note in notes} - {str(id_)})
    if others:
        raise LossNotAccepted(problem=Problem("kept_of_another", other=others[0], own=str(id_)))
    raise LossNotAccepted(problem=Problem("kept_not_signed"))
