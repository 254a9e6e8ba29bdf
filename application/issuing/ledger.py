"""The vendor's ledger: every license key that was issued, in a file beside the signing key, as a signed Merkle log.

Its lines, leaves and checkpoints are specified in docs/vendor-ledger.md; ADR 60 says what it protects from.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.files import PRIVATE, read_small, reason_of, replaced
from application.license_keys import Keyring, UnverifiedKey, read_unverified, strict_json
from application.license_keys.strict_json import Json, NotStrictJson
from application.proof import notes
from application.proof.verify_export import (
    Checkpoint,
    LogKey,
    NoteInvalid,
    Tree,
    leaf,
    note_key_id,
    open_note,
    text_of_checkpoint,
)
from domain.refusals import KeyRefused, Problem, Refused

LEDGER, NEWEST, LOCK = "issued.jsonl", "issued.checkpoint", "issued.lock"
"""The files beside the signing key: the ledger, its newest checkpoint, and what one holds while writing."""

FORMAT = 1
TOPIC = "vendor:LicenseKeyIssued"
MAX_LEDGER = 1 << 30
"""The most bytes of a ledger: about a million license keys."""


class LedgerAltered(Refused):
    """The ledger is not what was written: a line was changed, taken out or put in, or an older one stands there."""

    code = "ledger_altered"


class LedgerUnusable(Refused):
    """The ledger cannot be read or written; what was to be issued was not."""

    code = "ledger_unusable"


class Issued(NamedTuple):
    """A license key in the ledger, by its position from 1 on."""

    position: int
    key: UnverifiedKey


class Ledger(NamedTuple):
    """What a ledger says, as far as its newest checkpoint goes.

    `signer` is the kid that signed that checkpoint, and `signature` what the keyring says of it: "valid",
    "revoked_signing_key" or "unknown_signing_key". `unfinished` bytes after it were never signed: a write broke off.
    """

    ledger_id: UUID
    entries: tuple[Issued, ...]
    tree: Tree
    signer: str
    signature: str
    unfinished: int
    length: int

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(notes.origin_of(self.ledger_id), self.tree.size, self.tree.root())


def read_ledger(directory: Path, keyring: Keyring | None, others: Sequence[str] = ()) -> Ledger | None:
    """The ledger in a directory, compared with its newest checkpoint and with `others`, kept elsewhere.

    None if nothing was ever issued there. Raises LedgerAltered, LedgerUnusable.
    """
    path, newest_path = directory / LEDGER, directory / NEWEST
    newest_line, data = _content(newest_path), _content(path)
    if newest_line is None:
        if data is None and not others:
            return None
        raise LedgerAltered(problem=Problem("ledger_file_gone", path=str(newest_path if data is not None else path)))
    newest = _Signed.read(newest_line.rstrip(b"\n"), keyring)
    if newest is None:
        raise LedgerAltered(problem=Problem("ledger_checkpoint_unfit", path=str(newest_path)))
    if data is None:
        if newest.checkpoint.size == 0 and not others:
            return None
        raise LedgerAltered(problem=Problem("ledger_file_gone", path=str(path)))
    reading = _Reading(data, keyring)
    try:
        reading.run()
    except _Damage as damage:
        if newest.checkpoint.size > reading.whole:
            raise LedgerAltered(problem=Problem("ledger_line_altered", line=damage.line, path=str(path))) from None
    tree, id_ = reading.tree_of_whole(), reading.ledger_id
    if id_ is None or reading.length == 0:
        raise LedgerAltered(problem=Problem("ledger_line_altered", line=1, path=str(path)))
    for each in (newest.checkpoint, *map(_checkpoint_of, others)):
        if each.origin != notes.origin_of(id_) or each.size > tree.size or tree.root_at(each.size) != each.root:
            raise LedgerAltered(problem=Problem("ledger_behind_checkpoint", size=each.size, entries=tree.size))
    last = reading.last or newest
    entries = tuple(reading.entries[: reading.whole])
    return Ledger(id_, entries, tree, last.kid, last.signature, len(data) - reading.length, reading.length)


@contextmanager
def writing_ledger(directory: Path, keyring: Keyring | None) -> Iterator[Writer]:
    """The ledger for writing, held by one at a time: who comes second waits. Raises LedgerAltered, LedgerUnusable."""
    path = directory / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
    except OSError as error:
        raise _unusable(error, path, writing=True) from error
    try:
        _wait_for_turn(descriptor)
        yield Writer(directory, read_ledger(directory, keyring))
    finally:
        os.close(descriptor)


class Writer:
    """Appends to a ledger that its maker holds the lock of."""

    def __init__(self, directory: Path, ledger: Ledger | None) -> None:
        self._directory = directory
        self.ledger = ledger

    @property
    def entries(self) -> tuple[Issued, ...]:
        return self.ledger.entries if self.ledger else ()

    def append(self, keys: Iterable[str], private_key: Ed25519PrivateKey, kid: str) -> None:
        """Write license keys and a checkpoint over all, signed; they are on the disk when this returns.

        Whole or not at all: without its checkpoint, what stands at the end counts as never written.
        Raises LedgerUnusable.
        """
        path, newest = self._directory / LEDGER, self._directory / NEWEST
        ledger_id = self.ledger.ledger_id if self.ledger else uuid4()
        tree, length = (self.ledger.tree, self.ledger.length) if self.ledger else (Tree(), 0)
        lines = []
        try:
            if self.ledger is None:
                replaced(newest, _Signed.line(ledger_id, tree, private_key, kid))
                lines.append(_line({"format": FORMAT, "ledger": str(ledger_id)}))
            for key in keys:
                lines.append(_line({"position": tree.size + 1, "license_key": key}))
                tree.append(_leaf(ledger_id, tree.size + 1, key))
            signed = _Signed.line(ledger_id, tree, private_key, kid)
            _append(path, length, b"".join([*lines, signed]))
            replaced(newest, signed)
        except OSError as error:
            _take_back(path, length)
            raise _unusable(error, path, writing=True) from error


class _Signed(NamedTuple):
    """A checkpoint of a ledger, the kid that it says it was signed by, and what the keyring says of that."""

    checkpoint: Checkpoint
    kid: str
    signature: str

    @classmethod
    def line(cls, ledger_id: UUID, tree: Tree, private_key: Ed25519PrivateKey, kid: str) -> bytes:
        checkpoint = Checkpoint(notes.origin_of(ledger_id), tree.size, tree.root())
        return _line({"checkpoint": notes.sign(checkpoint, private_key), "kid": kid})

    @classmethod
    def read(cls, line: bytes, keyring: Keyring | None) -> _Signed | None:
        """None if it is none, or its signature does not fit."""
        members = _members(line)
        note, kid = members.get("checkpoint"), members.get("kid")
        if members.keys() != {"checkpoint", "kid"} or not isinstance(note, str) or not isinstance(kid, str):
            return None
        try:
            checkpoint = text_of_checkpoint(note)
            signer = keyring.get(kid) if keyring else None
            if signer is None:
                return cls(checkpoint, kid, "unknown_signing_key")
            key_id = note_key_id(checkpoint.origin, signer.public_key.public_bytes_raw())
            open_note(note, [LogKey(checkpoint.origin, key_id, signer.public_key)])
        except NoteInvalid:
            return None
        return cls(checkpoint, kid, "revoked_signing_key" if signer.revoked else "valid")


class _Damage(Exception):
    """A line is none that we write, or does not fit those before it."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Reading:
    """Goes through a ledger's lines up to the first one that does not fit."""

    def __init__(self, data: bytes, keyring: Keyring | None) -> None:
        self._data, self._keyring = data, keyring
        self._tree = Tree()
        self.ledger_id: UUID | None = None
        self.entries: list[Issued] = []
        self.whole = 0
        """How many entries the newest good checkpoint covers, and `length` the bytes up to its end."""
        self.length = 0
        self.last: _Signed | None = None

    def run(self) -> None:
        """Raises _Damage."""
        end = 0
        for number, line in enumerate(self._data.splitlines(keepends=True), start=1):
            end += len(line)
            if not line.endswith(b"\n") or not self._fits(number, line[:-1], end):
                raise _Damage(number)

    def tree_of_whole(self) -> Tree:
        if self._tree.size != self.whole and self.ledger_id is not None:
            self._tree = Tree()
            for entry in self.entries[: self.whole]:
                self._tree.append(_leaf(self.ledger_id, entry.position, entry.key.text))
        return self._tree

    def _fits(self, number: int, line: bytes, end: int) -> bool:
        if number == 1:
            return self._begin(_members(line))
        if line.startswith(b'{"checkpoint":'):
            return self._sign(line, end)
        members = _members(line)
        key = members.get("license_key")
        if members.keys() != {"position", "license_key"} or members["position"] != self._tree.size + 1:
            return False
        try:
            entry = Issued(self._tree.size + 1, read_unverified(key if isinstance(key, str) else ""))
        except KeyRefused:
            return False
        if self.ledger_id is None or entry.key.text != key:
            return False
        self._tree.append(_leaf(self.ledger_id, entry.position, key))
        self.entries.append(entry)
        return True

    def _begin(self, members: dict[str, Json]) -> bool:
        try:
            self.ledger_id = UUID(str(members.get("ledger")))
        except ValueError:
            return False
        return members == {"format": FORMAT, "ledger": str(self.ledger_id)}

    def _sign(self, line: bytes, end: int) -> bool:
        signed = _Signed.read(line, self._keyring)
        if signed is None or self.ledger_id is None:
            return False
        if signed.checkpoint != Checkpoint(notes.origin_of(self.ledger_id), self._tree.size, self._tree.root()):
            return False
        self.whole, self.length, self.last = self._tree.size, end, signed
        return True


