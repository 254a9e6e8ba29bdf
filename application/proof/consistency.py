"""Consistency proofs (RFC 9162, section 2.1.4): that a log begins with what an earlier checkpoint covers."""

from __future__ import annotations

from collections.abc import Sequence

from application.proof.verify_export import Frontier, node_hash


def consistency_proof(earlier: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that lead from the root over the first `earlier` leaves to the root over all of them.

    Empty if both are the same, and for an empty earlier log. `earlier` is at most as many as there are leaves.
    """
    if not 0 <= earlier <= len(leaves):
        raise ValueError("There are fewer leaves than the earlier checkpoint covers.")
    return _subproof(earlier, leaves, is_whole=True) if earlier else []


def is_consistent(
    earlier: tuple[int, bytes],
    later: tuple[int, bytes],
    proof: Sequence[bytes],
) -> bool:
    """Whether the proof leads from the earlier size and root to the later ones (RFC 9162, section 2.1.4.2)."""
    (size, root), (later_size, later_root) = earlier, later
    if not 0 < size <= later_size:
        return False
    if size == later_size:
        return root == later_root and not proof
    path = [root, *proof] if size & (size - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = size - 1, later_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and old == root and new == later_root


def _subproof(earlier: int, leaves: Sequence[bytes], *, is_whole: bool) -> list[bytes]:
    size = len(leaves)
    if earlier == size:
        return [] if is_whole else [_root(leaves)]
    split = 1 << (size - 1).bit_length() - 1
    if earlier <= split:
        return [*_subproof(earlier, leaves[:split], is_whole=is_whole), _root(leaves[split:])]
    return [*_subproof(earlier - split, leaves[split:], is_whole=False), _root(leaves[:split])]


def _root(leaves: Sequence[bytes]) -> bytes:
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()
