"""Verifies an audit export of Seatledger; this one file needs only Python 3.11 and the package `cryptography`.

    python verify_export.py EXPORT [--checkpoint FILE]... [--log-key FILE] [--old-log-key FILE]... [--keyring FILE]
                            [--json]

It imports nothing of Seatledger, so that an auditor can read all of it and run it on another machine. Seatledger itself
builds on this file: what is checked here is what is written there. The format and the rules stand in
docs/audit-export.md, the auditor's procedure and the findings in docs/audit.md. From top to bottom: the tree, signed
notes, what an auditor kept, the export's lines, license keys, what an event says, the rules, verification, the command
line. Exit status: 0 nothing is wrong, 1 a finding, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import os
import re
import stat
import sys
from binascii import a2b_base64, a2b_qp, b2a_base64
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, reduce
from itertools import accumulate, chain, count
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, NamedTuple, NoReturn, TypeVar
from uuid import UUID

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write("This needs the package cryptography: python -m pip install cryptography\n")
    raise SystemExit(2) from None

FORMAT = "seatledger-audit-export"
VERSION = 2
MAX_LINE = 1 << 20
"""The longest line of an export, in bytes, and the largest of the auditor's own files."""

T = TypeVar("T")

Json = Any  # as json.loads types it: every reader looks for itself what it is

MAX_KEYS = 1000
"""The most keys of a vendor's keyring."""

MAX_KEY = 4096
"""The longest license key, in characters."""

MAX_DEPTH = 32
"""How many lists and objects of JSON may stand in one another."""

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)

KEYS_FROM_EXPORT = "keys taken from the export: shows that it is whole, not who made it"


class Finding(Exception):
    """Something that is wrong with an export.

    `code` is the contract with programs, the sentence is for people, `position` the first one not shown to be right
    (None if the finding is not about an event).
    """

    def __init__(self, code: str, sentence: str, position: int | None = None) -> None:
        super().__init__(code, sentence, position)
        self.code, self.sentence, self.position = code, sentence, position

    def __str__(self) -> str:
        return self.sentence if self.position is None else f"Position {self.position}: {self.sentence}"


class Unreadable(ValueError):
    """What an auditor brings along cannot be read, which says nothing about the log; why, as put after a colon."""


class NoteInvalid(ValueError):
    """A signed note, a checkpoint or a log key that is not valid; the sentence says why."""


# The Merkle tree: RFC 6962, section 2.1, and RFC 9162, section 2.1.

_ENTRY_HEAD = Struct(">I32sIQI")
_LENGTH = Struct(">I")


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

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []
        """The roots of the complete subtrees, the largest first."""

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


class Tree:
    """A tree that also tells the root that it had at any earlier size, in memory of 64 bytes a leaf."""

    def __init__(self) -> None:
        self.size = 0
        self._levels = [bytearray()]
        """The roots of the complete subtrees of 1 leaf, of 2, of 4 and so on, 32 bytes each, from left to right."""

    def append(self, leaf: bytes) -> None:
        self._levels[0] += leaf
        complete, level = self.size, 0
        while complete & 1:  # the two newest of this level are complete, and have a root in the next one
            root = hashlib.sha256(b"\x01" + self._levels[level][-64:]).digest()
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += root
            complete >>= 1
        self.size += 1

    def root(self) -> bytes:
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes:
        """The root over the first `size` leaves, 0 to all of them."""
        peaks = [
            bytes(nodes[((size >> level) - 1) * 32 : (size >> level) * 32])
            for level, nodes in enumerate(self._levels)
            if size >> level & 1
        ]
        return reduce(lambda right, left: node_hash(left, right), peaks) if peaks else hashlib.sha256(b"").digest()

    def has(self, size: int, root: str) -> bool:
        """Whether the tree has at least `size` leaves, and over the first of them this root (base64)."""
        return 0 <= size <= self.size and to_base64(self.root_at(size)) == root


# Signed notes and checkpoints: C2SP signed-note and tlog-checkpoint.


class LogKey(NamedTuple):
    """A public key that signs checkpoints: its name, which is the log's origin, its 4-byte id, and the key."""

    name: str
    key_id: bytes
    public_key: Ed25519PublicKey


class Checkpoint(NamedTuple):
    """What a checkpoint says: the log's origin, its size in events, and the root of its tree at that size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def origin_of(installation_id: UUID | str) -> str:
    """The name of an installation's log and of its log key."""
    return f"seatledger/{UUID(str(installation_id))}"


def to_base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes of canonical base64 (RFC 4648, section 4); ValueError for any other writing of them."""
    data = a2b_base64(text)
    if to_base64(data) != text:
        raise ValueError("not canonical base64")
    return data


def note_key_id(name: str, public_key: bytes) -> bytes:
    """SHA-256(name, newline, 0x01 for Ed25519, public key), of which the first 4 bytes."""
    return hashlib.sha256(name.encode() + b"\n\x01" + public_key).digest()[:4]


def read_vkey(text: str) -> LogKey:
    """Reads a log's public key, NAME+ID+BASE64(0x01, public key); raises NoteInvalid."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        key = from_base64(encoded)
        known = _is_key_name(name) and len(key) == 33 and key[0] == 1 and note_key_id(name, key[1:]).hex() == key_id
        known = known and is_sound_point(key[1:])
        public_key = Ed25519PublicKey.from_public_bytes(key[1:])
    except ValueError:
        known = False
    if not known:
        raise NoteInvalid(f"This is not the public key of a log: {_quoted(text)}.")
    return LogKey(name, bytes.fromhex(key_id), public_key)


def open_note(note: str, keys: Sequence[LogKey]) -> str:
    """The text of a note that at least one of `keys` has signed; raises NoteInvalid.

    Signatures by other keys are ignored; a wrong one by a key of ours is not (C2SP signed-note).
    """
    text, blank, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not blank or not text or lines.pop() or not 1 <= len(lines) <= 100 or re.search("[\x00-\x09\x0b-\x1f]", note):
        raise NoteInvalid("This is not a signed note: a text, an empty line, and signatures.")
    text += "\n"
    try:
        signed = text.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("This is not a signed note: it is not valid UTF-8.") from None
    verified = False
    for line in lines:
        key, signature = _signature(line, keys)
        if key is None:
            continue
        try:
            key.public_key.verify(signature, signed)
        except InvalidSignature:
            raise NoteInvalid(f"The signature by {key.name}+{key.key_id.hex()} does not fit the text.") from None
        verified = True
    if not verified:
        names = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in keys) or "any known key"
        raise NoteInvalid(f"It is not signed by {names}.")
    return text


def _signature(line: str, keys: Sequence[LogKey]) -> tuple[LogKey | None, bytes]:
    """The key of ours that a signature line names, if any, and the signature."""
    try:
        dash, name, encoded = line.split(" ")
        data = from_base64(encoded)
        well_formed = dash == "—" and _is_key_name(name) and len(data) > 4
    except ValueError:
        well_formed = False
    if not well_formed:
        raise NoteInvalid(f"This is not a signature line: {_quoted(line)}.")
    return next((key for key in keys if (key.name, key.key_id) == (name, data[:4])), None), data[4:]


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def read_checkpoint(note: str, keys: Sequence[LogKey]) -> Checkpoint:
    """Opens a note that is a checkpoint, without extension lines since our logs write none; raises NoteInvalid."""
    return _checkpoint(open_note(note, keys))


def text_of_checkpoint(note: str) -> Checkpoint:
    """What a checkpoint says, whoever signed it; raises NoteInvalid."""
    return _checkpoint(note.rpartition("\n\n")[0] + "\n")


def _checkpoint(text: str) -> Checkpoint:
    match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n", text)
    if match is None:
        raise NoteInvalid("It is no checkpoint: an origin, a size and a root.")
    try:
        return Checkpoint(match[1], int(match[2]), from_base64(match[3]))
    except ValueError:
        raise NoteInvalid("The checkpoint's root is not canonical base64.") from None


# What an auditor kept, as mail programs, editors and consoles hand it back. Whatever only carries it is taken away:
# byte order marks, line ends, quotes, indents, what stands around it. What was signed is fixed by its signature.

