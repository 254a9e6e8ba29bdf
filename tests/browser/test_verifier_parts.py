"""The parts of the browser's verifier, each against that of the Python file, or of the browser itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from application.proof.notes import vkey
from application.proof.verify_export import (
    EVENTS,
    Finding,
    NoteInvalid,
    Unreadable,
    check_license_key,
    from_base64,
    keyring_in,
    note_key_id,
    notes_in,
    read_checkpoint,
    read_event,
    read_keyring,
    read_vkey,
    vkeys_in,
)
from application.proof.verify_export import _from_base64url as from_base64url
from application.proof.verify_export import _is_vkey as is_vkey
from application.proof.verify_export import _json as strict_json
from application.proof.verify_export import _unfit_claim as unfit_claim
from tests.application.proof.test_kept_files import WRAPPERS, octets
from tests.browser.verifier_page import encoded, open_page
from tests.examples import a_key
from tests.proof_examples import JWK_SET, KEYRING_FILE, LOG, ORIGIN, OTHER_LOG_KEY, VKEY, a_checkpoint, seeded


@pytest.fixture
def page(one_page: Page) -> Page:
    open_page(one_page)
    return one_page


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


def test_its_base64_is_as_strict_as_the_python_files(page: Page) -> None:
    chance = seeded(3)
    texts = [
        "",
        "=",
        "==",
        "A",
        "AA",
        "AAA",
        "AA=",
        "AA==",
        "AB==",
        "AAA=",
        "AAB=",
        "AAC=",
        "A===",
        "AA==AA==",
        "AAAA\n",
    ]
    texts += ["".join(chance.choices("AQgw+/=-_é 9", k=chance.randrange(9))) for _ in range(3000)]
    for name, read in (("fromBase64", from_base64), ("fromBase64url", from_base64url)):
        hex_of = f"(texts) => texts.map((text) => orElse(null, () => toHex({name}(text))))"
        answers = page.evaluate(hex_of, texts)
        for text, answer in zip(texts, answers, strict=True):
            assert answer == _hex_of(read, text), text


def _hex_of(read: Callable[[str], bytes], text: str) -> str | None:
    try:
        return read(text).hex()
    except ValueError:
        return None


def test_its_notes_and_keys_are_as_strict_as_the_python_files(page: Page) -> None:
    """A checkpoint of two signers and a log key, each changed in one place, and forms that only look like them."""
    chance, keys = seeded(5), [VKEY, OTHER_VKEY]
    body, *lines = a_checkpoint(LOG, 7).split("\n\n")
    both = f"{body}\n\n{lines[0]}{a_checkpoint(LOG, 7, log_key=OTHER_LOG_KEY).split(chr(10) * 2)[1]}"
    stranger = both.replace(" seatledger", " example.org", 1)
    notes = [both, stranger, f"{body}\n\n", "\n\n", "", f"\n\n{lines[0]}", f"{body}\n\n{lines[0] * 100}", f"a\n{both}"]
    notes += [
        f"{body}\n\n{lines[0] * 101}",
        both.replace("\n7\n", "\n07\n"),
        both.replace("—", "-"),
        both[:-1],
        both + "\n",
    ]
    notes += [
        both.replace("\n", "\r\n"),
        both.replace("\n7", "\ud800\n7"),
        both.replace(" ", "  "),
        f"{body}\nmore\n\n{lines[0]}",
    ]
    vkeys = [
        VKEY,
        f" {VKEY}\n",
        f"\x1c{VKEY}\x85",
        f"\ufeff{VKEY}",
        "",
        "++",
        VKEY.upper(),
        VKEY.replace("+", "-"),
        f"{VKEY}=",
    ]
    vkeys += [a_vkey("a b"), a_vkey("a\u3000b"), a_vkey("a\ufeffb"), a_vkey(""), a_vkey("é"), a_vkey("a", b"\0" * 32)]
    vkeys += [a_vkey("a", point.to_bytes(32, "little")) for point in (1, 2, 3, 2**255 - 19, 2**255 - 18, 2**256 - 1)]
    for texts, one in ((notes, both), (vkeys, VKEY)):
        for _ in range(300):
            at = chance.randrange(len(one))
            texts.append(one[:at] + chance.choice("0Aa=/+ \n\t—é\x1f") + one[at + chance.randrange(2) :])
    assert page.evaluate(NOTES, [notes, keys]) == [_checkpoint_in(note, keys) for note in notes]
    assert page.evaluate("(vkeys) => vkeys.map(isVkey)", vkeys) == [is_vkey(vkey) for vkey in vkeys]


NOTES = """([notes, keys]) => Promise.all(notes.map(async (note) => {
    try {
        const { origin, size, root } = await readCheckpoint(note, keys.map(readVkey));
        return [origin, size, toHex(root)];
    } catch (error) {
        if (error instanceof NoteInvalid) return error.message;
        throw error;
    }
}))"""

OTHER_VKEY = vkey(ORIGIN, OTHER_LOG_KEY.public_key())


def a_vkey(name: str, key: bytes = OTHER_LOG_KEY.public_key().public_bytes_raw()) -> str:
    """The text of a log key, of whatever name and 32 bytes."""
    return f"{name}+{note_key_id(name, key).hex()}+{base64.b64encode(bytes([1]) + key).decode()}"


def _checkpoint_in(note: str, keys: list[str]) -> list[str | int] | str:
    try:
        origin, size, root = read_checkpoint(note, [read_vkey(key) for key in keys])
    except NoteInvalid as error:
        return str(error)
    return [origin, size, root.hex()]


def test_its_keyring_is_as_strict_as_the_python_files(page: Page) -> None:
    """Keys with a member changed, left out or added; two keys with the same id, and with the same point."""
    (first, second, *_), values = JWK_SET["keys"], [*VALUES[:30], "OKP", "EdDSA", "Ed25519", "sig", "enc", "revoked"]
    tried: list[Any] = [[], {}, {"keys": {}}, {"keys": [1]}, {"keys": [first] * 1001}, {"keys": []}]
    for name in (*first, "d", "alg", "use", "status", "issuer"):
        tried += [{"keys": [{**first, name: value}, second]} for value in (*values, second.get(name))]
        tried += [{"keys": [{member: value for member, value in first.items() if member != name}]}]
    answers = page.evaluate(
        """(texts) => texts.map((text) => {
            try {
                const { keys, passedOver } = readKeyring(strictJson(text));
                return [Array.from(keys, ([kid, { raw, isRevoked }]) => [kid, toHex(raw), isRevoked]), passedOver];
            } catch (error) {
                if (error instanceof NotInForm) return null;
                throw error;
            }
        })""",
        [json.dumps(one) for one in tried],
    )
    for one, answer in zip(tried, answers, strict=True):
        assert answer == _keys_of(one), one


def _keys_of(keyring: Any) -> list[Any] | None:
    try:
        keys, passed_over = read_keyring(keyring)
    except ValueError:
        return None
    return [[[kid, key.public_key.public_bytes_raw().hex(), key.revoked] for kid, key in keys.items()], passed_over]


def test_its_license_keys_are_as_strict_as_the_python_files(page: Page) -> None:
    """Of the header, and of the parts; what the payload says is asked elsewhere."""
    header, payload, signature = a_key().split(".")
    says = json.loads(base64.urlsafe_b64decode(header + "=="))
    headers = [
        says,
        {**says, "more": 1},
        {**says, "alg": "none"},
        {**says, "typ": "JWT"},
        {**says, "kid": 1},
        [],
        "a",
        {},
    ]
    headers += [{name: value for name, value in says.items() if name != left_out} for left_out in says]
    encoded_headers = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in headers]
    tried = [f"{one}.{payload}.{signature}" for one in encoded_headers]
    tried += [
        a_key(),
        f"{header}.{payload}",
        f"{header}.{payload}.",
        f"{header}..{signature}",
        f"{a_key()}.",
        f".{a_key()}",
    ]
    tried += [
        f"{a_key()}=",
        f"{a_key()} ",
        a_key().replace(".", "\n."),
        f"{header}.bnVsbA.{signature}",
        f"{header}.e30.{signature}",
    ]
    answers = page.evaluate(
        """async (texts) => {
            const { keys } = readKeyring(strictJson(texts.shift()));
            return Promise.all(texts.map(async (text) => {
                try {
                    await checkLicenseKey(new Map([["key_text", text]]), keys, null);
                    return null;
                } catch (error) {
                    if (error instanceof Finding) return [error.code, error.message];
                    throw error;
                }
            }));
        }""",
        [KEYRING_FILE.decode(), *tried],
    )
    keys, _ = read_keyring(JWK_SET)
    for text, answer in zip(tried, answers, strict=True):
        with pytest.raises(Finding) as found:  # at the least, that the event says nothing of what the key says
            check_license_key({"key_text": text}, keys)
        assert answer == [found.value.code, found.value.sentence], text


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
    *(
        ["a"],
        ["a", "a"],
        ["a", 1],
        [" "],
        ["a"] * 51,
        list(map(str, range(50))),
        "seatledger:Installation",
        *("Europe/Berlin", "UTC", "Etc/GMT+1", "a//b", "a/", "9/a", "A" * 101),
    ),
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
