"""A reader is as strict as the page: one writing for each number, no member twice or unknown, whole characters only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.proof_examples import EXPORT, JWK_SET, KEYRING_FILE, a_log, an_export, code_and_position, finding, verified


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    def replace(export: bytes) -> bytes:
        assert old.encode() in export
        return export.replace(old.encode(), new.encode(), 1)

    return replace


LINES = {
    "a header with a fraction": (replaced('"version":2', '"version":2.0'), "not_an_export"),
    "a header with an exponent": (replaced('"version":2', '"version":2e0'), "not_an_export"),
    "a version that is true": (replaced('"version":2', '"version":true'), "newer_format"),
    "a header's member twice": (replaced('"version":2', '"version":2,"version":2'), "not_an_export"),
    "a header's member unknown": (replaced('"version":2', '"version":2,"more":1'), "malformed_line"),
    "a position with a leading zero": (replaced('{"position":2,', '{"position":02,'), "malformed_line"),
    "a position with a fraction": (replaced('{"position":2,', '{"position":2.0,'), "malformed_line"),
    "a position zero": (replaced('{"position":1,', '{"position":0,'), "malformed_line"),
    "an end's number with a fraction": (replaced('"events":20', '"events":20.0'), "malformed_line"),
    "an end's number with an exponent": (replaced('"events":20', '"events":2e1'), "malformed_line"),
    "an end's number with a leading zero": (replaced('"events":20', '"events":020'), "malformed_line"),
    "an end's member twice": (replaced('"events":20', '"events":20,"events":20'), "malformed_line"),
    "an end's member unknown": (replaced('"events":20', '"events":20,"more":1'), "malformed_line"),
    "minus zero": (replaced('"in_use":17', '"in_use":-0'), "malformed_line"),
    "half of a character in the end": (replaced('"Professional","valid"', '"\\ud800","valid"'), "malformed_line"),
    "a half as a member's name": (replaced('"in_use":17', '"\\udfff":17'), "malformed_line"),
    "a checkpoint's member unknown": (replaced('{"checkpoint":', '{"more":1,"checkpoint":'), "malformed_line"),
}


@pytest.mark.parametrize("case", LINES.values(), ids=LINES)
def test_what_the_page_does_not_say_is_refused(case: tuple[Callable[[bytes], bytes], str]) -> None:
    alter, code = case
    assert finding(alter(EXPORT)).code == code


def test_a_number_of_one_is_not_true() -> None:
    export = an_export(a_log(1))
    assert verified(export).finding is None
    assert code_and_position(export.replace(b'"events":1', b'"events":true')) == ("malformed_line", 2)


def test_a_whole_character_written_as_two_halves_is_one() -> None:
    assert verified(EXPORT.replace(b'"Professional","valid"', b'"\\ud83d\\ude00","valid"')).finding is None


def keyring(**changed: Any) -> bytes:
    first, *others = JWK_SET["keys"]
    return json.dumps({"keys": [{**first, **changed}, *others]}).encode()


KEYRINGS = {
    "a private key": (keyring(d="AAAA"), "holds a private key"),
    "a private key of another kind": (keyring(kty="RSA", d="AAAA"), "holds a private key"),
    "a key id twice": (keyring(kid=JWK_SET["keys"][1]["kid"]), "stands in it twice"),
    "a key twice": (keyring(x=JWK_SET["keys"][1]["x"]), "stands in it twice"),
    "a point of small order": (keyring(x="A" * 43), "anybody could sign"),
    "a point in another writing": (keyring(x=JWK_SET["keys"][0]["x"] + "="), "not canonical"),
    "a member twice": (KEYRING_FILE.replace(b'"kty"', b'"kid": "x", "kty"', 1), "a name stands twice"),
    "half of a character": (keyring(issuer="\ud800"), "half of a character"),
    "a number with a fraction": (keyring(more=1.0), "not a whole number"),
    "no list": (b'{"keys": {}}', "not a JWK set"),
}


@pytest.mark.parametrize("case", KEYRINGS.values(), ids=KEYRINGS)
def test_a_keyring_that_its_page_forbids_is_refused_and_says_why(case: tuple[bytes, str]) -> None:
    document, why = case
    found = finding(EXPORT, keyring=document)
    assert found.code == "keyring_invalid"
    assert why in found.sentence


def test_a_status_that_is_neither_active_nor_revoked_is_passed_over_and_named() -> None:
    report = verified(EXPORT, keyring=keyring(status="retired"))
    assert report.keys_passed_over == ["'example-2026': its status is neither active nor revoked"]