_ORIGIN = r"seatledger/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WORD = re.compile(r"[A-Za-z0-9+/=.:-]+")
_SIGNATURE_LENGTH = 92
"""Of base64: a key id of 4 bytes and a signature of 64."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def notes_in(file: bytes) -> list[str]:
    """The notes of checkpoints that a file holds, as they were signed; raises Unreadable if it holds none."""
    if not file.strip():
        raise Unreadable("it is empty")
    texts = list(_texts(file))
    notes = list(dict.fromkeys(note for text in texts for note in _notes_of(text)))
    if notes:
        return notes
    if any(f'"format":"{FORMAT}"' in text for text in texts):
        raise Unreadable("it is an export, and no checkpoint that was kept")
    if any(re.search(_ORIGIN, text) for text in texts):
        raise Unreadable(
            "it names a log, but a part of the checkpoint is missing or broken; a checkpoint has the log's name, a "
            "number, a root, an empty line and a line with a signature"
        )
    raise Unreadable("it holds no checkpoint, which begins with “seatledger/” and the installation's UUID")


def vkeys_in(file: bytes) -> list[str]:
    """The log keys that a file holds; raises Unreadable if it holds none."""
    if not file.strip():
        raise Unreadable("it is empty")
    rest = r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}"
    candidates: list[str] = []
    for text in _texts(file):
        candidates += re.findall(r"[^\s+\"'<>|=,;`]{1,255}" + rest, text)
        candidates += re.findall(_ORIGIN + rest, re.sub(r"[\s>|]+", "", text))  # a line that was broken on its way
    vkeys = [vkey for vkey in dict.fromkeys(candidates) if _is_vkey(vkey)]
    if vkeys:
        return vkeys
    if b"PRIVATE KEY" in file:
        raise Unreadable("it is a private key; a log's public key stands in the file beside it that ends with .vkey")
    raise Unreadable("it holds no whole public key of a log, which has three parts with “+” between them")


def keyring_in(file: bytes) -> bytes:
    """The keyring that a file holds, as JSON in UTF-8; raises Unreadable if it holds none."""
    if not file.strip():
        raise Unreadable("it is empty")
    reason = "it is no JSON"
    for text in _texts(file):
        for document in (text, text[text.find("{") : text.rfind("}") + 1]):
            try:
                value = _json(document.strip())
            except ValueError as error:
                reason = str(error)
                continue
            if isinstance(value, dict) and isinstance(value.get("keys"), list):
                return document.strip().encode()
            reason = "it is no keyring: a JSON object with a list “keys”"
    raise Unreadable(reason)


def _texts(file: bytes) -> Iterator[str]:
    """What the bytes say, and what they say once what mail and programs do to texts is undone; at most eight texts."""
    texts = [_decoded(file)]
    for undo in (_undo_quoted_printable, _undo_html, _undo_escapes):
        texts += [undone for undone in map(undo, texts) if undone not in texts]
    yield from texts


def _decoded(file: bytes) -> str:
    for mark, encoding in _MARKS:
        if file.startswith(mark):
            return file[len(mark) :].decode(encoding, "replace")
    if file[1::2].count(0) * 2 > len(file) // 2:
        return file.decode("utf-16-le", "replace")
    if file[::2].count(0) * 2 > len(file) // 2:
        return file.decode("utf-16-be", "replace")
    return file.decode("utf-8", "replace")


def _undo_quoted_printable(text: str) -> str:
    return a2b_qp(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _undo_html(text: str) -> str:
    return html.unescape(re.sub(r"<[^<>]{0,200}>", "\n", text))


def _undo_escapes(text: str) -> str:
    """Those of a string in JSON or a program."""
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\[rn]", "\n", text).replace("\\/", "/")


def _notes_of(text: str) -> Iterator[str]:
    """Every checkpoint whose parts stand one after another, whatever blanks, quotes and dashes stand between them."""
    words = [word for word in _WORD.findall(text) if word.strip("-=.:")]
    for place, word in enumerate(words):
        origin = re.search(rf"{_ORIGIN}$", word)
        if origin is None or len(words) < place + 5:
            continue
        size, root, name = (each.rstrip(".:") for each in words[place + 1 : place + 4])
        signature = ""
        for part in words[place + 4 : place + 4 + _SIGNATURE_LENGTH]:
            if len(signature) >= _SIGNATURE_LENGTH or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", part):
                break
            signature += part
        if name == origin[0] and size.isdecimal() and len(signature) == _SIGNATURE_LENGTH:
            yield f"{name}\n{size}\n{root}\n\n— {name} {signature}\n"


def _is_vkey(text: str) -> bool:
    try:
        read_vkey(text)
    except NoteInvalid:
        return False
    return True


# The export: lines of JSON, whose forms stand in docs/audit-export.md.


class Header(NamedTuple):
    """The first line: which installation, and the public keys as the installation knows them."""

    installation_id: UUID
    log_keys: list[str]
    keyring: Json


class StoredEvent(NamedTuple):
    """An event exactly as stored, and the leaf that was stored beside it."""

    position: int
    originator_id: str
    topic: str
    state: bytes
    leaf: bytes


class SignedCheckpoint(NamedTuple):
    """A checkpoint of the log, still unverified."""

    note: str


class End(NamedTuple):
    """The last line, so that a cut is seen, with the state that a replay must give."""

    events: int
    checkpoints: int
    root: str
    state: dict[str, Json]


_EVENT = re.compile(
    rb'\{"position":([1-9][0-9]{0,17}),"originator_id":"([^"\\]*)","topic":"([^"\\]*)",'
    rb'"state":"([A-Za-z0-9+/]*={0,2})","leaf":"([0-9a-f]{64})"\}\n'
)
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read_export(stream: BinaryIO) -> Iterator[Header | StoredEvent | SignedCheckpoint | End]:
    """Reads an export line by line and raises the first Finding.

    What it yields is complete and in order: the header, events from position 1 without a gap, all of one installation
    and each a kind of event of ours, checkpoints in between, the end.
    """
    header = _header(_line(stream, 1, 1))
    yield header
    installation = header.installation_id.hex
    stored_id = installation.encode()
    topics = {topic.encode(): topic for topic in EVENTS}
    position = 1
    for number in count(2):
        line = _line(stream, number, position)
        match = _EVENT.fullmatch(line)
        if match is None:
            record = _record(line, number, position)
            yield record
            if isinstance(record, End):
                break
            continue
        place, originator, name, encoded, leaf = match.groups()
        if int(place) != position:
            raise _misplaced(int(place), position)
        if originator != stored_id:
            raise Finding("other_installation", "The event is of another installation than the export.", position)
        topic = topics.get(name)
        if topic is None:
            message = f"{_quoted(name.decode(errors='replace'))} is no kind of event of Seatledger."
            raise Finding("unknown_topic", message, position)
        try:
            state = a2b_base64(encoded)
        except ValueError:
            state = b""
        if b2a_base64(state, newline=False) != encoded:
            raise Finding("malformed_line", f"Line {number} was altered: its state is not proper base64.", position)
        yield StoredEvent(position, installation, topic, state, bytes.fromhex(leaf.decode()))
        position += 1
    if stream.read(1):
        raise Finding("after_the_end", f"Something stands behind the export's last line, line {number}.")


def _line(stream: BinaryIO, number: int, position: int) -> bytes:
    line = stream.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise Finding(
            "not_an_export" if number == 1 else "line_too_long",
            f"Line {number} is longer than {MAX_LINE:,} bytes; no line of an export is.",
            None if number == 1 else position,
        )
    if not line.endswith(b"\n"):
        if number == 1:
            raise Finding("not_an_export", "The file is empty or its first line is cut off; this is no audit export.")
        raise Finding(
            "cut_short",
            f"The export is cut short in line {number}: it ends before event {position} and without its last line.",
            position,
        )
    return line


def _are_missing(first: int, last: int) -> str:
    return f"event {first} is missing" if first == last else f"events {first} to {last} are missing"


def _misplaced(place: int, expected: int) -> Finding:
    if place > expected:
        message = f"Here {_are_missing(expected, place - 1)}; the next line holds event {place}."
        return Finding("gap", message, expected)
    return Finding("out_of_order", f"Event {place} stands where event {expected} should be.", expected)


def _header(line: bytes) -> Header:
    try:
        fields = _json(line)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise Finding("not_an_export", "The first line is not that of an audit export of Seatledger.")
    version = fields.get("version")
    if version != VERSION or type(version) is not int:
        raise Finding(
            "newer_format",
            f"The export has format {_quoted(version)}; this verifier reads format {VERSION}. "
            "Take the verifier of the version that made the export.",
        )
    match fields:
        case {"installation_id": str(text), "origin": str(origin), "log_keys": list(log_keys), "keyring": keyring}:
            well_formed = len(fields) == 6 and _UUID.fullmatch(text) and origin == origin_of(text)
            if well_formed and all(isinstance(key, str) for key in log_keys):
                return Header(UUID(text), log_keys, keyring)
    raise Finding("malformed_line", f"The first line is not in the form of format {VERSION}.")


def _record(line: bytes, number: int, position: int) -> SignedCheckpoint | End:
    """Reads a line that is no whole event: a checkpoint, the end, or the note of a missing event or leaf."""
    try:
        fields = _json(line)
    except ValueError:
        fields = None
    match fields:
        case {"checkpoint": str(note), **others} if not others:
            return SignedCheckpoint(note)
        case {"end": {"events": events, "checkpoints": checkpoints, "root": str(), "state": dict()} as end, **others}:
            if type(events) is type(checkpoints) is int and not others and len(end) == 4:
                return End(**end)
        case {"position": place, "leaf": str(), **others} if not others and type(place) is int and place == position:
            raise Finding("event_missing", "The event is missing from the store; its leaf is still there.", position)
        case {"position": place, "leaf": None} if type(place) is int and place == position:
            raise Finding("leaf_missing", "The leaf is missing from the store; the event is there.", position)
    raise Finding("malformed_line", f"Line {number} has none of the forms of an export's lines.", position)


def _json(text: str | bytes) -> Json:
    """Strict JSON: UTF-8 without lone surrogates, no name twice in an object, whole numbers only and each in its one
    writing, not nested too deep; ValueError otherwise.
    """

    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a name stands twice")
        return members

    decoded = text if isinstance(text, str) else text.decode()
    if _is_too_deep(decoded):
        raise ValueError("nested too deep")
    value = json.loads(
        decoded, object_pairs_hook=unique, parse_int=_whole, parse_float=_not_whole, parse_constant=_not_whole
    )
    if "\\" in decoded and any("\ud800" <= character <= "\udfff" for text in _strings(value) for character in text):
        raise ValueError("half of a character stands in it")
    return value


def _whole(number: str) -> int:
    return int(number) if number != "-0" else _not_whole(number)


def _not_whole(number: str) -> NoReturn:
    raise ValueError(f"{number[:20]} is not a whole number in its one writing")


def _strings(value: Json) -> Iterator[str]:
    """Every text in a value of JSON, also the names of members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        yield from chain.from_iterable(map(_strings, [*value, *value.values()] if isinstance(value, dict) else value))


