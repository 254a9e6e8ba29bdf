"""The vendor's signing keys: never overwritten, never readable by others, published whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from application.license_keys import Keyring, KeyringInvalid, LicenseKeys
from application.license_keys.signing_keys import (
    SigningKeyUnusable,
    load_signing_key,
    new_signing_key,
    save_signing_key,
)
from tests.examples import KEYRING, SIGNING_KEY, a_key
from tests.refused import refused

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_key_signed_with_a_new_signing_key_is_read_with_its_keyring(tmp_path: Path) -> None:
    pem, keyring = new_signing_key(tmp_path / "vendor" / "keys", "acme-2026", issuer="Acme")
    text = a_key(signing_key=load_signing_key(pem), kid="acme-2026")
    assert LicenseKeys(Keyring.from_file(keyring)).read(text).signing_key_id == "acme-2026"
    assert [key.issuer for key in Keyring.from_file(keyring)] == ["Acme"]


@posix
def test_a_new_signing_key_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        pem, keyring = new_signing_key(tmp_path, "acme-2026")
    finally:
        os.umask(before)
    assert (mode(pem), mode(keyring)) == (0o600, 0o644)


def test_a_signing_key_is_never_overwritten_and_the_keyring_stays(tmp_path: Path) -> None:
    pem, keyring = new_signing_key(tmp_path, "acme-2026")
    before = pem.read_bytes(), keyring.read_bytes()
    with refused(SigningKeyUnusable, "never overwritten"):
        new_signing_key(tmp_path, "acme-2027")
    assert (pem.read_bytes(), keyring.read_bytes()) == before


@posix
def test_a_dangling_link_in_the_place_of_the_signing_key_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "signing-key.pem").symlink_to(tmp_path / "elsewhere")
    with refused(SigningKeyUnusable, "never overwritten"):
        new_signing_key(tmp_path, "acme-2026")
    assert not (tmp_path / "elsewhere").exists()


def test_a_second_key_is_added_to_the_keyring_and_all_else_in_it_is_kept(tmp_path: Path) -> None:
    kept = {"note": "ours", **KEYRING.to_jwk_set()}
    (tmp_path / "keyring.json").write_text(json.dumps(kept))
    _, keyring = new_signing_key(tmp_path, "acme-2026")
    document = json.loads(keyring.read_text())
    assert document["note"] == "ours"
    assert document["keys"][:-1] == kept["keys"]
    assert document["keys"][-1]["kid"] == "acme-2026"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keyring.json", "signing-key.pem"]


def test_a_kid_is_never_given_twice_and_no_signing_key_is_left_behind(tmp_path: Path) -> None:
    pem, keyring = new_signing_key(tmp_path, "acme-2026")
    pem.unlink()
    before = keyring.read_bytes()
    with refused(KeyringInvalid, "“acme-2026” stands in it twice"):
        new_signing_key(tmp_path, "acme-2026")
    assert keyring.read_bytes() == before
    assert not pem.exists()


def test_a_keyring_that_is_not_one_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text("not a keyring")
    with refused(KeyringInvalid, "it is not JSON"):
        new_signing_key(tmp_path, "acme-2026")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["not a keyring"]


def test_a_keyring_that_cannot_be_written_leaves_no_signing_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with refused(SigningKeyUnusable, "No space left on device"):
        new_signing_key(tmp_path, "acme-2026")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kid", ["", "a\nb", "k" * 201])
def test_a_kid_that_cannot_be_shown_is_refused(tmp_path: Path, kid: str) -> None:
    with refused(SigningKeyUnusable, "kid"):
        new_signing_key(tmp_path, kid)


def test_an_encrypted_signing_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    pem, _ = new_signing_key(tmp_path, "acme-2026", passphrase="pass phrase é")
    assert b"ENCRYPTED" in pem.read_bytes()
    load_signing_key(pem, "pass phrase é")
    with refused(SigningKeyUnusable, "does not open"):
        load_signing_key(pem, "wrong")
    with refused(SigningKeyUnusable, "is encrypted"):
        load_signing_key(pem)


@pytest.mark.parametrize("passphrase", ["", "p" * 1024])
def test_a_passphrase_that_openssl_would_not_take_is_refused(tmp_path: Path, passphrase: str) -> None:
    with refused(SigningKeyUnusable, "a passphrase has"):
        save_signing_key(SIGNING_KEY, tmp_path / "key.pem", passphrase)
    assert not (tmp_path / "key.pem").exists()


@posix
@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o666])
def test_a_plain_signing_key_that_others_can_reach_is_refused(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "key.pem"
    save_signing_key(SIGNING_KEY, path)
    path.chmod(bits)
    with refused(SigningKeyUnusable, "chmod 600"):
        load_signing_key(path)


@posix
def test_an_encrypted_signing_key_may_be_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    save_signing_key(SIGNING_KEY, path, "passphrase")
    path.chmod(0o644)
    assert load_signing_key(path, "passphrase").private_bytes_raw() == SIGNING_KEY.private_bytes_raw()


def test_what_is_no_ed25519_key_in_pem_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with refused(SigningKeyUnusable, "No such file"):
        load_signing_key(path)
    path.write_text("not a PEM")
    path.chmod(0o600)
    with refused(SigningKeyUnusable, "not a private key in PEM"):
        load_signing_key(path)
    other = generate_ec_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(other)
    with refused(SigningKeyUnusable, "not an Ed25519 key"):
        load_signing_key(path)
