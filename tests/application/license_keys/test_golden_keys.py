"""Every version reads the golden keys as the first did, and refuses the refused ones with the same code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from application.license_keys import Keyring, LicenseKeys, claims_of
from domain.license import Period
from domain.refusals import KeyRefused
from tests.application.license_keys.hostile import KEY
from tests.examples import KEYRING

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "license-keys"
SPECIFICATION = ROOT / "docs" / "license-key.md"
READER = LicenseKeys(Keyring.from_file(GOLDEN / "keyring.json"))


def vectors(name: str) -> Any:
    return [pytest.param(vector, id=vector["name"]) for vector in json.loads((GOLDEN / name).read_text("utf-8"))]


def as_plain(value: Any) -> Any:
    """A member of a reading as its vector spells it."""
    match value:
        case Period():
            return {"start": str(value.start), "end": str(value.end) if value.end else None}
        case tuple():
            return list(value)
    return value


@pytest.mark.parametrize("vector", vectors("accepted.json"))
def test_a_golden_key_is_read_as_it_always_was(vector: dict[str, Any]) -> None:
    """Compared on the members that the vector has: a claim that came later is none of its business."""
    key, golden = READER.read(vector["key"]), vector["reading"]
    of_key = {"fingerprint": key.fingerprint, "signing_key_id": key.signing_key_id}
    assert {name: of_key.get(name) or as_plain(getattr(key.license, name)) for name in golden} == golden


READ_SINCE = {
    "a signature with padding",
    "a padding inside",
    "full-width dots",
    "a full-width letter",
    "a NUL inside",
    "a full stop behind it",
    "the same key twice",
    "two keys with a comma",
    "dots percent-encoded",
    "quotes as HTML entities",
    "a URL",
}
"""What the first version refused for what stood around or between the characters of a key that is good (C-3)."""

CODES_SINCE = dict.fromkeys(("standard base64 with a plus", "standard base64 with a slash"), "bad_signature")
"""What is read as a key since, whose signature does not fit."""


@pytest.mark.parametrize("vector", vectors("refused.json"))
def test_a_golden_refusal_keeps_its_code(vector: dict[str, Any]) -> None:
    if vector["name"] in READ_SINCE:
        assert READER.read(vector["key"]).text == KEY
        return
    with pytest.raises(KeyRefused) as refusal:
        READER.read(vector["key"])
    assert refusal.value.code == CODES_SINCE.get(vector["name"], vector["code"])


def blocks(language: str) -> list[str]:
    """The fenced blocks of the specification in one language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", SPECIFICATION.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_example_of_the_specification_is_real() -> None:
    header, payload, keyring = blocks("json")
    (key,) = blocks("text")
    read = LicenseKeys(Keyring.from_jwk_set(keyring)).read(key)
    assert claims_of(read.license) == json.loads(payload)
    assert json.loads(header)["kid"] == read.signing_key_id
    assert f"`{read.fingerprint}`" in SPECIFICATION.read_text("utf-8")


def test_the_specification_lists_every_code_of_reading_in_its_order() -> None:
    _, table = SPECIFICATION.read_text("utf-8").split("| code |")
    listed = re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)
    assert listed == [kind.code for kind in KeyRefused.__subclasses__()]


def test_the_examples_keyring_is_the_golden_one() -> None:
    assert json.loads((GOLDEN / "keyring.json").read_text()) == KEYRING.to_jwk_set()
