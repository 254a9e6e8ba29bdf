"""Checkpoints as signed notes (C2SP signed-note and tlog-checkpoint), and the log key that signs them.

Reading and verifying stand in the one-file verifier; here is what only the installation does: keep the key, and sign.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from application.files import PUBLIC, replaced
from application.license_keys.signing_keys import SigningKeyUnusable, load_signing_key, save_signing_key
from application.permissions import is_there
from application.proof.verify_export import (
    Checkpoint,
    NoteInvalid,
    note_key_id,
    origin_of,
    to_base64,
)
from domain.refusals import Problem

__all__ = [
    "Checkpoint",
    "LogKeyUnusable",
    "NoteInvalid",
    "create_log_key",
    "load_log_key",
    "origin_of",
    "publish_vkey",
    "sign",
    "sign_note",
    "vkey",
]


class LogKeyUnusable(SigningKeyUnusable):
    """The log key cannot be made, kept or loaded as asked."""

    code = "log_key_unusable"


def create_log_key(path: Path) -> Ed25519PrivateKey:
    """Makes a log key and keeps it at `path` as PEM, mode 0600, never over a file; raises LogKeyUnusable."""
    private_key = Ed25519PrivateKey.generate()
    try:
        save_signing_key(private_key, path)
    except SigningKeyUnusable as error:
        raise LogKeyUnusable(**error.facts) from error
    return private_key


def load_log_key(path: Path) -> Ed25519PrivateKey:
    """The log key kept at `path`; raises LogKeyUnusable, also if others than its owner can read it."""
    if not is_there(path):
        raise LogKeyUnusable(problem=Problem("log_key_missing", path=str(path)))
    try:
        return load_signing_key(path)
    except SigningKeyUnusable as error:
        raise LogKeyUnusable(**error.facts) from error


def vkey(origin: str, public_key: Ed25519PublicKey) -> str:
    """The log's public key as text: ORIGIN+ID+BASE64(0x01, key), the form that Go's sumdb/note reads."""
    raw = public_key.public_bytes_raw()
    encoded = to_base64(b"\x01" + raw)
    return f"{origin}+{note_key_id(origin, raw).hex()}+{encoded}"


def publish_vkey(log_key: Path, text: str) -> Path:
    """Lays the log's public key beside the log key, for auditors to take; gives the file. Raises OSError.

    Several installations may share a log key: each has a line, as `--log-key` reads them.
    """
    published = log_key.with_suffix(".vkey")
    lines = published.read_text(encoding="utf-8").splitlines() if published.exists() else []
    if text not in lines:
        replaced(published, "".join(f"{line}\n" for line in [*lines, text]).encode(), PUBLIC)
    return published


def sign(checkpoint: Checkpoint, private_key: Ed25519PrivateKey) -> str:
    """The checkpoint as a note signed with the log key, whose name is the checkpoint's origin."""
    return sign_note(checkpoint.text, checkpoint.origin, private_key)


def sign_note(text: str, name: str, private_key: Ed25519PrivateKey) -> str:
    """A note: `text`, an empty line, and the signature by the key called `name`."""
    if not text.endswith("\n"):
        raise ValueError("A note's text ends with a line break.")
    key_id = note_key_id(name, private_key.public_key().public_bytes_raw())
    return f"{text}\n— {name} {to_base64(key_id + private_key.sign(text.encode()))}\n"
