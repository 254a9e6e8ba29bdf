"""The external anchor: a license key may carry the last checkpoint that the vendor saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from application.proof.verify_export import (
    Checkpoint,
    Frontier,
    NoteInvalid,
    origin_of,
    read_checkpoint,
    read_vkey,
    text_of_checkpoint,
    to_base64,
)
from domain.license import License
from domain.refusals import Problem, Refused

SIZE_CLAIM = "x_log_size"
ROOT_CLAIM = "x_log_root"


class AnchorUnusable(Refused):
    """A checkpoint cannot go into a license key."""

    code = "anchor_unusable"


class Anchor(NamedTuple):
    """The size and the root (base64) of a log, as the vendor saw them."""

    size: int
    root: str

    @classmethod
    def of(cls, license: License) -> Self | None:
        """The anchor that a license key carries; None if it carries none, or no whole one."""
        size, root = license.other_claims.get(SIZE_CLAIM), license.other_claims.get(ROOT_CLAIM)
        return cls(size, root) if isinstance(size, int) and isinstance(root, str) else None

    @staticmethod
    def claims(checkpoint: Checkpoint) -> dict[str, str | int]:
        """The claims by which a license key carries a checkpoint."""
        return {SIZE_CLAIM: checkpoint.size, ROOT_CLAIM: to_base64(checkpoint.root)}

    def is_extended_by(self, leaves: Iterable[tuple[int, bytes]]) -> bool:
        """Whether a log with these leaves (position and leaf, oldest first) begins with what the vendor saw."""
        tree = Frontier()
        for position, leaf in leaves:
            if tree.size == self.size or position != tree.size + 1:
                break
            tree.append(leaf)
        return tree.size == self.size and to_base64(tree.root()) == self.root


def checkpoint_to_anchor(note: str, vkeys: Sequence[str] | None) -> tuple[str, Checkpoint]:
    """The installation's UUID and the checkpoint that a note says; signed with one of `vkeys`, unchecked if None.

    Raises AnchorUnusable.
    """
    try:
        keys = None if vkeys is None else [read_vkey(vkey) for vkey in vkeys]
        checkpoint = text_of_checkpoint(note) if keys is None else read_checkpoint(note, keys)
    except NoteInvalid as error:
        raise AnchorUnusable(problem=Problem("note_unfit", reason=str(error))) from None
    installation_id = checkpoint.origin.removeprefix("seatledger/")
    if not _is_installation(installation_id, checkpoint.origin):
        raise AnchorUnusable(problem=Problem("of_no_installation", origin=repr(checkpoint.origin)))
    if keys is not None and checkpoint.origin not in {key.name for key in keys}:
        raise AnchorUnusable(problem=Problem("log_key_of_another"))
    return installation_id, checkpoint


def _is_installation(installation_id: str, origin: str) -> bool:
    try:
        return origin == origin_of(installation_id)
    except ValueError:
        return False