def _is_too_deep(text: str) -> bool:
    """Asked before the parser, which would go on to the end of the stack: there, other objects' finalizers fail too."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    steps = ((part in "[{") - (part in "]}") for part in _STRING_OR_BRACKET.findall(text))
    return any(depth > MAX_DEPTH for depth in accumulate(steps))


def _quoted(value: Json) -> str:
    """A foreign value as it may be shown: without control characters, and short."""
    shown = repr(value)
    return shown if len(shown) <= 120 else f"{shown[:117]}..."


# License keys: JWS compact (RFC 7515) with EdDSA (RFC 8037); docs/license-key.md.


class VendorKey(NamedTuple):
    """A vendor's public key; one that was revoked still speaks for the license keys registered before."""

    public_key: Ed25519PublicKey
    revoked: bool


def read_keyring(keyring: Json) -> tuple[dict[str, VendorKey], list[str]]:
    """The vendor's Ed25519 keys of a JWK set (RFC 7517) by their key id, and which others are passed over, and why.

    As RFC 7517 asks (section 5), keys of another kind are passed over. What is dangerous is refused with all the rest:
    a private key, a key id or a key that stands twice, a point with which anybody could sign. Raises ValueError.
    """
    keys: dict[str, VendorKey] = {}
    passed_over: list[str] = []
    raw: set[bytes] = set()
    jwks = keyring.get("keys") if isinstance(keyring, dict) else None
    if not isinstance(jwks, list) or not all(isinstance(jwk, dict) for jwk in jwks):
        raise ValueError("it is not a JWK set")
    if len(jwks) > MAX_KEYS:
        raise ValueError(f"it has more than {MAX_KEYS:,} keys")
    for jwk in jwks:
        kid = jwk.get("kid")
        if "d" in jwk:
            raise ValueError(f"the key {_quoted(kid)} holds a private key")
        if (why := _why_passed_over(jwk)) is not None:
            passed_over.append(f"{_quoted(kid)}: {why}")
            continue
        x = _from_base64url(jwk["x"]) if isinstance(jwk.get("x"), str) else b""
        if len(x) != 32 or not is_sound_point(x):
            raise ValueError(f"the key {_quoted(kid)} is no public key, or one with which anybody could sign")
        if kid in keys or x in raw:
            raise ValueError(f"the key {_quoted(kid)} stands in it twice")
        raw.add(x)
        keys[kid] = VendorKey(Ed25519PublicKey.from_public_bytes(x), jwk.get("status") == "revoked")
    return keys, passed_over


def _why_passed_over(jwk: dict[str, Any]) -> str | None:  # object: any fact of a message
    """Why a key cannot be one that signs license keys; None for one that can."""
    if not _is_text(jwk.get("kid")):
        return "it has no key id"
    if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        return "it is no Ed25519 key"
    if jwk.get("alg", "EdDSA") not in ("EdDSA", "Ed25519") or jwk.get("use", "sig") != "sig":
        return "it is not meant for Ed25519 signatures"
    if jwk.get("status", "active") not in ("active", "revoked"):
        return "its status is neither active nor revoked"
    if not (jwk.get("issuer") is None or _is_text(jwk["issuer"])):
        return "its issuer is no text"
    return None


def _is_text(value: object) -> bool:  # object: any fact of a message
    return isinstance(value, str) and len(value) <= 200 and value.isprintable() and bool(value.strip())


_P = 2**255 - 19
"""Coordinates of Ed25519's points are counted modulo this prime (RFC 8032, section 5.1)."""

_D = -121665 * pow(121666, -1, _P) % _P

_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = {0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8}
"""The y of the eight points of small order: a signature by one of them fits without any secret."""


def is_sound_point(encoded: bytes) -> bool:
    """Whether 32 bytes are a point of Ed25519's curve, in its one canonical encoding, and not of small order."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if y >= _P or y in _SMALL_ORDER:
        return False
    square = (y * y - 1) * (_D * y * y + 1) % _P  # x squared times a square: there is an x if this is one
    return pow(square, (_P - 1) // 2, _P) == 1


def _from_base64url(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise ValueError("not canonical base64url")
    return data


def check_license_key(state: Mapping[str, Json], keyring: Mapping[str, VendorKey]) -> VendorKey:
    """Checks the license key in the state of a LicenseRegistered event and tells who signed it; raises Finding.

    The vendor's signature must fit, and the event's own fields must say what the signed key says.
    """
    try:
        signed, _, signature = state["key_text"].rpartition(".")
        header, payload = (_json(_from_base64url(part)) for part in signed.split("."))
        kid = header["kid"]
        well_formed = len(state["key_text"]) <= MAX_KEY and isinstance(kid, str)
        well_formed = well_formed and header == {"alg": "EdDSA", "kid": kid, "typ": "license+jwt"}
        sealed = _from_base64url(signature)
    except (ValueError, KeyError, TypeError, AttributeError):
        well_formed = False
    if not well_formed:
        raise Finding("license_key_invalid", "The event's license key is not in the form of one.")
    if kid not in keyring:
        raise Finding("license_key_invalid", f"The license key is signed with {_quoted(kid)}, not in the keyring.")
    try:
        keyring[kid].public_key.verify(sealed, signed.encode())
    except InvalidSignature:
        raise Finding("license_key_invalid", f"The license key's signature by {_quoted(kid)} does not fit.") from None
    if (unfit := _unfit_claim(payload)) is not None:
        raise Finding("license_key_invalid", f"The license key is signed, but no license key may say its {unfit}.")
    for name, value in _fields_of_license_key(payload, kid, state["key_text"]).items():
        if json.dumps(state.get(name), sort_keys=True) != json.dumps(value, sort_keys=True):
            raise Finding(
                "license_key_contradicted",
                f"The event says {name} {_quoted(state.get(name))}, but its signed license key {_quoted(value)}.",
            )
    return keyring[kid]


def _unfit_claim(claims: Json) -> str | None:
    """The first claim that docs/license-key.md does not allow, or allows otherwise; None if all are in order."""
    if not isinstance(claims, dict):
        return "payload, which is no JSON object"
    for name, value in claims.items():
        if name not in _CLAIMS and not (name.startswith("x_") and (type(value) is int or _is_short(value, 1000))):
            return f"claim {_quoted(name)}"
    return next(
        (f"claim {name!r}" for name, fits in _CLAIMS.items() if not (name in claims and fits(claims[name]))), None
    )


def _is_short(value: Json, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_claim(value: Json) -> bool:
    # What is printable changes with Python: whether a text is was asked when the key was registered.
    return _is_short(value, 200) and bool(value.strip())


def _is_period(value: Json) -> bool:
    if not isinstance(value, dict) or value.keys() != {"start", "end"} or not _is_day(value["start"]):
        return False
    return value["end"] is None or (_is_day(value["end"]) and value["start"] <= value["end"])


def _is_up_to(most: int) -> Callable[[Json], bool]:
    return lambda value: type(value) is int and 1 <= value <= most


_CLAIMS: Mapping[str, Callable[[Json], bool]] = {
    "v": lambda value: type(value) is int and value == 1,
    "iss": _is_claim,
    "jti": lambda value: _is_uuid(value),
    "iat": _is_up_to(253_402_300_799),
    "sub": _is_claim,
    "aud": lambda value: value == "*" or _is_uuid(value),
    "product": _is_claim,
    "edition": _is_claim,
    "licenses": _is_up_to(10_000_000),
    "license_period": _is_period,
    "maintenance_period": lambda value: value is None or (_is_period(value) and value["end"] is not None),
    "optional_products": lambda value: (
        isinstance(value, list) and len(value) <= 50 and all(map(_is_claim, value)) and len(set(value)) == len(value)
    ),
}


def _fields_of_license_key(claims: Json, kid: str, text: str) -> dict[str, Json]:
    """What the event must say of a license key with these claims, which are in order."""
    license_period, maintenance = claims["license_period"], claims["maintenance_period"] or {"start": None, "end": None}
    return {
        "edition": claims["edition"],
        "licenses": claims["licenses"],
        "license_start": license_period["start"],
        "license_end": license_period["end"],
        "maintenance_start": maintenance["start"],
        "maintenance_end": maintenance["end"],
        "optional_products": claims["optional_products"],
        "customer": claims["sub"],
        "issuer": claims["iss"],
        "audience": claims["aud"],
        "product": claims["product"],
        "key_id": claims["jti"],
        "issued_at": claims["iat"],
        "signing_key_id": kid,
        "fingerprint": hashlib.sha256(text.encode()).hexdigest(),
        "other_claims": {name: value for name, value in claims.items() if name not in _CLAIMS},
    }


# What an event says: the members of its state, and their forms. Whether it may say so there is asked by the rules.

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_LENIENT = json.JSONDecoder(parse_float=_not_whole, parse_constant=_not_whole)

_DIGEST = re.compile("[0-9a-f]{64}")
_TOKEN_ID = re.compile("[a-z2-7]{8}")
_SEALED_HEAD, _SEALED_BLOCK = 28, 64
"""A nonce of 12 bytes and a tag of 16; a name is padded to whole blocks."""


def fields_of(state: bytes) -> dict[str, Json]:
    """What the state of an event says; ValueError unless it is JSON in the one writing that Seatledger stores."""
    text = state.decode()
    if _is_too_deep(text):
        raise ValueError("nested too deep")
    fields = _LENIENT.decode(text)
    # Blanks, a member twice, half of a character, a number or an escape written otherwise: all of them show here.
    if not isinstance(fields, dict) or _COMPACT.encode(fields) != text:
        raise ValueError("not in the one writing that is stored")
    return fields


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    """The day of a text YYYY-MM-DD; ValueError for any other writing of it."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("not YYYY-MM-DD")
    return day


