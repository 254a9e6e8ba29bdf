"""The keyring: a JWK Set is read strictly, and says in one sentence what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from application.license_keys import Keyring, KeyringInvalid, LicenseKeys
from tests.examples import KEYRING, KID, REVOKED_KID, a_key
from tests.refused import refused

ACTIVE, REVOKED = (key.jwk() for key in KEYRING)


def jwk_set(*keys: object) -> str:
    return json.dumps({"keys": keys})


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in ACTIVE.items() if key != name}


def test_a_keyring_reads_what_it_writes() -> None:
    again = Keyring.from_jwk_set(json.dumps(KEYRING.to_jwk_set()))
    assert list(again) == list(KEYRING)
    assert [(key.key_id, key.revoked, key.issuer) for key in again] == [
        (KID, False, "Example Vendor"),
        (REVOKED_KID, True, "Example Vendor"),
    ]


@pytest.mark.parametrize("name", ["alg", "use", "status", "issuer"])
def test_a_key_may_leave_out_what_has_a_default(name: str) -> None:
    keyring = Keyring.from_jwk_set(jwk_set(without(name)))
    assert LicenseKeys(keyring).read(a_key()).signing_key_id == KID


def test_unknown_members_are_ignored_as_rfc_7517_asks() -> None:
    text = json.dumps({"keys": [{**ACTIVE, "x5t": "abc", "iat": 1}], "comment": "ours"})
    assert [key.key_id for key in Keyring.from_jwk_set(text)] == [KID]


def test_a_keyring_may_begin_with_a_byte_order_mark_as_windows_editors_write_it() -> None:
    assert Keyring.from_jwk_set(b"\xef\xbb\xbf" + jwk_set(ACTIVE).encode()).get(KID) is not None


def test_the_name_ed25519_of_rfc_9864_is_the_same_algorithm() -> None:
    assert Keyring.from_jwk_set(jwk_set({**ACTIVE, "alg": "Ed25519"})).get(KID) is not None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON"),
        ("[]", "it is not a JWK Set"),
        ("{}", "it is not a JWK Set"),
        ('{"keys":{}}', "it is not a JWK Set"),
        ('{"keys":[]}', "at least one key"),
        ('{"keys":[1.5]}', "not a whole number"),
        ('{"keys":[],"keys":[]}', "a name stands in it twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"keys":' + "9" * 5000 + "}", "a number in it is too large"),
        ("\ud800", "it is not UTF-8"),
        (jwk_set("key"), "not a JSON object"),
        (jwk_set(without("kid")), "a key has no “kid”"),
        (jwk_set({**ACTIVE, "kid": ""}), "a key has no “kid”"),
        (jwk_set({**ACTIVE, "kid": 1}), "a key has no “kid”"),
        (jwk_set({**ACTIVE, "kid": "a\u202eb"}), "a key has no “kid”"),
        (jwk_set({**ACTIVE, "d": "AAAA"}), "holds a private key"),
        (jwk_set({**ACTIVE, "kty": "EC"}), "is not an Ed25519 key"),
        (jwk_set(without("kty")), "is not an Ed25519 key"),
        (jwk_set({**ACTIVE, "crv": "X25519"}), "is not an Ed25519 key"),
        (jwk_set({"kty": "oct", "k": "AAAA", "kid": "k"}), "is not an Ed25519 key"),
        (jwk_set({**ACTIVE, "alg": "HS256"}), "not meant for Ed25519 signatures"),
        (jwk_set({**ACTIVE, "use": "enc"}), "not meant for Ed25519 signatures"),
        (jwk_set({**ACTIVE, "status": "Revoked"}), "neither “active” nor “revoked”"),
        (jwk_set({**ACTIVE, "status": None}), "neither “active” nor “revoked”"),
        (jwk_set({**ACTIVE, "status": True}), "neither “active” nor “revoked”"),
        (jwk_set({**ACTIVE, "issuer": ""}), "the issuer of the key"),
        (jwk_set(without("x")), "not 32 bytes in base64url"),
        (jwk_set({**ACTIVE, "x": 5}), "not 32 bytes in base64url"),
        (jwk_set({**ACTIVE, "x": ACTIVE["x"] + "="}), "not 32 bytes in base64url"),
        (jwk_set({**ACTIVE, "x": ACTIVE["x"][:-2]}), "not 32 bytes in base64url"),
        (jwk_set({**ACTIVE, "x": "é" * 43}), "not 32 bytes in base64url"),
        (jwk_set(ACTIVE, {**REVOKED, "kid": KID}), f"“{KID}” stands in it twice"),
        (jwk_set({**ACTIVE, "status": "revoked"}, {**ACTIVE, "kid": "alias"}), "under another kid as well"),
    ],
)
def test_an_invalid_keyring_says_what_is_wrong(text: str, problem: str) -> None:
    with refused(KeyringInvalid, f"^The keyring cannot be used: .*{problem}"):
        Keyring.from_jwk_set(text)


def test_a_file_that_is_missing_or_invalid_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    with refused(KeyringInvalid, r"keyring\.json cannot be used: No such file"):
        Keyring.from_file(path)
    path.write_text("{}")
    with refused(KeyringInvalid, r"keyring\.json cannot be used: it is not a JWK Set"):
        Keyring.from_file(str(path))
    path.write_text(jwk_set(ACTIVE))
    assert Keyring.from_file(path).get(KID) is not None
