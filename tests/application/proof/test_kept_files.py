"""C-2: what an auditor kept is read however it was carried, and what cannot be read is no finding about the log."""

from __future__ import annotations

import html
import json
import quopri
import random
import textwrap
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from application.proof.verify_export import Unreadable, keyring_in, notes_in, verify, vkeys_in
from tests.proof_examples import EXPORT, KEYRING_FILE, LOG, OTHER_LOG_KEY, VKEY, a_checkpoint, a_user

NOTE = a_checkpoint(LOG)

WRAPPERS: dict[str, Callable[[str], str | bytes]] = {
    "as it was": lambda text: text,
    "Windows' line ends": lambda text: text.replace("\n", "\r\n"),
    "old Macs' line ends": lambda text: text.replace("\n", "\r"),
    "a byte order mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with its mark": lambda text: text.encode("utf-16"),
    "UTF-16, the other way round": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32 with its mark": lambda text: text.encode("utf-32"),
    "no last line break": lambda text: text.rstrip("\n"),
    "blank lines behind": lambda text: text + "\n\n",
    "blank lines before": lambda text: "\n\n" + text,
    "a blank line after each": lambda text: text.replace("\n", "\n\n"),
    "no blank line at all": lambda text: text.replace("\n\n", "\n"),
    "blanks at the ends of lines": lambda text: text.replace("\n", " \t\n"),
    "quoted": lambda text: textwrap.indent(text, "> ", lambda _: True),
    "quoted twice": lambda text: textwrap.indent(text, ">> ", lambda _: True),
    "indented": lambda text: textwrap.indent(text, "    "),
    "indented by tabs": lambda text: textwrap.indent(text, "\t"),
    "in a mail": lambda text: (
        f"Dear Ms Okafor,\n\nas every month:\n\n{text}\nKind regards\n-- \nVera, seatledger/keeper\n"
    ),
    "in a code block": lambda text: f"```\n{text}```\n",
    "a JSON string": lambda text: json.dumps(text),
    "a JSON string in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "the line of an export": lambda text: json.dumps({"checkpoint": text}) + "\n",
    "an assignment": lambda text: f'KEPT="{text}"\n',
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "quoted-printable in a mail": lambda text: (
        b"Subject: x\r\n\r\n" + quopri.encodestring(text.replace("\n", "\r\n").encode())
    ),
    "HTML with breaks": lambda text: html.escape(text).replace("\n", "<br>\r\n").replace("—", "&mdash;"),
    "HTML paragraphs": lambda text: "".join(f"<p>{line}</p>" for line in text.splitlines()),
    "preformatted HTML": lambda text: f"<pre>{html.escape(text)}</pre>",
    "a hyphen for the dash": lambda text: text.replace("—", "-"),
    "two hyphens for the dash": lambda text: text.replace("—", "--"),
    "a question mark for the dash": lambda text: text.encode("ascii", "replace"),
    "the dash read as Windows-1252": lambda text: text.encode().decode("cp1252").encode(),
    "wrapped at 72": lambda text: "\n".join("\n".join(textwrap.wrap(line, 72)) for line in text.split("\n")),
    "cut at 60": lambda text: "\n".join(
        line[at : at + 60] for line in text.split("\n") for at in range(0, len(line) or 1, 60)
    ),
    "twice": lambda text: text + "\n" + text,
    "non-breaking blanks": lambda text: text.replace(" ", "\u00a0"),
    "zero-width blanks": lambda text: "\u200b" + text.replace("\n", "\u200b\n"),
}


def octets(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_kept_checkpoint_is_read_however_it_was_carried(name: str) -> None:
    notes = notes_in(octets(WRAPPERS[name](NOTE)))
    assert NOTE in notes
    assert verify(BytesIO(EXPORT), kept_checkpoints=[notes], log_keys=[VKEY], keyring=KEYRING_FILE).finding is None


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_log_key_is_read_however_it_was_carried(name: str) -> None:
    if name != "the dash read as Windows-1252":
        assert vkeys_in(octets(WRAPPERS[name](f"{VKEY}\n"))) == [VKEY]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in WRAPPERS
        if "line ends" in name or "mark" in name or "UTF" in name or "mail" in name.split(" ")[-1:]
    ],
)
def test_a_keyring_is_read_however_it_was_carried(name: str) -> None:
    if "JSON" not in name and "dash" not in name and "printable" not in name:
        assert json.loads(keyring_in(octets(WRAPPERS[name](KEYRING_FILE.decode())))) == json.loads(KEYRING_FILE)


