"""V1: the tree against published vectors of Certificate Transparency, and every root to 70 leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from application.proof.verify_export import Frontier, entry, leaf, leaf_hash
from tests.proof_examples import root

GOLDEN = Path(__file__).parents[2] / "golden" / "merkle"
VECTORS = json.loads((GOLDEN / "rfc6962.json").read_text(encoding="utf-8"))
LEAVES = [leaf_hash(bytes.fromhex(data)) for data in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(text) for text in VECTORS["roots"]]
SEVENTY = [leaf_hash(b"leaf %d" % number) for number in range(70)]


def root_by_the_book(leaves: Sequence[bytes]) -> bytes:
    """The recursive definition of RFC 6962, section 2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root_by_the_book(leaves[:split]) + root_by_the_book(leaves[split:])).digest()


def test_the_leaf_of_a_stored_event_is_as_documented() -> None:
    golden = json.loads((GOLDEN / "leaf.json").read_text(encoding="utf-8"))
    state = bytes.fromhex(golden["state"])
    originator = UUID(golden["originator_id"])
    assert entry(originator, golden["position"], golden["topic"], state).hex() == golden["entry"]
    assert leaf(originator, golden["position"], golden["topic"], state).hex() == golden["leaf"]
    assert leaf(originator.hex, golden["position"], golden["topic"], state).hex() == golden["leaf"]


def test_bytes_moved_from_one_field_to_the_next_give_another_leaf() -> None:
    originator = UUID(int=7)
    assert leaf(originator, 1, "seatledger:A", b"Bstate") != leaf(originator, 1, "seatledger:AB", b"state")


def test_an_originator_that_is_no_uuid_has_no_leaf() -> None:
    with pytest.raises(ValueError, match="32 hexadecimal characters"):
        leaf("7d3c1f5a", 1, "seatledger:A", b"")


def test_roots_are_those_of_certificate_transparency() -> None:
    assert root([]).hex() == VECTORS["empty_root"]
    assert [root(LEAVES[:size]) for size in range(1, 9)] == ROOTS


def test_the_frontier_knows_the_root_at_every_size() -> None:
    frontier = Frontier()
    assert frontier.root() == root_by_the_book([])
    for size, one in enumerate(SEVENTY, 1):
        frontier.append(one)
        assert frontier.size == size
        assert frontier.root() == root_by_the_book(SEVENTY[:size])
