"""A map in two layers does what a plain one does, and who changes it leaves it as it was."""

from __future__ import annotations

from random import Random

import pytest
from rpds import HashTrieMap

from domain.layered import Layered, Map


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_done_it_is_the_same_map(seed: int) -> None:
    chance, keys = Random(seed), "abcdefgh"  # noqa: S311  no secret
    plain = {key: chance.randrange(9) for key in keys[:4]}
    layered: Map[str, int] = Layered(dict(plain))
    trie: Map[str, int] = HashTrieMap(plain)
    for _ in range(60):
        before, copy, key = layered, dict(layered), chance.choice(keys)
        if chance.random() < 0.5:
            layered, trie = layered.insert(key, _), trie.insert(key, _)
        else:
            layered, trie = layered.discard(key), trie.discard(key)
        assert dict(before) == copy
        assert len(layered) == len(trie) == len(list(layered))
        assert dict(layered) == dict(trie)
        assert [layered.get(each) for each in keys] == [trie.get(each) for each in keys]
        assert [each in layered for each in keys] == [each in trie for each in keys]
    assert layered == trie


def test_what_is_not_there_is_no_key() -> None:
    gone = Layered({"a": 1}).discard("a")
    for key in ("a", "b"):
        with pytest.raises(KeyError):
            gone[key]
    assert Layered({"a": 1}).discard("b")["a"] == 1
