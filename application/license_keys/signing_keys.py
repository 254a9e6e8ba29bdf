"""The vendor's signing keys: made, kept in a PEM that nobody else can read, and published in a keyring."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from application.files import PUBLIC, new_private, problem_of, read_small, replaced
from application.license_keys.claims import MAX_TEXT, is_text
from application.license_keys.keyring import (
    Keyring,
    KeyringInvalid,
    VerificationKey,
    jwk_set,
    unreadable,
    why_passed_over,
)
from application.license_keys.strict_json import Json
from application.permissions import barrier
from domain.login_name import shown
from domain.refusals import Problem, Refused

SIGNING_KEY = "signing-key.pem"
KEYRING = "keyring.json"
MAX_PASSPHRASE = 1023
"""The most bytes of a passphrase that OpenSSL takes."""


class SigningKeyUnusable(Refused):
    """A signing key cannot be made, kept or loaded as asked."""

    code = "signing_key_unusable"


class KidNotPublished(SigningKeyUnusable):
    """A keyring has no key by that name which could sign license keys."""

    @property
    def says(self) -> str:
        return f"{self.code}.not_published"


def new_signing_key(
    directory: Path, kid: str, *, issuer: str | None = None, passphrase: str | None = None
) -> tuple[Path, Path]:
    """Make a key: the private one in DIRECTORY/signing-key.pem, the public one added to DIRECTORY/keyring.json.

    Gives both paths. A signing key is never overwritten and a kid never given twice; what the keyring holds already is
    kept. Raises SigningKeyUnusable or KeyringInvalid.
    """
    if not is_text(kid):
        raise SigningKeyUnusable(problem=Problem("kid_not_text", most=MAX_TEXT))
    if issuer is not None and not is_text(issuer):
        raise SigningKeyUnusable(problem=Problem("issuer_not_text", most=MAX_TEXT))
    pem, keyring = directory / SIGNING_KEY, directory / KEYRING
    private_key = Ed25519PrivateKey.generate()
    published = _with_key(keyring, VerificationKey(kid, private_key.public_key(), issuer=issuer))
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SigningKeyUnusable(problem=_failed(directory, error)) from error
    save_signing_key(private_key, pem, passphrase)
    try:
        replaced(keyring, published.encode(), PUBLIC)
    except OSError as error:
        pem.unlink()
        raise SigningKeyUnusable(problem=_failed(keyring, error)) from error
    return pem, keyring


def published_key(directory: Path, kid: str) -> VerificationKey:
    """The public key by the name `kid` in DIRECTORY/keyring.json. Raises KeyringInvalid, KidNotPublished."""
    path = directory / KEYRING
    keyring = Keyring.from_file(path)
    key = keyring.get(kid)
    if key is None:
        raise KidNotPublished(place=str(path), kid=shown(kid), kids=[each.key_id for each in keyring])
    return key


def revoke_signing_key(directory: Path, kid: str) -> tuple[Path, Keyring]:
    """Mark the key `kid` as revoked in DIRECTORY/keyring.json, which is replaced whole or not at all.

    Gives the file's path and what it says then; whatever else stands in it is kept. Raises KeyringInvalid,
    KidNotPublished, SigningKeyUnusable.
    """
    path = directory / KEYRING
    published_key(directory, kid)
    try:
        document = jwk_set(read_small(path))
        for jwk in document["keys"]:
            if jwk.get("kid") == kid and why_passed_over(jwk) is None:
                jwk["status"] = "revoked"
        text = _text_of(document, path)
        replaced(path, text.encode(), PUBLIC)
    except OSError as error:
        raise SigningKeyUnusable(problem=_failed(path, error)) from error
    return path, Keyring.from_jwk_set(text)


def save_signing_key(private_key: Ed25519PrivateKey, path: Path, passphrase: str | None = None) -> None:
    """Write the key as PEM (PKCS #8), for its owner alone, encrypted if there is a passphrase; never over a file."""
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _encryption(passphrase))
    try:
        new_private(path, pem)
    except FileExistsError:
        raise SigningKeyUnusable(problem=Problem("file_exists", path=str(path))) from None
    except OSError as error:
        raise SigningKeyUnusable(problem=_failed(path, error)) from error


def load_signing_key(path: Path, passphrase: str | None = None) -> Ed25519PrivateKey:
    """The private key in a PEM. Raises SigningKeyUnusable, also for a plain one that others than its owner can read."""
    try:
        pem = read_small(path)
        mode = path.stat().st_mode
    except OSError as error:
        raise SigningKeyUnusable(problem=_failed(path, error)) from error
    try:
        key = load_pem_private_key(pem, None)
        if os.name == "posix" and mode & 0o077:
            raise SigningKeyUnusable(problem=Problem("others_can_read", path=str(path)))
    except TypeError:  # it is encrypted
        if passphrase is None:
            raise SigningKeyUnusable(problem=Problem("passphrase_missing", path=str(path))) from None
        try:
            key = load_pem_private_key(pem, passphrase.encode("utf-8", "surrogateescape"))
        except (ValueError, TypeError):
            raise SigningKeyUnusable(problem=Problem("passphrase_wrong", path=str(path))) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SigningKeyUnusable(problem=Problem("file_not_pem", path=str(path))) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnusable(problem=Problem("file_not_ed25519", path=str(path)))
    return key


def _failed(path: Path, error: OSError) -> Problem:
    if isinstance(error, PermissionError) and (problem := barrier(path)):
        return problem
    return Problem("file_failed", path=str(path), reason=problem_of(error))


def _encryption(passphrase: str | None) -> KeySerializationEncryption:
    if passphrase is None:
        return NoEncryption()
    data = passphrase.encode("utf-8", "surrogateescape")
    if not 1 <= len(data) <= MAX_PASSPHRASE:
        raise SigningKeyUnusable(problem=Problem("passphrase_length", most=MAX_PASSPHRASE))
    return BestAvailableEncryption(data)


def _with_key(path: Path, key: VerificationKey) -> str:
    """The JWK Set at `path` with `key` added, as text; whatever else it says is kept."""
    try:
        document = jwk_set(read_small(path)) if path.exists() else {"keys": []}
    except OSError as error:
        raise KeyringInvalid(problem=unreadable(error, path), place=str(path)) from error
    document["keys"].append(key.jwk())
    return _text_of(document, path)


def _text_of(document: dict[str, Json], path: Path) -> str:
    """The JSON of a JWK Set for the keyring at `path`. Raises KeyringInvalid if no keyring may say it."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    try:
        Keyring.from_jwk_set(text)
    except KeyringInvalid as invalid:
        raise KeyringInvalid(problem=invalid.facts["problem"], place=str(path)) from None
    return text
