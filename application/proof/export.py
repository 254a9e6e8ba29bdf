"""Writes the export: lines of JSON, one for each event, so that a log of any length streams (docs/audit-export.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring as _quoted
from typing import Any, BinaryIO
from uuid import UUID

from application.proof.verify_export import (
    FORMAT,
    VERSION,
    Frontier,
    origin_of,
    to_base64,
)

Plain = Mapping[str, Any]  # Any: JSON
"""Members of a JSON object. Any: as json.dumps takes them."""


class ExportWriter:
    """Writes an export to a binary stream: the header at once, then events and checkpoints in order, then the end.

    A checkpoint for n events is written right behind event n, one for more events than there are at the end. The
    writer mends nothing: a damaged log is exported as it is stored, and the verifier names the damage.
    """

    def __init__(self, stream: BinaryIO, installation_id: UUID, *, log_keys: Sequence[str], keyring: Plain) -> None:
        """`log_keys` are vkeys, `keyring` is the JWK set of the vendor's public keys."""
        self._stream = stream
        self._tree = Frontier()
        self._events = self._checkpoints = 0
        self._line(
            {
                "format": FORMAT,
                "version": VERSION,
                "installation_id": str(installation_id),
                "origin": origin_of(installation_id),
                "log_keys": list(log_keys),
                "keyring": keyring,
            }
        )

    def event(self, originator_id: UUID | str, position: int, topic: str, state: bytes, leaf: bytes | None) -> None:
        """An event and its leaf exactly as stored; `leaf` None if the store has none for it."""
        originator = originator_id.hex if isinstance(originator_id, UUID) else originator_id
        stored = "null" if leaf is None else f'"{leaf.hex()}"'
        self._stream.write(
            f'{{"position":{position},"originator_id":{_quoted(originator)},"topic":{_quoted(topic)},'
            f'"state":"{to_base64(state)}","leaf":{stored}}}\n'.encode()
        )
        self._events += 1
        if leaf is not None:
            self._tree.append(leaf)

    def missing_event(self, position: int, leaf: bytes) -> None:
        """A leaf whose event is no longer in the store."""
        self._line({"position": position, "leaf": leaf.hex()})

    def checkpoint(self, note: str) -> None:
        self._line({"checkpoint": note})
        self._checkpoints += 1

    def end(self, state: Plain) -> None:
        """The last line; `state` is what a replay of the events must give, without floats."""
        root = to_base64(self._tree.root())
        self._line({"end": {"events": self._events, "checkpoints": self._checkpoints, "root": root, "state": state}})

    def _line(self, fields: Plain) -> None:
        self._stream.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
