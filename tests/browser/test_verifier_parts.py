"""The parts of the browser's verifier, each against that of the Python file, or of the browser itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from application.proof.verify_export import EVENTS, Finding, Unreadable, keyring_in, notes_in, read_event, vkeys_in
from application.proof.verify_export import _json as strict_json
from application.proof.verify_export import _unfit_claim as unfit_claim
from tests.application.proof.test_kept_files import WRAPPERS, octets
from tests.browser.verifier_page import encoded, open_page
from tests.examples import a_key
from tests.proof_examples import KEYRING_FILE, LOG, VKEY, a_checkpoint, seeded


@pytest.fixture
def page(page: Page) -> Page:
    open_page(page)
    return page


def test_its_sha_256_is_webcryptos(page: Page) -> None:
    assert (
        page.evaluate(
            """async () => {
            for (let length = 0; length < 400; length++) {
                const data = crypto.getRandomValues(new Uint8Array(length < 300 ? length : length * 97));
                const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
                if (!areEqual(sha256(data), digest)) return length;
            }
            return "all";
        }"""
        )
        == "all"
    )


def test_its_json_is_as_strict_as_the_python_files(page: Page) -> None:
    chance = seeded(11)
    texts = [
        *(
            '{"a":1,"a":1}',
            '{"a":1,"\\u0061":1}',
            "1.0",
            "1e2",
            "01",
            "-0",
            "-1",
            "NaN",
            "Infinity",
            "-Infinity",
            "+1",
            ".5",
            "1.",
        ),
        *("9007199254740993", "1" * 4300, "1" * 4301, "[" * 32 + "]" * 32, "[" * 33 + "]" * 33, '"' + "[" * 99 + '"'),
        *(
            '"\t"',
            '"\\x41"',
            '"\\u12"',
            '"\\ud83d\\ude00"',
            '"\x7f"',
            '"\u2028"',
            "'a'",
            "[1,]",
            "[,1]",
            '{"a":1,}',
            "{1:2}",
            "[1 2]",
        ),
        *(
            " [ 1 , 2 ] ",
            "\u00a0[]",
            "\ufeff[]",
            "[]//",
            "",
            " ",
            "tru",
            "true",
            "null",
            "nul",
            '{"__proto__":1}',
            "[1]]",
        ),
    ]
    pieces = ['{"a":', "}", "[", "]", ",", "1", '"b"', " ", "true", "-", "0", "\\", '"', "e", ".5", "null", ":", "\n"]
    texts += ["".join(chance.choices(pieces, k=chance.randrange(9))) for _ in range(3000)]
    texts += [_cut(json.dumps({"a": [1, -2, None, True, "é\n"], "b": {}}), chance.randrange(45)) for _ in range(100)]
    accepted = page.evaluate("(texts) => texts.map((text) => orElse(null, () => written(strictJson(text))))", texts)
    for text, value in zip(texts, accepted, strict=True):
        try:
            expected = json.dumps(strict_json(text), ensure_ascii=False, separators=(",", ":"))
        except ValueError:
            expected = None
        assert value == expected, text


VALUES = [
    *("", " ", "a", " a", "a\u3000", "\x85a", "a\nb", "é" * 200, "😀" * 200, "😀" * 201, "a\x7fb", "a\ufeff", "null"),
    *(0, 1, -1, 2, 10_000_000, 10_000_001, 253_402_300_799, 253_402_300_800, 2**53 + 1, True, False, None, [], {}),
    *("2026-02-28", "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31"),
    *("2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "20260101", "2026-W01-1", "२०२६-01-01", "*"),
    *("7d3c1f5a-2b64-4e0e-9c58-0f6a1d2b3c4d", "7D3C1F5A-2B64-4E0E-9C58-0F6A1D2B3C4D", "0" * 64, "A" * 64, "abcd2345"),
    *(base64.b64encode(bytes(length)).decode() for length in (28, 32, 91, 92, 93, 156)),
    *(["a"], ["a", "a"], ["a", 1], [" "], ["a"] * 51, list(map(str, range(50))), "seatledger:Installation"),
    *({"start": start, "end": end} for start in ("2026-01-01", None) for end in ("2026-01-01", "2025-12-31", None)),
    {"start": "2026-01-01"},
    {"start": "2026-01-01", "end": None, "more": 1},
    *(
        {"_type_": "datetime_iso", "_data_": f"2026-04-01{time}"}
        for time in (
            *("T09:00:00+00:00", "T09:00:00.000001+00:00", "T09:00:00.000000+00:00", "T09:00:00.001+00:00"),
            *(
                "T24:00:00+00:00",
                "T23:59:60+00:00",
                "T09:00:00Z",
                "T09:00:00-00:00",
                "T09:00:00+02:00",
                " 09:00:00+00:00",
            ),
        )
    ),
    {"_type_": "datetime", "_data_": "2026-04-01T09:00:00+00:00"},
    {"_type_": "datetime_iso", "_data_": 1},
]


def test_an_event_may_say_what_the_python_file_lets_it_say(page: Page) -> None:
    """Every member of every kind of event, with every value; and a member too many or too few."""
    tried = []
    for topic, forms in EVENTS.items():
        event = {name: next((value for value in VALUES if fits(value)), "") for name, fits in forms.items()}
        assert _says(read_event, topic, _stored(event)) == event
        changed = [{**event, name: value} for name in forms for value in VALUES]
        missing = [{name: value for name, value in event.items() if name != left_out} for left_out in forms]
        tried += [(topic, _stored(fields)) for fields in (event, *changed, *missing, {**event, "more": 1})]
        tried += [(topic, _stored(event).replace(b'","', b'", "')), (topic, json.dumps(event).encode()), (topic, b"[]")]
    answers = page.evaluate(
        """(tried) => tried.map(([topic, state]) => {
            try {
                return written(readEvent(topic, fromBase64(state), null));
            } catch (error) {
                if (error instanceof Finding) return error.message;
                throw error;
            }
        })""",
        [(topic, encoded(state)) for topic, state in tried],
    )
    for (topic, state), answer in zip(tried, answers, strict=True):
        said = _says(read_event, topic, state)
        assert answer == (said if isinstance(said, str) else _stored(said).decode()), (topic, state)


def test_a_license_key_may_claim_what_the_python_file_lets_it_claim(page: Page) -> None:
    claims = json.loads(base64.urlsafe_b64decode(a_key().split(".")[1] + "=="))
    tried = [{**claims, name: value} for name in (*claims, "x_log_size", "more") for value in VALUES]
    tried += [{name: value for name, value in claims.items() if name != left_out} for left_out in (*claims, "")]
    answers = page.evaluate(
        "(tried) => tried.map((text) => unfitClaim(strictJson(text)))", list(map(json.dumps, tried))
    )
    for one, answer in zip(tried, answers, strict=True):
        assert answer == unfit_claim(one), one
    assert None in answers


def _stored(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _says(read: Callable[[str, bytes], dict[str, Any]], topic: str, state: bytes) -> dict[str, Any] | str:
    try:
        return read(topic, state)
    except Finding as finding:
        return finding.sentence


def _cut(text: str, at: int) -> str:
    return text[:at] + text[at + 1 :]


def test_all_that_the_python_file_reads_is_read(page: Page) -> None:
    """However a mail program or an editor hands it back, and whatever it made of it."""
    chance, noise = seeded(7), "0Aa=/+ \n>—é"
    texts = {"notesIn": a_checkpoint(LOG), "vkeysIn": f"{VKEY}\n", "keyringIn": KEYRING_FILE.decode()}
    for name, read in (("notesIn", notes_in), ("vkeysIn", vkeys_in), ("keyringIn", keyring_in)):
        carried = [wrap(texts[name]) for wrap in WRAPPERS.values() if not _loses_letters(wrap, texts[name])]
        for _ in range(200):
            at, wrap = chance.randrange(len(texts[name])), chance.choice(list(WRAPPERS.values()))
            mutated = texts[name][:at] + chance.choice(noise) + texts[name][at + chance.randrange(2) :]
            if not _loses_letters(wrap, mutated):
                carried.append(wrap(mutated))
        files = [
            octets(text) for text in (*carried, "", " \r\n", "nonsense", "{}", "[]", "-----BEGIN PRIVATE KEY-----\n")
        ]
        assert page.evaluate(READ, [name, [encoded(file) for file in files]]) == [_read(read, file) for file in files]


READ = """([name, files]) => files.map((file) => {
    const read = { notesIn, vkeysIn, keyringIn }[name];
    try {
        const value = read(fromBase64(file));
        return value instanceof Uint8Array ? utf8(value) : value;
    } catch (error) {
        if (error instanceof Unreadable) return name === "keyringIn" ? null : error.message;
        throw error;
    }
})"""


def _read(read: Callable[[bytes], list[str] | bytes], file: bytes) -> list[str] | str | None:
    try:
        value = read(file)
    except Unreadable as error:
        return None if read is keyring_in else str(error)
    return value.decode() if isinstance(value, bytes) else value


def _loses_letters(wrap: Callable[[str], str | bytes], text: str) -> bool:
    try:
        wrap(text)
    except UnicodeError:  # Windows-1252 has not every character
        return True
    return False
