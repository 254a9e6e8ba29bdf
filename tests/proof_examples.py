"""Named examples of the audit log: synthetic events, their export with keys that are no secret, its verification."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.proof.export import ExportWriter
from application.proof.notes import Checkpoint, origin_of, sign, vkey
from application.proof.verify_export import Finding, Frontier, Report, leaf, verify
from domain.license import fields_of_key
from tests.examples import INSTALLATION_ID, KEYRING, PRODUCT, a_license_key

INSTALLATION = UUID(INSTALLATION_ID)
ORIGIN = origin_of(INSTALLATION)
LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"Seatledger example log key, open")
OTHER_LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"Seatledger: log key of a forger!")
VKEY = vkey(ORIGIN, LOG_KEY.public_key())
JWK_SET: dict[str, Any] = {"keys": [key.jwk() for key in KEYRING]}
STATE = {"edition": "Professional", "valid": 3, "in_use": 17}

Event = tuple[str, bytes]
"""A stored event's topic and state."""


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves."""
    tree = Frontier()
    for one in leaves:
        tree.append(one)
    return tree.root()


OPERATOR = str(uuid5(INSTALLATION, "operator"))
"""The id of whoever opened the installation, and gives every command."""


def an_id(of: str) -> str:
    """The id of somebody or something, always the same."""
    return str(uuid5(INSTALLATION, of))


def a_sealed_name(of: str) -> str:
    """A name as it is stored: its form alone, which is all that a verifier can look at."""
    digest = hashlib.sha512(of.encode()).digest()
    return base64.b64encode(digest[:28] + digest).decode()


def a_state(position: int, **fields: Any) -> bytes:
    """An event's state as the library stores it; the first three events are of one command."""
    stamp = {
        "timestamp": {"_type_": "datetime_iso", "_data_": f"2026-04-01T09:00:00.{position:06d}+00:00"},
        "by": f"operator:{OPERATOR}",
        "command_id": an_id(f"command {max(position, 3)}"),
        "day": "2026-04-01",
    }
    return json.dumps({**stamp, **fields}, ensure_ascii=False, separators=(",", ":")).encode()


def a_user(position: int, **fields: Any) -> Event:
    """The event of a user who was added there, an administrator at position 3."""
    user = {"user_id": an_id(f"user {position}"), "administrator": position == 3}
    user["sealed_name"] = a_sealed_name(f"usér{position}")
    return "seatledger:UserAdded", a_state(position, **{**user, **fields})


def a_log(events: int = 20, *, registrations: Sequence[int] = (4, 7), **license_fields: Any) -> list[Event]:
    """Topics and states of `events` events: the opening, its operator, users, and at `registrations` a license."""
    opened = {"name": "Example", "product": PRODUCT, "time_zone": "Europe/Berlin"}
    operator = {"operator_id": OPERATOR, "sealed_name": a_sealed_name("root")}
    log = [
        ("seatledger:InstallationOpened", a_state(1, originator_topic="seatledger:Installation", **opened)),
        ("seatledger:OperatorSeen", a_state(2, **operator)),
    ][:events]
    for position in range(3, events + 1):
        if position in registrations:
            fields = fields_of_key(a_license_key(licenses=position, **license_fields))
            log.append(("seatledger:LicenseRegistered", a_state(position, **fields)))
        else:
            log.append(a_user(position))
    return log


def leaves_of(log: Iterable[Event]) -> list[bytes]:
    return [leaf(INSTALLATION, position, *event) for position, event in enumerate(log, 1)]


def a_checkpoint(log: Sequence[Event], size: int | None = None, *, log_key: Ed25519PrivateKey = LOG_KEY) -> str:
    """A signed checkpoint of the first `size` events of the log (all, if unsaid)."""
    size = len(log) if size is None else size
    return sign(Checkpoint(ORIGIN, size, root(leaves_of(log[:size]))), log_key)


def an_export(
    log: Sequence[Event] | None = None,
    *,
    leaves: Sequence[bytes] | None = None,
    checkpoints: Sequence[str] | None = None,
    log_key: Ed25519PrivateKey = LOG_KEY,
    keyring: dict[str, Any] = JWK_SET,
    state: dict[str, Any] = STATE,
) -> bytes:
    """The export of a log, with the leaves and checkpoints of the log unless others are given.

    Unless given, checkpoints are for 5 events, for half of them, and for all.
    """
    log = a_log() if log is None else log
    leaves = leaves_of(log) if leaves is None else leaves
    if checkpoints is None:
        sizes = sorted({size for size in (5, len(log) // 2, len(log)) if size <= len(log)})
        checkpoints = [a_checkpoint(log, size, log_key=log_key) for size in sizes]
    notes: dict[int, list[str]] = {}
    for note in checkpoints:
        notes.setdefault(min(int(note.split("\n")[1]), len(log)), []).append(note)
    stream = io.BytesIO()
    writer = ExportWriter(stream, INSTALLATION, log_keys=[vkey(ORIGIN, log_key.public_key())], keyring=keyring)
    for position, (event, stored_leaf) in enumerate(zip(log, leaves, strict=True), 1):
        writer.event(INSTALLATION, position, *event, stored_leaf)
        for note in notes.get(position, ()):
            writer.checkpoint(note)
    writer.end(state)
    return stream.getvalue()


KEYRING_FILE = json.dumps(JWK_SET).encode()
LOG = a_log()
EXPORT = an_export(LOG)


def verified(export: bytes, **options: Any) -> Report:
    return verify(io.BytesIO(export), **options)


def finding(export: bytes, **options: Any) -> Finding:
    found = verified(export, **options).finding
    assert found is not None, "nothing was found to be wrong"
    return found


def code_and_position(export: bytes, **options: Any) -> tuple[str, int | None]:
    found = finding(export, **options)
    return found.code, found.position


def lines_of(export: bytes) -> list[bytes]:
    return export.splitlines(keepends=True)


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  a test that can be repeated, and no secret


def flipped(data: bytes, chance: Random) -> bytes:
    """`data` with one bit flipped."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
