"""Verifies an audit export of Seatledger; this one file needs only Python 3.11 and the package `cryptography`."""

from __future__ import annotations

import hashlib
from struct import Struct
from uuid import UUID

_ENTRY_HEAD = Struct(">I32sIQI")
_LENGTH = Struct(">I")


# The Merkle tree: RFC 6962, section 2.1, and RFC 9162, section 2.1.


def entry(originator_id: UUID | str, position: int, topic: str, state: bytes) -> bytes:
    """The bytes of a stored event that its leaf is the hash of.

    Four fields, each behind its length in bytes as 4 bytes, big-endian: the originator's id as 32 lower-case
    hexadecimal characters, the position as 8 bytes, big-endian, the topic in UTF-8, and the state as stored.
    """
    originator = originator_id.hex if isinstance(originator_id, UUID) else originator_id
    if len(originator) != 32:
        raise ValueError(f"An originator's id has 32 hexadecimal characters; this is {originator!r}.")
    name = topic.encode()
    return (
        _ENTRY_HEAD.pack(32, originator.encode("ascii"), 8, position, len(name))
        + name
        + _LENGTH.pack(len(state))
        + state
    )


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes: SHA-256(0x00, data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01, left, right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf(originator_id: UUID | str, position: int, topic: str, state: bytes) -> bytes:
    """The leaf of a stored event, 32 bytes: the same on every database."""
    return leaf_hash(entry(originator_id, position, topic, state))


class Frontier:
    """The right edge of a growing tree: appends leaves and tells the root at any time, in memory of log n hashes."""

    def __init__(self, size: int = 0, peaks: tuple[bytes, ...] = ()) -> None:
        """A tree of `size` leaves; `peaks` are the roots of its complete subtrees, the largest first."""
        if size.bit_count() != len(peaks):
            raise ValueError(f"A tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(peaks)}.")
        self.size = size
        self._peaks = list(peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            size >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        *others, root = self._peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root