@pytest.mark.parametrize("read", [notes_in, vkeys_in, keyring_in], ids=["checkpoint", "log key", "keyring"])
@pytest.mark.parametrize(
    "file", [b"", b" \r\n", b"nonsense", b"\0" * 99, b"\xff\xfe", b"\xff" * 40, b"{}", b"[]", b'{"keys":1}'], ids=repr
)
def test_what_holds_nothing_cannot_be_read(read: Callable[[bytes], object], file: bytes) -> None:
    with pytest.raises(Unreadable):
        read(file)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "it is empty"),
        (NOTE.partition("\n\n")[0].encode(), "a part of the checkpoint is missing or broken"),
        (NOTE[:-30].encode(), "a part of the checkpoint is missing or broken"),
        (EXPORT[:400], "it is an export"),
        (b"a shopping list", "it holds no checkpoint"),
    ],
    ids=["empty", "no signature", "cut off", "an export", "something else"],
)
def test_the_sentence_is_true_of_the_very_file(file: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        notes_in(file)


def test_a_private_key_is_told_from_a_public_one() -> None:
    with pytest.raises(Unreadable, match="it is a private key"):
        vkeys_in(b"-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n")


def test_of_several_checkpoints_the_largest_signed_one_counts() -> None:
    small, forged = a_checkpoint(LOG[:2]), a_checkpoint([*LOG, *LOG], log_key=OTHER_LOG_KEY)
    notes = notes_in(f"{small}\n{NOTE}\n{forged}".encode())
    assert notes == [small, NOTE, forged]
    report = verify(BytesIO(EXPORT), kept_checkpoints=[notes], log_keys=[VKEY], keyring=KEYRING_FILE)
    assert (report.finding, report.kept_size) == (None, len(LOG))


def test_every_checkpoint_of_a_file_counts_however_many_there_are() -> None:
    """As a mailbox holds them that was sent one every day."""
    honest = [a_checkpoint(LOG[:size]) for size in range(1, len(LOG))]
    notes = notes_in("\n".join([*honest, a_checkpoint([*LOG[:-1], a_user(1)])]).encode())
    assert len(notes) == len(LOG)
    own: dict[str, Any] = {"log_keys": [VKEY], "keyring": KEYRING_FILE}
    finding = verify(BytesIO(EXPORT), kept_checkpoints=[notes], **own).finding
    assert finding is not None
    assert finding.code == "kept_checkpoint_contradicted"
    assert verify(BytesIO(EXPORT), kept_checkpoints=[notes[:-1]], **own).kept_size == len(LOG) - 1


def test_no_mutation_of_a_checkpoint_is_taken_for_one_that_was_signed() -> None:
    """What is read is what was signed, or is not taken: 3,000 mutations, alone and in a wrapper."""
    at_random = random.Random(20261127)  # noqa: S311  the same mutations each time
    wrappers = list(WRAPPERS.values())
    for number in range(3000):
        place = at_random.randrange(len(NOTE))
        kind = number % 3
        changed = (
            NOTE[:place] + chr(at_random.randrange(32, 0x2100)) + NOTE[place + 1 :],
            NOTE[:place] + NOTE[place + 1 :],
            NOTE[:place] + at_random.choice("0Aa=/+ \n>—") + NOTE[place:],
        )[kind]
        wrap = wrappers[at_random.randrange(len(wrappers))]
        try:
            notes = notes_in(wrap(changed).encode() if isinstance(wrap(changed), str) else wrap(changed))  # type: ignore[union-attr,arg-type]
        except (Unreadable, UnicodeError):
            continue
        report = verify(BytesIO(EXPORT), kept_checkpoints=[notes], log_keys=[VKEY], keyring=KEYRING_FILE)
        if report.finding is None:
            assert NOTE in notes, "only what was signed"


def test_the_work_is_bounded() -> None:
    """A file of the largest size that is read, full of what looks like beginnings."""
    origin = NOTE.partition("\n")[0]
    with pytest.raises(Unreadable):
        notes_in((f"{origin} 3 {'A' * 43}= {origin} " * 6000).encode()[: 1 << 20])
