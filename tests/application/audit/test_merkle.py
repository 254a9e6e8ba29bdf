"""V1: the tree against published vectors of Certificate Transparency, all proofs to 70 leaves, and mutated ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from application.audit.merkle import (
    Frontier,
    consistency_proof,
    entry,
    inclusion_proof,
    leaf,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

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


def mutations(proof: list[bytes], *more: bytes) -> Iterator[list[bytes]]:
    """Proofs that differ from `proof`: a bit flipped, an element dropped, doubled, swapped, added at either end."""
    for at, element in enumerate(proof):
        flipped = bytes([element[0] ^ 1 << at % 8]) + element[1:]
        yield [*proof[:at], flipped, *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], element, *proof[at:]]
        yield [*proof[:at], element[:-1], *proof[at + 1 :]]
        yield [*proof[:at], element + b"\0", *proof[at + 1 :]]
    for at in range(len(proof) - 1):
        if proof[at] != proof[at + 1]:
            yield [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]
    for element in (b"", b"\0" * 32, *more):
        yield [*proof, element]
        yield [element, *proof]


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


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=str)
def test_inclusion_proofs_are_those_of_certificate_transparency(vector: dict[str, object]) -> None:
    index, size, proof = vector["index"], vector["size"], [bytes.fromhex(text) for text in vector["proof"]]
    assert inclusion_proof(LEAVES[:size], index) == proof
    assert verify_inclusion(proof, index, size, LEAVES[index], ROOTS[size - 1])


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=str)
def test_consistency_proofs_are_those_of_certificate_transparency(vector: dict[str, object]) -> None:
    old, new, proof = vector["old"], vector["new"], [bytes.fromhex(text) for text in vector["proof"]]
    assert consistency_proof(LEAVES, old, new) == proof
    assert verify_consistency(proof, old, new, ROOTS[old - 1], ROOTS[new - 1])


def test_the_frontier_knows_the_root_at_every_size_and_can_be_taken_up_again() -> None:
    frontier = Frontier()
    for size, one in enumerate(SEVENTY, 1):
        frontier.append(one)
        frontier = Frontier(frontier.size, frontier.peaks)
        assert frontier.size == size
        assert frontier.root() == root_by_the_book(SEVENTY[:size])
        assert len(frontier.peaks) <= 7


def test_a_frontier_with_the_wrong_number_of_peaks_is_refused() -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        Frontier(6, (SEVENTY[0],))


def test_every_inclusion_proof_to_seventy_leaves_verifies_and_no_mutated_one_does() -> None:
    for size in range(1, 71):
        leaves, whole = SEVENTY[:size], root_by_the_book(SEVENTY[:size])
        for index in range(size):
            proof = inclusion_proof(leaves, index)
            assert verify_inclusion(proof, index, size, leaves[index], whole)
            for wrong in mutations(proof, whole, leaves[index]):
                assert not verify_inclusion(wrong, index, size, leaves[index], whole)
            for wrong_index in (index - 1, index + 1, index ^ 2, -1, size, size + index):
                assert not verify_inclusion(proof, wrong_index, size, leaves[index], whole)
            assert not verify_inclusion(proof, index, size, leaves[index - 1] if size > 1 else b"", whole)
            assert not verify_inclusion(proof, index, size, leaves[index], whole[::-1])


def test_every_consistency_proof_to_seventy_leaves_verifies_and_no_mutated_one_does() -> None:
    roots = [root_by_the_book(SEVENTY[:size]) for size in range(71)]
    for new in range(1, 71):
        for old in range(1, new + 1):
            proof = consistency_proof(SEVENTY, old, new)
            assert verify_consistency(proof, old, new, roots[old], roots[new])
            for wrong in mutations(proof, roots[old], roots[new]):
                assert not verify_consistency(wrong, old, new, roots[old], roots[new])
            assert not verify_consistency(proof, old, new, roots[old][::-1], roots[new])
            assert not verify_consistency(proof, old, new, roots[old], roots[new][::-1])
            assert not verify_consistency(proof, old, new, roots[old - 1], roots[new])
            if old != new:
                assert not verify_consistency(proof, old, new, roots[new], roots[old])
                assert not verify_consistency(proof, new, old, roots[new], roots[old])
                assert not verify_consistency([], old, new, roots[old], roots[new])
                assert not verify_consistency(proof, 0, new, roots[0], roots[new])


def test_proofs_that_cannot_be_given_are_refused() -> None:
    for index in (-1, 3):
        with pytest.raises(ValueError, match="has no leaf"):
            inclusion_proof(SEVENTY[:3], index)
    for old, new in ((0, 3), (3, 2), (1, 4)):
        with pytest.raises(ValueError, match="no proof leads"):
            consistency_proof(SEVENTY[:3], old, new)
