"""Verifies an audit export of Seatledger; this one file needs only Python 3.11 and the package `cryptography`.

    python verify_export.py EXPORT [--checkpoint FILE] [--log-key FILE] [--keyring FILE] [--json]

It imports nothing of Seatledger, so that an auditor can read all of it and run it on another machine. Seatledger itself
builds on this file: what is checked here is what is written there. The format stands in docs/audit-export.md, the
auditor's procedure in docs/audit.md. Exit status: 0 nothing is wrong, 1 a finding, 2 wrong usage.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, count
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
VERSION = 1
MAX_LINE = 1 << 20
"""The longest line of an export, in bytes, and the largest of the auditor's own files."""

T = TypeVar("T")

Json = Any  # as json.loads types it: every reader looks for itself what it is

MAX_KEYS = 1000
"""The most keys of a vendor's keyring."""

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
_MOST_NOTES = 16


def notes_in(file: bytes) -> list[str]:
    """The notes of checkpoints that a file holds, as they were signed; raises Unreadable if it holds none."""
    if not file.strip():
        raise Unreadable("it is empty")
    texts = list(_texts(file))
    notes = list(dict.fromkeys(note for text in texts for note in _notes_of(text)))
    if notes:
        return notes[:_MOST_NOTES]
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
        for part in words[place + 4 :]:
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
    rb'\{"position":([0-9]{1,18}),"originator_id":"([^"\\]*)","topic":"([^"\\]*)",'
    rb'"state":"([A-Za-z0-9+/]*={0,2})","leaf":"([0-9a-f]{64})"\}\n'
)
_TOPIC = re.compile(rb"seatledger:[A-Z][A-Za-z]{0,99}")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read_export(stream: BinaryIO) -> Iterator[Header | StoredEvent | SignedCheckpoint | End]:
    """Reads an export line by line and raises the first Finding.

    What it yields is complete and in order: the header, events from position 1 without a gap, all of one installation
    and each a kind of event of ours, checkpoints in between, the end.
    """
    header = _header(_line(stream, 1, 1))
    yield header
    installation = header.installation_id.hex
    stored_id = installation.encode()
    topics: dict[bytes, str] = {}
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
            if not _TOPIC.fullmatch(name):
                raise Finding(
                    "unknown_topic",
                    f"{_quoted(name.decode(errors='replace'))} is no kind of event of Seatledger.",
                    position,
                )
            if len(topics) >= 100:
                topics.clear()  # no log has so many kinds; a hostile one must not fill the memory
            topic = topics[name] = name.decode("ascii")
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
    raise Finding("malformed_line", "The first line is not in the form of format 1.")


def _record(line: bytes, number: int, position: int) -> SignedCheckpoint | End:
    """Reads a line that is no whole event: a checkpoint, the end, or the note of a missing event or leaf."""
    try:
        fields = _json(line)
    except ValueError:
        fields = None
    match fields:
        case {"checkpoint": str(note), **others} if not others:
            return SignedCheckpoint(note)
        case {"end": {"events": int(), "checkpoints": int(), "root": str(), "state": dict()} as end, **others}:
            if not others and len(end) == 4:
                return End(**end)
        case {"position": int(place), "leaf": str(), **others} if not others and place == position:
            raise Finding("event_missing", "The event is missing from the store; its leaf is still there.", position)
        case {"position": int(place), "leaf": None} if place == position:
            raise Finding("leaf_missing", "The leaf is missing from the store; the event is there.", position)
    raise Finding("malformed_line", f"Line {number} has none of the forms of an export's lines.", position)


def _json(text: str | bytes) -> Json:
    """Strict JSON: UTF-8, no name twice in an object, whole numbers only, not nested too deep; ValueError otherwise."""

    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a name stands twice")
        return members

    def refuse(number: str) -> NoReturn:
        raise ValueError(f"{number[:20]} is not a whole number")

    decoded = text if isinstance(text, str) else text.decode()
    if _is_too_deep(decoded):
        raise ValueError("nested too deep")
    return json.loads(decoded, object_pairs_hook=unique, parse_float=refuse, parse_constant=refuse)


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


_CLAIMS = {
    "v", "iss", "jti", "iat", "sub", "aud", "product", "edition", "licenses", "license_period", "maintenance_period",
    "optional_products",
}  # fmt: skip


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
        well_formed = isinstance(kid, str) and header == {"alg": "EdDSA", "kid": kid, "typ": "license+jwt"}
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
    for name, value in _fields_of_license_key(payload, kid, state["key_text"]).items():
        if json.dumps(state.get(name), sort_keys=True) != json.dumps(value, sort_keys=True):
            raise Finding(
                "license_key_contradicted",
                f"The event says {name} {_quoted(state.get(name))}, but its signed license key {_quoted(value)}.",
            )
    return keyring[kid]


