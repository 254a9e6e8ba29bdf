"""Signed notes and checkpoints against the published vectors of Go's sumdb/note, and the log key's file."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from application.proof.notes import (
    Checkpoint,
    LogKeyUnusable,
    NoteInvalid,
    create_log_key,
    load_log_key,
    sign,
    sign_note,
    vkey,
)
from application.proof.verify_export import LogKey, open_note, read_checkpoint, read_vkey
from tests.proof_examples import LOG_KEY, ORIGIN, OTHER_LOG_KEY, VKEY
from tests.refused import refused

GOLDEN = Path(__file__).parents[2] / "golden" / "notes"
SUMDB = json.loads((GOLDEN / "sumdb.json").read_text(encoding="utf-8"))
TEXT, PETER, ENOCH = SUMDB["text"], SUMDB["peter"], SUMDB["enoch"]
PETERS_KEY, ENOCHS_KEY = read_vkey(PETER["vkey"]), read_vkey(ENOCH["vkey"])
PETERS_NOTE = f"{TEXT}\n{PETER['signature']}"

CHECKPOINT = Checkpoint(ORIGIN, 20, bytes(range(32)))
NOTE = sign(CHECKPOINT, LOG_KEY)


def read(note: str, vkeys: list[str]) -> Checkpoint:
    """The checkpoint of a note, as the verifier reads it."""
    return read_checkpoint(note, [read_vkey(key) for key in vkeys])


def test_a_note_is_signed_as_go_signs_it() -> None:
    seed = base64.b64decode(PETER["signer"].split("+", 4)[4])[1:]
    private_key = Ed25519PrivateKey.from_private_bytes(seed)
    assert vkey("PeterNeumann", private_key.public_key()) == PETER["vkey"]
    assert sign_note(TEXT, "PeterNeumann", private_key) == PETERS_NOTE


def test_a_text_without_a_line_break_at_its_end_is_not_signed() -> None:
    with pytest.raises(ValueError, match="ends with a line break"):
        sign_note("abc", "PeterNeumann", LOG_KEY)


@pytest.mark.parametrize(
    ("signatures", "keys"),
    [
        (PETER["signature"], [PETERS_KEY]),
        (PETER["signature"] + ENOCH["signature"], [PETERS_KEY]),
        (PETER["signature"] + ENOCH["signature"], [ENOCHS_KEY]),
        (ENOCH["signature"] + PETER["signature"], [PETERS_KEY, ENOCHS_KEY]),
        (PETER["signature"] * 2, [PETERS_KEY]),
        (PETER["signature"] * 100, [PETERS_KEY]),
    ],
    ids=["one", "another ignored", "the other", "both", "twice", "a hundred"],
)
def test_a_note_opens_with_any_of_its_keys(signatures: str, keys: list[LogKey]) -> None:
    assert open_note(f"{TEXT}\n{signatures}", keys) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n{PETER['signature'][:-1]}",
        f"\x01{TEXT}\n{PETER['signature']}",
        f"{TEXT}\r\n{PETER['signature']}",
        f"\ud800{TEXT}\n{PETER['signature']}",
        f"{TEXT}\n— Bad Name {PETER['signature'].split(' ')[2]}",
        f"{TEXT}\n{PETER['signature']}Unexpected line.\n",
        f"{TEXT}\n{PETER['signature'] * 101}",
        f"{TEXT}\n{PETER['signature'].replace('—', '-')}",
        f"{TEXT}\n{PETER['signature'].replace('=', '')}",
        f"{TEXT}\n{PETER['signature'][:60]}ABCD{PETER['signature'][60:]}",
        f"{TEXT}\n{PETER['signature']}{PETER['signature'][:60]}ABCD{PETER['signature'][60:]}",
        f"{TEXT.replace('answer', 'question')}\n{PETER['signature']}",
        f"{TEXT}\n{ENOCH['signature']}",
        f"{TEXT}\n— PeterNeumann x08goA==\n",
        "",
        "\n\n",
        f"\n\n{PETER['signature']}",
    ],
    ids=str,
)
def test_a_note_of_another_form_or_with_a_wrong_signature_does_not_open(note: str) -> None:
    with pytest.raises(NoteInvalid):
        open_note(note, [PETERS_KEY])


def test_a_public_key_is_read_whole_or_not_at_all() -> None:
    text = PETER["vkey"]
    parts = {text[start:end] for start in range(len(text)) for end in range(start + 1, len(text) + 1)} - {text}
    altered = {f"{text[:at]}{chr(ord(text[at]) + 1)}{text[at + 1 :]}" for at in range(len(text))}
    for wrong in (*parts, *altered, *SUMDB["bad_vkeys"], "", "+", "++", "a+b", "\ud800+c74f20a3+AAAA"):
        with pytest.raises(NoteInvalid):
            read_vkey(wrong)


def test_a_checkpoint_is_read_as_it_was_signed() -> None:
    assert NOTE.split("\n")[:4] == [ORIGIN, "20", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert read(NOTE, [VKEY]) == CHECKPOINT
    assert read(NOTE, [PETER["vkey"], VKEY]) == CHECKPOINT


def test_no_character_of_a_checkpoint_can_be_changed() -> None:
    for at, character in enumerate(NOTE):
        with pytest.raises(NoteInvalid):
            read(NOTE[:at] + chr(ord(character) ^ 1) + NOTE[at + 1 :], [VKEY])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n020\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n٢\n{'A' * 43}=\n",
        f"{ORIGIN}\n{'9' * 5000}\n{'A' * 43}=\n",
        f"{ORIGIN}\n20\n{'A' * 42}B=\n",
        f"{ORIGIN}\n20\nAAAA\n",
        f"{ORIGIN}\n20\n{'A' * 43}=\nan extension line\n",
        f"\n20\n{'A' * 43}=\n",
        f"{ORIGIN}\n20\n",
        "something else\n",
    ],
    ids=lambda text: text[len(ORIGIN) : len(ORIGIN) + 20],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        read(sign_note(text, ORIGIN, LOG_KEY), [VKEY])


def test_a_checkpoint_signed_with_another_key_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="not signed by seatledger/"):
        read(sign(CHECKPOINT, OTHER_LOG_KEY), [VKEY])


def test_the_log_key_is_kept_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "log-key.pem"
    made = create_log_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_log_key(path).private_bytes_raw() == made.private_bytes_raw()
    before = path.read_bytes()
    with refused(LogKeyUnusable, "exists already and is never overwritten"):
        create_log_key(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_log_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "log-key.pem"
    create_log_key(path)
    path.chmod(mode)
    with refused(LogKeyUnusable, "others can read"):
        load_log_key(path)


def test_what_is_no_log_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log-key.pem"
    with refused(LogKeyUnusable, "is missing"):
        load_log_key(path)
    with pytest.raises(LogKeyUnusable):
        create_log_key(tmp_path / "missing" / "log-key.pem")
    path.write_bytes(b"\x00nonsense")
    path.chmod(0o600)
    with refused(LogKeyUnusable, "not a private key in PEM"):
        load_log_key(path)
    other = generate_private_key(SECP256R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with refused(LogKeyUnusable, "not an Ed25519 key"):
        load_log_key(path)