def _is_day(value: Json) -> bool:
    try:
        return isinstance(value, str) and bool(_day(value))
    except ValueError:
        return False


def _is_moment(value: Json) -> bool:
    """A moment in UTC as the library stores it."""
    try:
        text = value["_data_"]
        moment = datetime.fromisoformat(text)
        return (
            len(value) == 2
            and value["_type_"] == "datetime_iso"
            and moment.isoformat() == text
            and text.endswith("+00:00")
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        return False


def _is_uuid(value: Json) -> bool:
    return type(value) is str and _UUID.fullmatch(value) is not None


def _is_digest(value: Json) -> bool:
    return type(value) is str and _DIGEST.fullmatch(value) is not None


def _is_token_id(value: Json) -> bool:
    return type(value) is str and _TOKEN_ID.fullmatch(value) is not None


def _is_any_text(value: Json) -> bool:
    return type(value) is str


def _is_name(value: Json) -> bool:
    """A name of something that is no person, 1 to 200 characters without blanks around them and without control."""
    return (
        _is_short(value, 200) and bool(value) and value == value.strip() and not re.search("[\0-\x1f\x7f-\x9f]", value)
    )


def _is_time_zone(value: Json) -> bool:
    return _is_short(value, 100) and re.fullmatch("[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*", value) is not None


def _is_sealed(value: Json) -> bool:
    """Nonce, ciphertext and tag of a person's name, in base64."""
    try:
        blocks, rest = divmod(len(from_base64(value)) - _SEALED_HEAD, _SEALED_BLOCK) if type(value) is str else (0, 0)
    except ValueError:
        return False
    return blocks >= 1 and rest == 0


def _is_root(value: Json) -> bool:
    try:
        return type(value) is str and len(from_base64(value)) == 32
    except ValueError:
        return False


def _is_size(value: Json) -> bool:
    return type(value) is int


def _is_boolean(value: Json) -> bool:
    return type(value) is bool


def _is_list_of_texts(value: Json) -> bool:
    return type(value) is list and all(type(each) is str for each in value)


def _or_none(fits: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return lambda value: value is None or fits(value)


Forms = Mapping[str, Callable[[Json], bool]]
"""The members of an event's state, and what tells whether a value can be one of theirs."""

_STAMP: Forms = {"timestamp": _is_moment, "by": _is_any_text, "command_id": _is_uuid, "day": _is_day}
"""Who did it, by which command, when and on which day: every event has these."""

_MEMBERS: Mapping[str, Forms] = {
    "InstallationOpened": {
        "originator_topic": lambda value: value == "seatledger:Installation",
        "name": _is_name,
        "product": _is_name,
        "time_zone": _is_time_zone,
    },
    # As the license key says them, which is compared: their forms are those of its claims.
    "LicenseRegistered": dict.fromkeys(
        (
            *("edition", "licenses", "license_start", "license_end", "maintenance_start", "maintenance_end"),
            *("optional_products", "customer", "issuer", "audience", "product", "key_id", "issued_at"),
            *("signing_key_id", "fingerprint", "key_text", "other_claims"),
        ),
        lambda _: True,
    ),
    "LicenseKeyRefused": {"code": _is_any_text, "fingerprint": _is_digest},
    "UserAdded": {"user_id": _is_uuid, "administrator": _is_boolean, "sealed_name": _is_sealed},
    "UserDeleted": {"user_id": _is_uuid},
    "UserRestored": {"user_id": _is_uuid},
    "UserRenamed": {"user_id": _is_uuid, "sealed_name": _is_sealed},
    "AdministratorGranted": {"user_id": _is_uuid},
    "AdministratorRevoked": {"user_id": _is_uuid},
    "AuditorAdded": {"auditor_id": _is_uuid, "sealed_name": _is_sealed},
    "AuditorRemoved": {"auditor_id": _is_uuid},
    "OperatorSeen": {"operator_id": _is_uuid, "sealed_name": _is_sealed},
    "PersonErased": {"account_id": _is_uuid},
    "PasswordLinkMade": {"account_id": _is_uuid},
    "PasswordChanged": {"account_id": _is_uuid, "how": _is_any_text},
    "TokenCreated": {
        "token_id": _is_token_id,
        "name": _is_name,
        "scopes": _is_list_of_texts,
        "digest": _is_digest,
        "expires_on": _or_none(_is_day),
    },
    "TokenRevoked": {"token_id": _is_token_id},
    "ClockCorrected": {},
    "DayReached": {},
    "RestoreAccepted": {"size": _is_size, "root": _is_root, "lost_size": _is_size, "lost_root": _is_root},
    "LogAnchorContradicted": {"size": _is_size, "root": _is_any_text},
}

EVENTS: Mapping[str, Forms] = {f"seatledger:{kind}": {**_STAMP, **members} for kind, members in _MEMBERS.items()}
"""Every kind of event of this format, and the members of its state: these, and no others."""


_PATTERNS: Mapping[Callable[[Json], bool], str] = {
    _is_uuid: f'"(?P<NAME>{_UUID.pattern})"',
    _is_sealed: '"(?P<NAME>[A-Za-z0-9+/]+={0,2})"',
    _is_boolean: "(?P<NAME>true|false)",
}
"""The forms that texts of JSON can be compared with."""

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.(?!000000)[0-9]{6})?\+00:00"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _shape(forms: Forms) -> re.Pattern[str] | None:
    """What a whole state of these members looks like, in the order in which they are stored."""
    members = {name: form for name, form in forms.items() if name not in _STAMP}
    if not all(form in _PATTERNS for form in members.values()):
        return None
    stamp = rf'\{{"timestamp":\{{"_type_":"datetime_iso","_data_":"(?P<timestamp>{_DATE}T{_CLOCK})"\}}'
    stamp += rf',"by":"(?P<by>[a-z]+:?[a-z0-9-]*)","command_id":"(?P<command_id>{_UUID.pattern})"'
    others = (f',"{name}":{_PATTERNS[form].replace("NAME", name)}' for name, form in members.items())
    return re.compile(rf'{stamp},"day":"(?P<day>{_DATE})"{"".join(others)}\}}')


_SHAPES = {topic: _shape(forms) for topic, forms in EVENTS.items()}


def _at_a_glance(topic: str, state: bytes) -> dict[str, Json] | None:
    """What an event of a frequent kind says; None if only a closer look tells, which takes three times as long."""
    shape = _SHAPES[topic]
    match = shape and shape.fullmatch(state.decode("utf-8", "replace"))
    if not match:
        return None
    fields: dict[str, Json] = match.groupdict()
    moment, is_sealed = fields["timestamp"], True
    fields["timestamp"] = {"_type_": "datetime_iso", "_data_": moment}
    if "administrator" in fields:
        fields["administrator"] = fields["administrator"] == "true"
    if "sealed_name" in fields:
        is_sealed = _is_sealed(fields["sealed_name"])
    return fields if is_sealed and _is_day(fields["day"]) and _is_day(moment[:10]) else None


def read_event(topic: str, state: bytes) -> dict[str, Json]:
    """What an event says, in the form of its kind; raises the Finding `malformed_state`, without a position."""
    if (glance := _at_a_glance(topic, state)) is not None:
        return glance
    try:
        fields = fields_of(state)
    except (ValueError, RecursionError):
        message = "The event's content cannot be read: it is no JSON in the one writing that Seatledger stores."
        raise Finding("malformed_state", message) from None
    forms = EVENTS[topic]
    if fields.keys() != forms.keys():
        unknown, missing = sorted(fields.keys() - forms.keys()), sorted(forms.keys() - fields.keys())
        which = f"has {_quoted(unknown[0])}, which" if unknown else f"lacks {_quoted(missing[0])}, which"
        raise Finding("malformed_state", f"The event {which} {'no' if unknown else 'every'} event of its kind has.")
    for name, fits in forms.items():
        if not fits(fields[name]):
            raise Finding("malformed_state", f"The event's {name} is none: {_quoted(fields[name])}.")
    return fields


# The rules: whether the commands could have recorded an event where it stands. Whoever can write the database can
# append one that the next checkpoint signs like any other; only the rules tell that nobody was allowed to.

RULES: Mapping[str, int] = {
    "opening": 2, "A1": 2, "A2": 2, "K2": 2, "K3": 2, "K4": 2, "K7": 2, "K9": 2, "L3": 2, "P1": 2, "P2": 2, "U2": 2,
    "U3": 2, "U6": 2, "U7": 2, "tokens": 2,
}  # fmt: skip
"""Every rule that is asked, and since which version of the format: what an older export holds obeys the older rules."""

SCOPES = ("login-check", "license", "users", "administrators", "audit", "snapshot")
"""What an API token may be made for, in the order in which an event names them."""

MAX_TOKEN_DAYS = 3650

_SCOPES_FOR: Mapping[str, Collection[str]] = {
    "LicenseRegistered": {"license"},
    "LicenseKeyRefused": {"license"},
    "LogAnchorContradicted": {"license"},
    "UserAdded": {"users"},
    "UserDeleted": {"users"},
    "UserRestored": {"users"},
    "UserRenamed": {"users"},
    "PersonErased": {"users"},
    "AdministratorGranted": {"administrators"},
    "AdministratorRevoked": {"administrators"},
}
"""What a token can do, with any of these scopes."""

_ONLY: Mapping[str, Collection[str]] = {
    "InstallationOpened": {"operator"},
    "OperatorSeen": {"operator"},
    "RestoreAccepted": {"operator", "auditor"},
    "DayReached": {"server"},
    "PersonErased": {"operator", "user", "token", "server"},
    "UserDeleted": {"operator", "user", "server"},
    "AuditorRemoved": {"operator", "user", "server"},
    "PasswordChanged": {"operator", "user", "auditor"},
}
"""Who alone can do what not only operators and administrators can, or not all of these."""

_REFUSALS = {
    "too_long", "malformed", "not_canonical", "wrong_header", "unknown_signing_key", "revoked_signing_key",
    "bad_signature", "bad_claims", "unknown_claim", "wrong_product", "wrong_installation", "key_id_used",
    "issued_in_future", "license_period_over", "older_than_registered",
}  # fmt: skip
"""The codes with which a license key is refused."""

ALARMS = ("LogAnchorContradicted", "ClockCorrected", "RestoreAccepted")
"""The kinds of events that an auditor must see, however honest the history."""

_BY = re.compile(f"(operator|user|auditor):({_UUID.pattern})|(token):({_TOKEN_ID.pattern})|(server)")
_ONE_DAY = timedelta(days=1)


class _Registered(NamedTuple):
    """What the rules need to know of every license key that was registered."""

    issued_at: int
    start: date
    last_day: date
    turning_days: list[date]
    """The first days of its license and maintenance periods, and the days after their last ones."""


class Rules:
    """Folds the events of a log, and raises the Finding `rule_broken` for one that no command records there.

    It knows of people only their ids, and keeps for each about as much as the installation itself. Days are compared
    with the moments in UTC and a tolerance of one day, so that nothing depends on a table of time zones.
    """

    def __init__(self, tree: Tree, version: int = VERSION) -> None:
        self._tree, self._version = tree, version
        self._position, self._kind = 0, ""
        self._day = date.min
        self._before = date.min
        """The day of the event before."""
        self._command = ("", "")
        """Who gave the newest command, and its id: a right is asked once for a command, before its first event."""
        self._actor = ("", "")
        self._opened_by = ("", "")
        self._people: dict[str, str] = {}
        """What everybody who was ever named is, by their id: user, auditor or operator."""
        self._absent: set[str] = set()
        """Deleted users and removed auditors."""
        self._administrators: set[str] = set()
        self._with_password: set[str] = set()
        self._can_administrate: set[str] = set()
        """The administrators who have a password."""
        self._with_link: set[str] = set()
        """Who was made a one-time link; whether it was used already is not asked, since two may cross."""
        self._erased: set[str] = set()
        self._nonces: set[str] = set()
        """Those of all sealed names."""
        self._tokens: dict[str, tuple[list[str], date]] = {}
        """The scopes of each token, and its last day."""
        self._revoked: set[str] = set()
        self._registered: list[_Registered] = []
        self._known_keys: set[str] = set()
        """The ids and the fingerprints of all license keys."""
        self._anchor: tuple[int, str] | None = None
        """The anchor of the license key that the event before registered, by the same command."""
        self.alarms: dict[str, list[int]] = {kind: [] for kind in ALARMS}

    def event(self, position: int, topic: str, fields: Mapping[str, Json]) -> None:
        """Ask the rules of the next event, whose leaf the tree has already, and whose form is in order."""
        self._position, self._kind = position, topic.removeprefix("seatledger:")
        self._ask_who(fields)
        self._ask_day(_day(fields["day"]), _day(fields["timestamp"]["_data_"][:10]))
        fold = _FOLDS.get(self._kind)
        if fold is not None:
            fold(self, fields)
        if self._kind != "LicenseRegistered":
            self._anchor = None
        if self._kind in self.alarms:
            self.alarms[self._kind].append(position)

    def _break(self, rule: str, sentence: str) -> None:
        if RULES[rule] <= self._version:
            raise Finding("rule_broken", f"Rule {rule}: {sentence}", self._position)

    # Who, and when.

    def _ask_who(self, fields: Mapping[str, Json]) -> None:
        command = (fields["by"], fields["command_id"])
        if command != self._command:
            self._actor = _kind_and_id(fields["by"])
            self._ask_right(*self._actor, fields)
            self._command, self._anchor = command, None
        kind, actor = self._actor
        if self._position <= 3:
            self._ask_opening(fields)
        if kind == "token":
            self._ask_scopes(self._tokens.get(actor, ([], date.max))[0], fields)
        elif kind not in _ONLY.get(self._kind, ("operator", "user")):
            self._break("A1", f"It is by {_quoted(fields['by'])}; that is nobody who can record {self._kind}.")

    def _ask_right(self, kind: str, actor: str, fields: Mapping[str, Json]) -> None:
        """Whether somebody has the right to give commands at all."""
        if kind == "operator":
            is_seen = self._people.get(actor) == "operator"
            has_right = is_seen or self._kind in ("OperatorSeen", "InstallationOpened")
        elif kind == "user":
            has_right = actor in self._administrators
        elif kind == "auditor":
            has_right = self._people.get(actor) == "auditor" and actor not in self._absent
        elif kind == "token":
            # The day on which a token is good is asked before the event is recorded, which may be after midnight.
            has_right = actor in self._tokens and actor not in self._revoked
            has_right = has_right and _day(fields["day"]) <= _after(self._tokens[actor][1])
        else:
            has_right = kind == "server"
        if not has_right or actor in self._erased:
            self._break("A1", f"It is by {_quoted(fields['by'])}, who had no right to give commands then.")

    def _ask_scopes(self, scopes: list[str], fields: Mapping[str, Json]) -> None:
        fitting = _SCOPES_FOR.get(self._kind, ())
        has_scope = any(scope in fitting for scope in scopes)
        if self._kind == "UserAdded" and fields["administrator"]:
            has_scope = has_scope and "administrators" in scopes
        if not has_scope:
            self._break("A1", f"It is by {_quoted(fields['by'])}, a token without the scope to record {self._kind}.")

    def _ask_opening(self, fields: Mapping[str, Json]) -> None:
        expected = ("InstallationOpened", "OperatorSeen", "UserAdded")[self._position - 1]
        fits = self._kind == expected and (self._position < 3 or fields["administrator"])
        if not fits or (self._position > 1 and (fields["by"], fields["command_id"]) != self._opened_by):
            self._break(
                "opening", "A log begins with its opening, the operator who did it, and its first administrator."
            )
        self._opened_by = (fields["by"], fields["command_id"])

    def _ask_day(self, day: date, clock: date) -> None:
        """It is the later of the newest event's day and the clock's, unless the clock was corrected (L3).

        `clock` is the day of the event's moment in UTC.
        """
        if self._kind == "ClockCorrected":
            self._ask_correction(day, clock)
        elif day < self._day:
            self._break("L3", f"Its day {day} is before {self._day}, that of the event before it.")
        elif day > self._day and abs(day - clock) > _ONE_DAY:
            self._break("L3", f"Its day {day} is neither that of the event before it nor that of its moment, {clock}.")
        elif clock > day and clock > _after(day):
            self._break("L3", f"Its day {day} is before that of its moment, {clock}.")
        self._before, self._day = self._day, day

    def _ask_correction(self, day: date, clock: date) -> None:
        issued = max((each.issued_at for each in self._registered), default=None)
        if day >= self._day:
            self._break("L3", f"The clock was corrected to {day}, which is not before {self._day}.")
        elif day > _after(clock):
            self._break("L3", f"The clock was corrected to {day}, but showed {clock}.")
        elif issued is not None and _after(day) < datetime.fromtimestamp(issued, UTC).date():
            self._break("L3", f"The clock was corrected to {day}, before the newest license key was issued.")

    def _day_reached(self, _: Mapping[str, Json]) -> None:
        before = self._before
        if not any(before < turning <= self._day for key in self._registered for turning in key.turning_days):
            self._break("L3", f"Nothing began or ended after {before} and not after {self._day}.")

    # People.

    def _person(self, id_: str, kind: str) -> str:
        """The id of somebody who is a `kind`, and whose name is not erased."""
        if self._people.get(id_) != kind:
            self._break("U2", f"There is no {kind} {id_}.")
        # After a restore the server erases again, whoever is there: then they can only leave, as they had left before.
        if id_ in self._erased and self._kind not in ("UserDeleted", "AdministratorRevoked", "AuditorRemoved"):
            self._break("P2", f"The {kind} {id_} was erased.")
        return id_

    def _new_person(self, id_: str, kind: str, sealed_name: str) -> None:
        if id_ in self._people:
            self._break("U2", f"There is a {self._people[id_]} {id_} already.")
        self._people[id_] = kind
        self._note_nonce(id_, sealed_name)

    def _note_nonce(self, id_: str, sealed_name: str) -> None:
        """A nonce of 96 random bits stands once in a log, whoever is named; the first 16 characters are it."""
        nonce = sealed_name[:16]
        if nonce in self._nonces:
            self._break("P1", f"The name of {id_} is sealed with a nonce that sealed an earlier name.")
        self._nonces.add(nonce)

    def _operator_seen(self, fields: Mapping[str, Json]) -> None:
        if fields["by"] != f"operator:{fields['operator_id']}":
            self._break("A1", "An operator is recorded by somebody else.")
        self._new_person(fields["operator_id"], "operator", fields["sealed_name"])

    def _user_added(self, fields: Mapping[str, Json]) -> None:
        self._new_person(fields["user_id"], "user", fields["sealed_name"])
        if fields["administrator"]:
            self._administrators.add(fields["user_id"])

    def _user_deleted(self, fields: Mapping[str, Json]) -> None:
        user = self._person(fields["user_id"], "user")
        if user in self._absent:
            self._break("U7", f"The user {user} is deleted already.")
        self._ask_leaves_erased(user)
        if user in self._administrators:
            self._ask_not_last(user)
        self._absent.add(user)
        self._administrators.discard(user)
        self._lose_password(user)

    def _user_restored(self, fields: Mapping[str, Json]) -> None:
        user = self._person(fields["user_id"], "user")
        if user not in self._absent:
            self._break("U7", f"The user {user} is not deleted.")
        self._absent.discard(user)

    def _user_renamed(self, fields: Mapping[str, Json]) -> None:
        user = self._person(fields["user_id"], "user")
        if user in self._absent:
            self._break("U6", f"The user {user} is deleted.")
        self._note_nonce(user, fields["sealed_name"])

    def _administrator_granted(self, fields: Mapping[str, Json]) -> None:
        user = self._person(fields["user_id"], "user")
        if user in self._absent:
            self._break("U6", f"The user {user} is deleted.")
        if user in self._administrators:
            self._break("U7", f"The user {user} is an administrator already.")
        self._lose_password(user)  # one counts since the right was given
        self._administrators.add(user)

    def _administrator_revoked(self, fields: Mapping[str, Json]) -> None:
        user = self._person(fields["user_id"], "user")
        if user not in self._administrators:
            self._break("U7", f"The user {user} is no administrator.")
        self._ask_not_last(user)
        self._administrators.discard(user)
        self._lose_password(user)

    def _lose_password(self, account: str) -> None:
        self._with_password.discard(account)
        self._can_administrate.discard(account)
        self._with_link.discard(account)

    def _ask_not_last(self, user: str) -> None:
        if self._administrators == {user}:
            self._break("U3", f"The user {user} is the last administrator.")
        if self._can_administrate == {user}:
            self._break("U3", f"The user {user} is the last administrator who has a password.")

    def _auditor_added(self, fields: Mapping[str, Json]) -> None:
        self._new_person(fields["auditor_id"], "auditor", fields["sealed_name"])

    def _auditor_removed(self, fields: Mapping[str, Json]) -> None:
        auditor = self._person(fields["auditor_id"], "auditor")
        if auditor in self._absent:
            self._break("U7", f"The auditor {auditor} is removed already.")
        self._ask_leaves_erased(auditor)
        self._absent.add(auditor)
        self._lose_password(auditor)

    def _person_erased(self, fields: Mapping[str, Json]) -> None:
        id_ = fields["account_id"]
        kind = self._people.get(id_)
        if kind is None:
            self._break("P2", f"There is nobody {id_}.")
        if id_ in self._erased:
            self._break("P2", f"The {kind} {id_} was erased already.")
        if self._actor[0] == "token" and kind != "user":
            self._break("A1", f"It is by {_quoted(fields['by'])}, a token, which can erase users alone.")
        if kind != "operator" and id_ not in self._absent and fields["by"] != "server":
            self._break("P2", f"The {kind} {id_} is present.")
        self._erased.add(id_)
        self._lose_password(id_)

    def _ask_leaves_erased(self, id_: str) -> None:
        """Of whom it erased after a restore, the server records that they leave as well; of nobody else."""
        if self._actor[0] == "server" and id_ not in self._erased:
            self._break("P2", f'It is by "server", which did not erase {id_}.')

    def _account(self, fields: Mapping[str, Json]) -> str:
        """The id of somebody who may sign in."""
        id_: str = fields["account_id"]
        is_auditor = self._people.get(id_) == "auditor" and id_ not in self._absent
        if id_ not in self._administrators and not is_auditor:
            self._break("U6", f"{id_} is neither an administrator nor an auditor.")
        if id_ in self._erased:
            self._break("P2", f"{id_} was erased.")
        return id_

    def _link_made(self, fields: Mapping[str, Json]) -> None:
        self._with_link.add(self._account(fields))

    def _password_changed(self, fields: Mapping[str, Json]) -> None:
        account, how = self._account(fields), fields["how"]
        has_way = {"own": account in self._with_password, "link": account in self._with_link, "machine": True}
        if not has_way.get(how, False):
            self._break("A1", f"The password of {account} cannot be set in the way {_quoted(how)}.")
        if (how == "machine") != (self._actor[0] == "operator") or (how != "machine" and self._actor[1] != account):
            self._break("A1", f"It is by {_quoted(fields['by'])}, who cannot set the password of {account} like this.")
        self._with_password.add(account)
        if account in self._administrators:
            self._can_administrate.add(account)

    # Tokens.

    def _token_created(self, fields: Mapping[str, Json]) -> None:
        token, scopes = fields["token_id"], fields["scopes"]
        if token in self._tokens:
            self._break("tokens", f"There is a token {token} already.")
        if not scopes or scopes != [scope for scope in SCOPES if scope in scopes]:
            self._break("tokens", f"These are no scopes, each once and in their order: {_quoted(scopes)}.")
        expires_on = date.max if fields["expires_on"] is None else _day(fields["expires_on"])
        # The last day is counted before the event is recorded, which may be after midnight.
        if expires_on < self._day or (fields["expires_on"] and (expires_on - self._day).days > MAX_TOKEN_DAYS):
            self._break("tokens", f"The token {token} was made to be good until {expires_on}: too short, or too long.")
        self._tokens[token] = (scopes, expires_on)

    def _token_revoked(self, fields: Mapping[str, Json]) -> None:
        token = fields["token_id"]
        if token not in self._tokens:
            self._break("tokens", f"There is no token {token}.")
        if token in self._revoked:
            self._break("U7", f"The token {token} is revoked already.")
        self._revoked.add(token)

    # License keys.

    def _license_registered(self, fields: Mapping[str, Json]) -> None:
        """A license key whose signature, and whose fields by it, were checked."""
        issued_at = fields["issued_at"]
        start, last_day, days = _days_of(fields["license_start"], fields["license_end"])
        if fields["fingerprint"] in self._known_keys:
            self._break("K2", "The license key is registered already.")
        if fields["key_id"] in self._known_keys:
            self._break("K2", f"Another license key has the id {fields['key_id']} already.")
        if _is_after(issued_at, datetime.fromisoformat(fields["timestamp"]["_data_"])):
            self._break("K9", "The license key was issued more than a day after it was registered.")
        if last_day < self._day:
            self._break("K4", f"The license period was over on {last_day}.")
        if any(
            issued_at < each.issued_at and start <= each.last_day and each.start <= last_day
            for each in self._registered
        ):
            self._break("K3", "The license key was issued before a registered one for the same days.")
        if fields["maintenance_start"] is not None:
            days += _days_of(fields["maintenance_start"], fields["maintenance_end"])[2]
        self._registered.append(_Registered(issued_at, start, last_day, days))
        self._known_keys |= {fields["fingerprint"], fields["key_id"]}
        self._anchor = anchor_of(fields)

    def _key_refused(self, fields: Mapping[str, Json]) -> None:
        if fields["code"] not in _REFUSALS:
            self._break("K7", f"No license key is refused with {_quoted(fields['code'])}.")

    # The log itself.

    def _anchor_contradicted(self, fields: Mapping[str, Json]) -> None:
        if (fields["size"], fields["root"]) != self._anchor:
            self._break(
                "A2", "The same command registered no license key right before it that carries this checkpoint."
            )
        # The key's own event and this one came after the log that was compared.
        if fields["size"] <= self._position - 2 and self._tree.has(fields["size"], fields["root"]):
            self._break("A2", "It is not true: the log is an extension of the checkpoint in the license key.")

    def _restore_accepted(self, fields: Mapping[str, Json]) -> None:
        if not 1 <= fields["size"] < self._position or not self._tree.has(fields["size"], fields["root"]):
            self._break("A2", "The checkpoint that was accepted is none of this log.")
        if fields["lost_size"] <= fields["size"]:
            self._break("A2", "The checkpoint that was lost is not for more events than the accepted one.")
        if fields["lost_size"] < self._position and self._tree.has(fields["lost_size"], fields["lost_root"]):
            self._break("A2", "The checkpoint that was lost is one of this log: nothing was lost.")


_FOLDS: Mapping[str, Callable[[Rules, Mapping[str, Json]], None]] = {
    "LicenseRegistered": Rules._license_registered,
    "LicenseKeyRefused": Rules._key_refused,
    "UserAdded": Rules._user_added,
    "UserDeleted": Rules._user_deleted,
    "UserRestored": Rules._user_restored,
    "UserRenamed": Rules._user_renamed,
    "AdministratorGranted": Rules._administrator_granted,
    "AdministratorRevoked": Rules._administrator_revoked,
    "AuditorAdded": Rules._auditor_added,
    "AuditorRemoved": Rules._auditor_removed,
    "OperatorSeen": Rules._operator_seen,
    "PersonErased": Rules._person_erased,
    "PasswordLinkMade": Rules._link_made,
    "PasswordChanged": Rules._password_changed,
    "TokenCreated": Rules._token_created,
    "TokenRevoked": Rules._token_revoked,
    "DayReached": Rules._day_reached,
    "RestoreAccepted": Rules._restore_accepted,
    "LogAnchorContradicted": Rules._anchor_contradicted,
}


def anchor_of(fields: Mapping[str, Json]) -> tuple[int, str] | None:
    """The size and the root (base64) of the checkpoint that a license key carries; None if it carries none."""
    size, root = fields["other_claims"].get("x_log_size"), fields["other_claims"].get("x_log_root")
    return (size, root) if type(size) is int and isinstance(root, str) else None


@lru_cache(maxsize=1024)
def _kind_and_id(by: str) -> tuple[str, str]:
    """What somebody who did something is, and their id; what nobody is, is "nobody"."""
    match = _BY.fullmatch(by)
    return (match[1] or match[3] or match[5], match[2] or match[4] or "") if match else ("nobody", "")


def _after(day: date) -> date:
    """The day after a day; the last of all days has none."""
    return day if day == date.max else day + _ONE_DAY


def _days_of(start: str, end: str | None) -> tuple[date, date, list[date]]:
    """The first and the last day of a period, and the days on which it turns: the first, and that after the last."""
    first, last = _day(start), date.max if end is None else _day(end)
    return first, last, [first] if last == date.max else [first, _after(last)]


def _is_after(seconds: int, moment: datetime) -> bool:
    """Whether a license key was issued more than a day after a moment."""
    try:
        return seconds > (moment + _ONE_DAY).timestamp()
    except OverflowError:
        return False


# Verification.


@dataclass
class Report:
    """What was checked, and the first thing that is wrong, if anything is.

    `kept_size` is that of the newest kept checkpoint that was reached, `checkpoints_by_kept` the number of those that
    this one proves, and no signature of a key that is relied on. `contradicted_anchors` are the positions of license
    keys whose checkpoint is none of the log, `alarms` those of the alarms by kind. `root` is in base64, as in a
    checkpoint; `state` is what the export says that a replay gives.
    """

    installation_id: str | None = None
    events: int = 0
    checkpoints: int = 0
    checkpoints_by_kept: int = 0
    signed_size: int = 0
    license_keys: int = 0
    license_keys_since_revoked: int = 0
    keys_passed_over: list[str] = field(default_factory=list)
    kept_size: int | None = None
    contradicted_anchors: list[int] = field(default_factory=list)
    alarms: dict[str, list[int]] = field(default_factory=dict)
    root: str | None = None
    state: dict[str, Json] | None = None
    log_key_from_export: bool = True
    keyring_from_export: bool = True
    finding: Finding | None = None

    @property
    def keys_from_export(self) -> bool:
        return self.log_key_from_export or self.keyring_from_export

    @property
    def is_whole(self) -> bool:
        """Whether all was verified, and nothing but a vendor's anchor, if anything, is wrong."""
        return self.root is not None and (self.finding is None or self.finding.code == "anchor_contradicted")

    def lines(self) -> Iterator[str]:
        """The report in words that an auditor can quote."""
        yield f"Installation {self.installation_id or 'unknown'}."
        yield f"{_count(self.events, 'event')} checked: positions without a gap, every leaf matches its event."
        yield "Rules: the commands of Seatledger could have recorded every one of these events where it stands."
        whose = "the export's own log key" if self.log_key_from_export else "your log key"
        yield f"{_count(self.checkpoints, 'checkpoint')} checked: root and signature, with {whose}."
        if self.checkpoints_by_kept:
            yield f"Of these, {self.checkpoints_by_kept:,} proven by the checkpoint that you kept, and not by that key."
        whose = "the export's own keyring" if self.keyring_from_export else "your keyring"
        yield f"{_count(self.license_keys, 'license key')} checked: signature and what the event says, with {whose}."
        for key in self.keys_passed_over:
            yield f"Passed over in the keyring: {key}."
        if self.license_keys_since_revoked:
            yield f"Of these, {self.license_keys_since_revoked} signed with a key that the vendor has revoked since."
        if self.kept_size is not None:
            yield f"The first {_count(self.kept_size, 'event')} are those of the checkpoint that you kept."
        yield f"Alarms in the history: {_places(self.alarms)}."
        if self.root is not None:
            yield f"Root of all {_count(self.events, 'event')}: {self.root}"
        if self.keys_from_export:
            yield KEYS_FROM_EXPORT
        yield "Nothing is wrong." if self.finding is None else f"WRONG ({self.finding.code}): {self.finding}"

    def as_json(self) -> str:
        finding = self.finding and {
            "code": self.finding.code, "position": self.finding.position, "message": str(self.finding)
        }  # fmt: skip
        fields = {**vars(self), "keys_from_export": self.keys_from_export, "finding": finding}
        return json.dumps({"result": "finding" if finding else "ok", **fields})


def _places(alarms: Mapping[str, list[int]]) -> str:
    """How many alarms of which kind there are, and where the first of them stand."""
    places = []
    for kind, positions in alarms.items():
        if positions:
            shown = ", ".join(map(str, positions[:_SHOWN])) + (", ..." if len(positions) > _SHOWN else "")
            places.append(f"{len(positions):,} {kind} (position {shown})")
    return ", ".join(places) or "none"


_SHOWN = 10
"""How many positions of a kind of alarm stand in a line; as JSON all of them do."""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def verify(
    stream: BinaryIO,
    *,
    kept_checkpoints: Sequence[Sequence[str]] = (),
    log_keys: Sequence[str] | None = None,
    old_log_keys: Sequence[str] = (),
    keyring: bytes | None = None,
    on_event: Callable[[int, str, str, bytes], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verifies an export in one pass; whatever the stream holds, it gives a report.

    `kept_checkpoints` are the notes of each file that the auditor kept: of every file at least one must be signed, and
    all that are signed count. `log_keys` (vkeys) and `keyring` (a JWK set) are the auditor's own; those of the export
    stand in for them. `old_log_keys` speak for kept checkpoints alone. Takes memory of 64 bytes for each event, for the
    roots that license keys carry, and some 200 for each person.
    `on_event` gets position, originator id, topic and state of each event after its checks, so that it can be replayed
    in the same pass; what it raises is a finding at that position. `progress` is told the number, every 10,000 events.
    """
    report = Report(log_key_from_export=log_keys is None, keyring_from_export=keyring is None)
    try:
        records = read_export(stream)
        header = next(records)
        assert isinstance(header, Header)  # noqa: S101  read_export yields it first
        audit = _Audit(report, header, keyring)
        audit.trust(header.log_keys if log_keys is None else log_keys, old_log_keys, is_own=log_keys is not None)
        audit.keep(kept_checkpoints)
        for record in records:
            if isinstance(record, StoredEvent):
                audit.event(record)
                if on_event is not None:
                    _replay(on_event, record)
                report.events += 1
                audit.compare_with_kept()
                if progress is not None and not report.events % 10_000:
                    progress(report.events)
            elif isinstance(record, SignedCheckpoint):
                audit.checkpoint(record.note)
            elif isinstance(record, End):
                audit.end(record)
    except Finding as finding:
        report.finding = finding
    if report.finding is None and report.contradicted_anchors:
        report.finding = Finding(
            "anchor_contradicted",
            "The license key that was registered here carries a checkpoint that the vendor saw, and the log is no "
            "extension of it: the history before this event was replaced, or a backup was restored.",
            report.contradicted_anchors[0],
        )
    return report


def _replay(on_event: Callable[[int, str, str, bytes], None], event: StoredEvent) -> None:
    try:
        on_event(*event[:4])
    except Finding:
        raise
    except Exception as error:
        raise Finding(
            "cannot_be_replayed", f"The event cannot be replayed: {_quoted(error)}", event.position
        ) from error


class _Audit:
    """The checks of one pass; every event goes through `event`, every checkpoint through `checkpoint`."""

    def __init__(self, report: Report, header: Header, keyring: bytes | None) -> None:
        report.installation_id = str(header.installation_id)
        self.report, self.tree, self.origin = report, Tree(), origin_of(header.installation_id)
        self.rules = Rules(self.tree)
        report.alarms = self.rules.alarms
        self.product: Json = None
        self.log_keys: list[LogKey] = []
        self.old_log_keys: list[LogKey] = []
        self.evidence: dict[int, Checkpoint] = {}
        try:
            document = header.keyring if keyring is None else _json(keyring.removeprefix(b"\xef\xbb\xbf"))
            self.keyring, report.keys_passed_over = read_keyring(document)
            if keyring is not None and not self.keyring:
                raise ValueError("it has no key that can sign license keys")
        except ValueError as error:
            raise Finding("keyring_invalid", f"The vendor's keyring cannot be read: {error}.") from None

    @property
    def kept_size(self) -> int:
        """How many events the newest kept checkpoint is for; what it proves needs no signature."""
        return max(self.evidence, default=0)

    def trust(self, log_keys: Sequence[str], old_log_keys: Sequence[str], *, is_own: bool) -> None:
        """Rely on these log keys, and on the old ones for what was kept. Raises Finding for one that does not fit."""
        self.log_keys = self._keys_of_this_log(log_keys, is_own=is_own)
        self.old_log_keys = self._keys_of_this_log(old_log_keys, is_own=True) if old_log_keys else []

    def _keys_of_this_log(self, vkeys: Sequence[str], *, is_own: bool) -> list[LogKey]:
        try:
            keys = [read_vkey(vkey) for vkey in vkeys]
        except NoteInvalid as error:
            raise Finding("log_key_invalid", str(error)) from None
        if not keys:
            raise Finding("log_key_invalid", "There is no log key.")
        # An auditor may keep the keys of several installations in one file; an export has its own alone.
        own = [key for key in keys if key.name == self.origin]
        foreign = next((key for key in keys if key.name != self.origin), None)
        if foreign and not (is_own and own):
            message = f"The log key is of {_quoted(foreign.name)}, the export of {self.origin}."
            raise Finding("log_key_invalid", message)
        return own

    def keep(self, files: Sequence[Sequence[str]]) -> None:
        """Compare the log with the checkpoints that the auditor kept, and these with one another."""
        for checkpoint in chain.from_iterable(map(self._read_kept, files)):
            other = self.evidence.setdefault(checkpoint.size, checkpoint)
            if other.root != checkpoint.root:
                raise Finding(
                    "checkpoints_contradict_each_other",
                    f"Two checkpoints that you kept are for {_count(checkpoint.size, 'event')} and have different "
                    "roots: whoever holds the log key signed two histories.",
                )
        self.compare_with_kept()

    def _read_kept(self, notes: Sequence[str]) -> list[Checkpoint]:
        checkpoints, reasons = [], []
        for note in notes:
            try:
                checkpoints.append(read_checkpoint(note, [*self.log_keys, *self.old_log_keys]))
            except NoteInvalid as error:
                reasons.append(str(error))
        if not checkpoints:
            reason = reasons[0] if reasons else "there is none."
            raise Finding("kept_checkpoint_invalid", f"The checkpoint that you kept does not fit: {reason}")
        return checkpoints

    def event(self, event: StoredEvent) -> None:
        position, topic = event.position, event.topic
        if leaf(event.originator_id, position, topic, event.state) != event.leaf:
            message = "The event does not match its leaf: one of them was altered after it was recorded."
            raise Finding("leaf_mismatch", message, position)
        self.tree.append(event.leaf)
        if (position == 1) != (topic == "seatledger:InstallationOpened"):
            raise Finding(
                "unknown_topic", "A log opens its installation with its first event, and only then.", position
            )
        try:
            fields = read_event(topic, event.state)
            if position == 1:
                self.product = fields["product"]
            elif topic == "seatledger:LicenseRegistered":
                self._license_key(position, fields)
        except Finding as finding:
            raise Finding(finding.code, finding.sentence, position) from None
        self.rules.event(position, topic, fields)

    def _license_key(self, position: int, fields: dict[str, Json]) -> None:
        signed_by = check_license_key(fields, self.keyring)
        if fields["audience"] not in ("*", self.report.installation_id) or fields["product"] != self.product:
            raise Finding("license_key_invalid", "The license key is for another installation or another product.")
        self.report.license_keys += 1
        self.report.license_keys_since_revoked += signed_by.revoked
        anchor = anchor_of(fields)
        if anchor is not None and not (anchor[0] < position and self.tree.has(*anchor)):
            self.report.contradicted_anchors.append(position)

    def compare_with_kept(self) -> None:
        checkpoint = self.evidence.get(self.tree.size)
        if checkpoint is None:
            return
        if checkpoint.root != self.tree.root():
            raise Finding(
                "kept_checkpoint_contradicted",
                f"The first {_count(checkpoint.size, 'event')} are not those of the checkpoint that you kept: the "
                "history was replaced or altered, and signed anew if a later checkpoint agrees with it.",
                1,
            )
        self.report.kept_size = checkpoint.size

    def checkpoint(self, note: str) -> None:
        size, agreed = self.tree.size, self.report.signed_size
        try:
            checkpoint = self._read_checkpoint(note)
        except NoteInvalid as error:
            raise Finding("checkpoint_invalid", f"The checkpoint behind event {size} is wrong: {error}", size) from None
        if checkpoint.origin != self.origin:
            message = f"The checkpoint behind event {size} is of {_quoted(checkpoint.origin)}."
            raise Finding("other_installation", message, size)
        if checkpoint.size > size:
            missing = _are_missing(size + 1, checkpoint.size)
            message = f"A checkpoint signs {checkpoint.size:,} events, but only {size:,} stand before it: {missing}."
            raise Finding("events_missing", message, size + 1)
        if checkpoint.size < size:
            message = f"The checkpoint for {_count(checkpoint.size, 'event')} stands behind event {size}."
            raise Finding("out_of_order", message, size)
        if checkpoint.root != self.tree.root():
            raise Finding(
                "root_mismatch",
                f"Events 1 to {size} do not give the root signed in the checkpoint for {size:,} events. With the "
                f"checkpoint before it they agree up to event {agreed}, so one of {agreed + 1} to {size} was altered "
                "together with its leaf, or that checkpoint was signed over an altered log.",
                agreed + 1,
            )
        self.report.checkpoints += 1
        self.report.signed_size = size

    def _read_checkpoint(self, note: str) -> Checkpoint:
        """A checkpoint of the export, signed by a key that is relied on or proven by a kept one; raises NoteInvalid."""
        try:
            return read_checkpoint(note, self.log_keys)
        except NoteInvalid:
            if (checkpoint := text_of_checkpoint(note)).size > self.kept_size:
                raise
            self.report.checkpoints_by_kept += 1
            return checkpoint

    def end(self, end: End) -> None:
        size, signed, root = self.tree.size, self.report.signed_size, to_base64(self.tree.root())
        if self.kept_size > size:
            raise Finding(
                "older_than_kept_checkpoint",
                f"The log ends at event {size}, but the checkpoint that you kept is for {self.kept_size:,}: the newest "
                "events were removed, or an old backup was restored.",
                size + 1,
            )
        if (end.events, end.checkpoints, end.root) != (size, self.report.checkpoints, root):
            message = (
                "The last line tells other numbers of events and checkpoints, or another root, than stand above it."
            )
            raise Finding("counts_differ", message, size + 1)
        if signed < size or size == 0:
            message = f"No checkpoint signs what follows event {signed}; nothing shows that it is whole and unaltered."
            raise Finding("unsigned_events", message, signed + 1)
        self.report.root, self.report.state = root, end.state


# The command line.


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the verifier and gives its exit status."""
    parser = argparse.ArgumentParser(prog="verify_export.py", description="Verifies an audit export of Seatledger.")
    parser.add_argument("export", metavar="EXPORT", type=Path, help="the file that `seatledger audit export` wrote")
    many: dict[str, Json] = {"action": "append", "default": [], "metavar": "FILE", "type": Path}
    parser.add_argument("--checkpoint", help="a checkpoint that you kept from an earlier audit; many times", **many)
    parser.add_argument("--log-key", metavar="FILE", type=Path, help="the log's public key, as you know it yourself")
    parser.add_argument(
        "--old-log-key", help="a log key of earlier times, good for checkpoints that you kept alone; many times", **many
    )
    parser.add_argument("--keyring", metavar="FILE", type=Path, help="the vendor's public keys, from the vendor")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        checkpoints = [_own(file, notes_in) for file in options.checkpoint]
        log_keys = None if options.log_key is None else _own(options.log_key, vkeys_in)
        old_log_keys = [vkey for file in options.old_log_key for vkey in _own(file, vkeys_in)]
        keyring = None if options.keyring is None else _own(options.keyring, keyring_in)
        with options.export.open("rb") as stream:
            report = verify(
                stream,
                kept_checkpoints=checkpoints,
                log_keys=log_keys,
                old_log_keys=old_log_keys,
                keyring=keyring,
                progress=_show_progress if sys.stderr.isatty() else None,
            )
    except Unreadable as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"{error.filename or options.export}: {error.strerror or error}")
    except KeyboardInterrupt:
        return 130
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    text = report.as_json() if options.json else "\n".join(report.lines())
    sys.stdout.buffer.write(text.encode(errors="backslashreplace") + b"\n")
    return 0 if report.finding is None else 1


def _own(path: Path, read: Callable[[bytes], T]) -> T:
    """What `read` finds in a file of the auditor's own; raises Unreadable and OSError, with the file's name."""
    try:
        return read(_content(path))
    except Unreadable as error:
        raise Unreadable(f"{path} cannot be read: {error}.") from None


def _content(path: Path) -> bytes:
    # Without waiting for a pipe that nobody writes into; a device such as /dev/zero never ends.
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(0, "it is no ordinary file", str(path))
        content = stream.read(MAX_LINE + 1)
    if len(content) > MAX_LINE:
        raise OSError(0, f"it has more than {MAX_LINE:,} bytes", str(path))
    return content


def _show_progress(events: int) -> None:
    sys.stderr.write(f"\r{events:,} events checked")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
