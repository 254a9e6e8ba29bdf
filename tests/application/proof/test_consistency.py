"""Consistency proofs: the vectors of Certificate Transparency, every pair of small sizes, and what leads nowhere."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from application.proof.consistency import consistency_proof, is_consistent
from application.proof.verify_export import Tree, leaf_hash

VECTORS = json.loads((Path(__file__).parents[2] / "golden" / "merkle" / "rfc6962.json").read_text())
LEAVES = [sha256(bytes([number])).digest() for number in range(40)]


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda each: f"{each['old']} to {each['new']}")
def test_the_published_vectors(vector: dict[str, object]) -> None:
    old, new = int(str(vector["old"])), int(str(vector["new"]))
    leaves = [leaf_hash(bytes.fromhex(data)) for data in VECTORS["leaves"]]
    roots = [bytes.fromhex(root) for root in VECTORS["roots"]]
    proof = consistency_proof(old, leaves[:new])
    assert [each.hex() for each in proof] == vector["proof"]
    assert is_consistent((old, roots[old - 1]), (new, roots[new - 1]), proof)


def test_every_proof_leads_from_its_own_roots_and_from_no_other() -> None:
    tree = Tree()
    for each in LEAVES:
        tree.append(each)
    for new in range(1, len(LEAVES) + 1):
        for old in range(1, new + 1):
            later, proof = (new, tree.root_at(new)), consistency_proof(old, LEAVES[:new])
            assert is_consistent((old, tree.root_at(old)), later, proof)
            assert not is_consistent((old, b"\0" * 32), later, proof)
            assert not is_consistent((old, tree.root_at(old)), (new, b"\0" * 32), proof)
            assert not is_consistent((old, tree.root_at(old)), later, [*proof, b"\0" * 32])
            assert not proof or not is_consistent((old, tree.root_at(old)), later, proof[:-1])


def test_nothing_is_consistent_with_a_log_that_is_shorter_or_empty() -> None:
    with pytest.raises(ValueError, match="fewer leaves"):
        consistency_proof(3, LEAVES[:2])
    assert not is_consistent((3, b""), (2, b""), [])
    assert not is_consistent((0, b""), (2, b""), [])
