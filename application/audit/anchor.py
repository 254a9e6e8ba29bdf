"""The external anchor: a license key may carry the last checkpoint that the vendor saw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

from application.audit.merkle import Frontier
from application.audit.verify_export import Checkpoint, to_base64
from domain.license import License

SIZE_CLAIM = "x_log_size"
ROOT_CLAIM = "x_log_root"


class Anchor(NamedTuple):
    """The size and the root (base64) of a log, as the vendor saw them."""

    size: int
    root: str

    @classmethod
    def of(cls, license: License) -> Self | None:  # noqa: A002  the field's own word
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
