"""A reader is as strict as the page: one writing for each number, no member twice or unknown, whole characters only."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from application.proof import verify_export
from application.proof.verify_export import Finding
from tests.application.audited import live_a_life
from tests.proof_examples import (
    EXPORT,
    JWK_SET,
    KEYRING_FILE,
    OPERATOR,
    a_log,
    a_sealed_name,
    a_user,
    an_export,
    code_and_position,
    finding,
    verified,
)
from tests.world import World


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


# States: what is frequent is compared as a whole, and must say what a look at every member says.

USER = a_user(4)[1].decode()
SHAPES = {
    "a user": USER,
    "an administrator": USER.replace('"administrator":false', '"administrator":true'),
    "no microseconds": USER.replace(".000004", ""),
    "microseconds of zero": USER.replace(".000004", ".000000"),
    "milliseconds": USER.replace(".000004", ".004"),
    "no such hour": USER.replace("T09:", "T24:"),
    "no such day": USER.replace("2026-04-01T", "2026-04-31T"),
    "a day that there is not": USER.replace('"day":"2026-04-01"', '"day":"2026-02-29"'),
    "another zone": USER.replace("+00:00", "+01:00"),
    "by the server": USER.replace(f"operator:{OPERATOR}", "server"),
    "by nobody": USER.replace(f"operator:{OPERATOR}", ""),
    "by a text of its own": USER.replace(f"operator:{OPERATOR}", "Ann & \\"),
    "another order": "{" + ",".join([*USER[1:-1].split(",")[-1:], *USER[1:-1].split(",")[:-1]]) + "}",
    "a line feed behind it": USER + "\n",
    "a name that is not whole": USER.replace(a_sealed_name("usér4"), a_sealed_name("usér4")[4:]),
    "base64 in another writing": USER.replace(a_sealed_name("usér4"), a_sealed_name("usér4")[:-2] + "B="),
    "digits of another script": USER.replace("2026-04-01T09", "2026-04-01T0\N{ARABIC-INDIC DIGIT NINE}"),
}


@pytest.mark.parametrize("state", SHAPES.values(), ids=SHAPES)
def test_a_glance_says_what_a_closer_look_says(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> object:
        try:
            return verify_export.read_event("seatledger:UserAdded", state.encode())
        except Finding as finding:
            return finding.code

    at_a_glance = answer()
    monkeypatch.setattr(verify_export, "_at_a_glance", lambda *_: None)
    assert at_a_glance == answer()


def test_what_the_application_stores_is_known_at_a_glance(house: World) -> None:
    """In the order of members in which it is stored: else every event would take the longer way."""
    live_a_life(house)
    rare = {"InstallationOpened", "LicenseRegistered", "LicenseKeyRefused", "TokenCreated", "TokenRevoked"}
    rare |= {"PasswordChanged", "RestoreAccepted", "LogAnchorContradicted"}
    with closing(house.settings.log.reader()) as reader:
        for event in reader.events(house.id):
            is_rare = event.topic.removeprefix("seatledger:") in rare
            assert (verify_export._at_a_glance(event.topic, event.state) is None) == is_rare, event.topic


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
