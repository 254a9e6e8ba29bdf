"""Keys of another kind are passed over, dangerous ones refuse the file: by the command and the one-file verifier."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from application.license_keys import Keyring, KeyringInvalid, LicenseKeys, base64url
from application.proof.verify_export import MAX_KEYS, is_sound_point, read_keyring
from tests.examples import KEYRING, KID, a_key

ACTIVE, REVOKED = (key.jwk() for key in KEYRING)

P = 2**255 - 19
Y_OF_ORDER_8 = [
    int.from_bytes(bytes.fromhex(text), "little")
    for text in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
]
"""As libsodium's list of points of small order has them."""
SMALL_ORDER = [
    (y | sign << 255).to_bytes(32, "little")
    for canonical in (0, 1, P - 1, *Y_OF_ORDER_8)
    for y in (canonical, canonical + P)
    for sign in (0, 1)
    if y < 2**255
]
"""Every encoding, canonical or not, of the eight points of small order."""

OFF_THE_CURVE = (2).to_bytes(32, "little")

OTHERS = [
    {"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB", "alg": "RS256", "use": "sig"},
    {"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    {"kty": "OKP", "kid": "448", "crv": "Ed448", "x": "AAAA"},
    {"kty": "OKP", "kid": "x", "crv": "X25519", "x": ACTIVE["x"], "use": "enc"},
    {"kty": "AKP", "kid": "pq", "alg": "ML-DSA-65", "pub": "AAAA"},
    {name: value for name, value in ACTIVE.items() if name != "kid"},
    {**ACTIVE, "kid": "later", "use": "enc"},
    {**ACTIVE, "kid": "later", "alg": "HS256"},
    {**ACTIVE, "kid": "later", "status": "Revoked"},
    {**ACTIVE, "kid": "later", "status": []},
    {**ACTIVE, "kid": "later", "issuer": 5},
    {},
]

Usable = Callable[[str], tuple[set[str], int]]
"""Reads a JWK Set: the ids of its usable keys, and how many keys were passed over. Raises for a refused one."""


def by_the_command(text: str) -> tuple[set[str], int]:
    keyring = Keyring.from_jwk_set(text)
    return {key.key_id for key in keyring}, len(keyring.passed_over)


def by_the_verifier(text: str) -> tuple[set[str], int]:
    keys, passed_over = read_keyring(json.loads(text))
    return set(keys), len(passed_over)


@pytest.fixture(params=[by_the_command, by_the_verifier])
def usable(request: pytest.FixtureRequest) -> Usable:
    reader: Usable = request.param
    return reader


def jwk_set(*keys: Any) -> str:
    return json.dumps({"keys": keys})


def with_x(x: bytes) -> dict[str, str]:
    return {**ACTIVE, "kid": "another", "x": base64url.encode(x)}


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: str(other.get("kid")))
def test_a_key_of_another_kind_is_passed_over_and_the_others_are_used(usable: Usable, other: Any) -> None:
    assert usable(jwk_set(other, ACTIVE)) == ({KID}, 1)


def test_a_license_key_is_read_with_a_keyring_that_has_keys_of_every_kind() -> None:
    keyring = Keyring.from_jwk_set(jwk_set(*OTHERS, ACTIVE, REVOKED))
    assert LicenseKeys(keyring).read(a_key()).signing_key_id == KID
    assert [problem.code for problem in keyring.passed_over[:2]] == ["key_not_ed25519"] * 2


@pytest.mark.parametrize(
    "dangerous",
    [
        {"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB", "d": "AAAA"},
        {**REVOKED, "d": "AAAA"},
        {"d": "AAAA"},
        {**REVOKED, "kid": KID},
        {**ACTIVE, "kid": "alias"},
        "no object",
        with_x(OFF_THE_CURVE),
        with_x(b"\0" * 31),
        {**ACTIVE, "kid": "another", "x": None},
    ],
    ids=str,
)
def test_what_is_dangerous_refuses_the_file(usable: Usable, dangerous: Any) -> None:
    with pytest.raises((KeyringInvalid, ValueError)):
        usable(jwk_set(ACTIVE, dangerous))


@pytest.mark.parametrize("point", SMALL_ORDER, ids=bytes.hex)
def test_a_point_with_which_anybody_signs_refuses_the_file(usable: Usable, point: bytes) -> None:
    with pytest.raises((KeyringInvalid, ValueError)):
        usable(jwk_set(with_x(point)))


def test_points_of_the_curve_are_told_from_others() -> None:
    """Half of all numbers are the y of a point; ours are, and those that are not canonical are refused."""
    assert all(is_sound_point(key.public_key.public_bytes_raw()) for key in KEYRING)
    sound = [is_sound_point(y.to_bytes(32, "little")) for y in range(2, 202)]
    assert 70 < sum(sound) < 130
    assert not any(is_sound_point((P + y).to_bytes(32, "little")) for y in range(19))


def test_a_keyring_has_a_bounded_number_of_keys(usable: Usable) -> None:
    others = [{"kty": "RSA", "kid": str(number)} for number in range(MAX_KEYS)]
    assert usable(jwk_set(*others[1:], ACTIVE)) == ({KID}, MAX_KEYS - 1)
    with pytest.raises((KeyringInvalid, ValueError)):
        usable(jwk_set(*others, ACTIVE))


@pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX")
def test_a_keyring_is_an_ordinary_file_of_a_bounded_size(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe", tmp_path / "large"
    os.mkfifo(pipe)
    large.write_bytes(b" " * (1 << 20) + jwk_set(ACTIVE).encode())
    for path, code in (("/dev/zero", "file_not_ordinary"), (pipe, "file_not_ordinary"), (large, "file_too_large")):
        with pytest.raises(KeyringInvalid) as refused:
            Keyring.from_file(path)
        assert refused.value.facts["problem"].code == code  # type: ignore[attr-defined]  # facts may be anything