def _fields_of_license_key(claims: Json, kid: str, text: str) -> dict[str, Json]:
    """What the event must say of a license key with these claims."""
    try:
        understood = claims["v"] == 1 and all(name in _CLAIMS or name.startswith("x_") for name in claims)
        license_period, maintenance = claims["license_period"], claims["maintenance_period"]
        fields = {
            "edition": claims["edition"],
            "licenses": claims["licenses"],
            "license_start": license_period["start"],
            "license_end": license_period["end"],
            "maintenance_start": None if maintenance is None else maintenance["start"],
            "maintenance_end": None if maintenance is None else maintenance["end"],
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
    except (KeyError, TypeError, AttributeError):
        understood = False
    if not understood:
        raise Finding("license_key_invalid", "The license key is signed, but says what this verifier does not know.")
    return fields


# Verification.


@dataclass
class Report:
    """What was checked, and the first thing that is wrong, if anything is.

    `root` is in base64, as in a checkpoint; `state` is what the export says that a replay gives.
    """

    installation_id: str | None = None
    events: int = 0
    checkpoints: int = 0
    signed_size: int = 0
    license_keys: int = 0
    license_keys_since_revoked: int = 0
    keys_passed_over: list[str] = field(default_factory=list)
    kept_size: int | None = None
    root: str | None = None
    state: dict[str, Json] | None = None
    log_key_from_export: bool = True
    keyring_from_export: bool = True
    finding: Finding | None = None

    @property
    def keys_from_export(self) -> bool:
        return self.log_key_from_export or self.keyring_from_export

    def lines(self) -> Iterator[str]:
        """The report in words that an auditor can quote."""
        yield f"Installation {self.installation_id or 'unknown'}."
        yield f"{_count(self.events, 'event')} checked: positions without a gap, every leaf matches its event."
        whose = "the export's own log key" if self.log_key_from_export else "your log key"
        yield f"{_count(self.checkpoints, 'checkpoint')} checked: root and signature, with {whose}."
        whose = "the export's own keyring" if self.keyring_from_export else "your keyring"
        yield f"{_count(self.license_keys, 'license key')} checked: signature and what the event says, with {whose}."
        for key in self.keys_passed_over:
            yield f"Passed over in the keyring: {key}."
        if self.license_keys_since_revoked:
            yield f"Of these, {self.license_keys_since_revoked} signed with a key that the vendor has revoked since."
        if self.kept_size is not None:
            yield f"The first {_count(self.kept_size, 'event')} are those of the checkpoint that you kept."
        if self.finding is None:
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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def verify(
    stream: BinaryIO,
    *,
    kept_checkpoint: str | Sequence[str] | None = None,
    log_keys: Sequence[str] | None = None,
    keyring: bytes | None = None,
    on_event: Callable[[int, str, str, bytes], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verifies an export in one pass and constant memory; whatever the stream holds, it gives a report.

    `kept_checkpoint` is a note, or several that stood in one file: the largest of those that are signed counts.
    `log_keys` (vkeys) and `keyring` (a JWK set) are the auditor's own; those of the export stand in for them.
    `on_event` gets position, originator id, topic and state of each event after its checks, so that it can be replayed
    in the same pass; what it raises is a finding at that position. `progress` is told the number, every 10,000 events.
    """
    report = Report(log_key_from_export=log_keys is None, keyring_from_export=keyring is None)
    try:
        records = read_export(stream)
        header = next(records)
        assert isinstance(header, Header)  # noqa: S101  read_export yields it first
        audit = _Audit(report, header, kept_checkpoint, log_keys, keyring)
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

    def __init__(
        self,
        report: Report,
        header: Header,
        own: str | Sequence[str] | None,
        log_keys: Sequence[str] | None,
        keyring: bytes | None,
    ) -> None:
        report.installation_id = str(header.installation_id)
        self.report, self.tree, self.origin = report, Frontier(), origin_of(header.installation_id)
        self.product: Json = None
        try:
            keys = [read_vkey(key) for key in (header.log_keys if log_keys is None else log_keys)]
        except NoteInvalid as error:
            raise Finding("log_key_invalid", str(error)) from None
        if not keys:
            raise Finding("log_key_invalid", "There is no log key.")
        # An auditor may keep the keys of several installations in one file; an export has its own alone.
        self.log_keys = [key for key in keys if key.name == self.origin]
        foreign = next((key for key in keys if key.name != self.origin), None)
        if foreign and (log_keys is None or not self.log_keys):
            message = f"The log key is of {_quoted(foreign.name)}, the export of {self.origin}."
            raise Finding("log_key_invalid", message)
        try:
            document = header.keyring if keyring is None else _json(keyring.removeprefix(b"\xef\xbb\xbf"))
            self.keyring, report.keys_passed_over = read_keyring(document)
            if keyring is not None and not self.keyring:
                raise ValueError("it has no key that can sign license keys")
        except ValueError as error:
            raise Finding("keyring_invalid", f"The vendor's keyring cannot be read: {error}.") from None
        self.own = None if own is None else self._read_own([own] if isinstance(own, str) else own)
        self.compare_with_kept()

    def _read_own(self, notes: Sequence[str]) -> Checkpoint:
        checkpoints, reasons = [], []
        for note in notes:
            try:
                checkpoints.append(read_checkpoint(note, self.log_keys))
            except NoteInvalid as error:
                reasons.append(str(error))
        if not checkpoints:
            raise Finding("kept_checkpoint_invalid", f"The checkpoint that you kept does not fit: {reasons[0]}")
        own = max(checkpoints, key=lambda checkpoint: checkpoint.size)
        if own.origin != self.origin:
            message = f"The checkpoint that you kept is of {_quoted(own.origin)}, the export of {self.origin}."
            raise Finding("other_installation", message)
        return own

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
        if position == 1:
            self.product = self._fields(event).get("product")
        elif topic == "seatledger:LicenseRegistered":
            self._license_key(event)

    @staticmethod
    def _fields(event: StoredEvent) -> dict[str, Json]:
        try:
            fields = _json(event.state)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise Finding("malformed_state", "The event's content cannot be read.", event.position)
        return fields

    def _license_key(self, event: StoredEvent) -> None:
        fields = self._fields(event)
        try:
            signed_by = check_license_key(fields, self.keyring)
        except Finding as finding:
            raise Finding(finding.code, finding.sentence, event.position) from None
        if fields.get("audience") not in ("*", self.report.installation_id) or fields.get("product") != self.product:
            message = "The license key is for another installation or another product."
            raise Finding("license_key_invalid", message, event.position)
        self.report.license_keys += 1
        self.report.license_keys_since_revoked += signed_by.revoked

    def compare_with_kept(self) -> None:
        if self.own is None or self.own.size != self.tree.size:
            return
        if self.own.root != self.tree.root():
            raise Finding(
                "kept_checkpoint_contradicted",
                f"The first {_count(self.own.size, 'event')} are not those of the checkpoint that you kept: the "
                "history was replaced or altered, and signed anew if a later checkpoint agrees with it.",
                1,
            )
        self.report.kept_size = self.own.size

    def checkpoint(self, note: str) -> None:
        size, agreed = self.tree.size, self.report.signed_size
        try:
            checkpoint = read_checkpoint(note, self.log_keys)
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

    def end(self, end: End) -> None:
        size, signed, root = self.tree.size, self.report.signed_size, to_base64(self.tree.root())
        if self.own is not None and self.own.size > size:
            raise Finding(
                "older_than_kept_checkpoint",
                f"The log ends at event {size}, but the checkpoint that you kept is for {self.own.size:,}: the newest "
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
    parser.add_argument(
        "--checkpoint", metavar="FILE", type=Path, help="a checkpoint that you kept from an earlier audit"
    )
    parser.add_argument("--log-key", metavar="FILE", type=Path, help="the log's public key, as you know it yourself")
    parser.add_argument("--keyring", metavar="FILE", type=Path, help="the vendor's public keys, from the vendor")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    options = parser.parse_args(arguments)
    try:
        own = _own(options.checkpoint, notes_in)
        log_keys = _own(options.log_key, vkeys_in)
        keyring = _own(options.keyring, keyring_in)
        with options.export.open("rb") as stream:
            report = verify(
                stream,
                kept_checkpoint=own,
                log_keys=log_keys,
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


def _own(path: Path | None, read: Callable[[bytes], T]) -> T | None:
    """What `read` finds in a file of the auditor's own; raises Unreadable and OSError, with the file's name."""
    if path is None:
        return None
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