def _leaf(ledger_id: UUID, position: int, key: str) -> bytes:
    return leaf(ledger_id, position, TOPIC, key.encode())


def _line(members: dict[str, Json]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _members(line: bytes) -> dict[str, Json]:
    """A line's members; none if it is not written as we write it."""
    try:
        members = strict_json.parse(line)
    except NotStrictJson:
        return {}
    return members if isinstance(members, dict) and _line(members)[:-1] == line else {}


def _checkpoint_of(note: str) -> Checkpoint:
    try:
        return text_of_checkpoint(note)
    except NoteInvalid as invalid:
        raise LedgerUnusable(problem=Problem("note_unfit", reason=str(invalid))) from None


def _content(path: Path) -> bytes | None:
    try:
        return read_small(path, MAX_LEDGER)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(error, path) from error


def _append(path: Path, length: int, data: bytes) -> None:
    """Let `data` stand after the first `length` bytes, on the disk; what a broken write left there is cut off."""
    if length == 0:
        replaced(path, data)
        return
    with path.open("r+b") as file:
        file.truncate(length)
        file.seek(length)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _take_back(path: Path, length: int) -> None:
    """After a failure, what was not printed shall not be in the ledger either; if this fails too, it may be."""
    with suppress(OSError):
        if length:
            os.truncate(path, length)
        else:
            path.unlink(missing_ok=True)


def _unusable(error: OSError, path: Path, *, writing: bool = False) -> LedgerUnusable:
    problem = reason_of(error, path, writing=writing)
    return LedgerUnusable(problem=Problem("file_failed", path=str(path), reason=problem))


if sys.platform == "win32":
    import msvcrt

    def _wait_for_turn(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _wait_for_turn(descriptor: int) -> None:
        """Until the descriptor is closed, by a crash too, nobody else has the turn."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)
