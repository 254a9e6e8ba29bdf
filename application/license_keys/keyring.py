"""The keyring: a JWK Set (RFC 7517) of the vendor's public Ed25519 keys, each active or revoked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.license_keys import base64url, strict_json
from application.license_keys.claims import is_text
from domain.refusals import Refused


class KeyringInvalid(Refused, ValueError):
    """A keyring cannot be read, or is not one."""

    code = "keyring_invalid"

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem=problem, place=place)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key that license keys name with `kid`; `issuer` is the name that the vendor signs under with it."""

    key_id: str
    public_key: Ed25519PublicKey
    revoked: bool = False
    issuer: str | None = None

    def jwk(self) -> dict[str, str]:
        """The key as a JWK (RFC 8037), with the members `status` and `issuer` that are ours."""
        jwk = {
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": self.key_id,
            "x": base64url.encode(self.public_key.public_bytes_raw()),
            "status": "revoked" if self.revoked else "active",
        }
        return jwk if self.issuer is None else {**jwk, "issuer": self.issuer}


class Keyring:
    """Public keys by their `kid`; neither a `kid` nor a key stands in it twice, so that a revocation holds."""

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        self._keys: dict[str, VerificationKey] = {}
        seen = set()
        for key in keys:
            raw = key.public_key.public_bytes_raw()
            if key.key_id in self._keys:
                raise KeyringInvalid(f"the key “{key.key_id}” stands in it twice")
            if raw in seen:
                raise KeyringInvalid(f"the key “{key.key_id}” stands in it under another kid as well")
            seen.add(raw)
            self._keys[key.key_id] = key

    def __iter__(self) -> Iterator[VerificationKey]:
        return iter(self._keys.values())

    def get(self, key_id: str) -> VerificationKey | None:
        return self._keys.get(key_id)

    @classmethod
    def from_jwk_set(cls, text: str | bytes) -> Keyring:
        """The keyring that a JWK Set says. Members that it does not know are ignored, as RFC 7517 asks; `status` is
        "active" (if unsaid) or "revoked". Raises KeyringInvalid."""
        return cls(map(_key_from, jwk_set(text)["keys"]))

    @classmethod
    def from_file(cls, path: str | Path) -> Keyring:
        try:
            return cls.from_jwk_set(Path(path).read_bytes())
        except OSError as error:
            raise KeyringInvalid(error.strerror or "it cannot be read", f" {path}") from error
        except KeyringInvalid as invalid:
            raise KeyringInvalid(str(invalid.facts["problem"]), f" {path}") from None

    def to_jwk_set(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [key.jwk() for key in self]}


def jwk_set(text: str | bytes) -> dict[str, Any]:
    """The JSON of a JWK Set with at least one member in `keys`; the keys themselves are not checked."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        document = strict_json.parse(data.removeprefix(b"\xef\xbb\xbf"))
    except strict_json.NotStrictJson as problem:
        raise KeyringInvalid(str(problem)) from None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list) or not document["keys"]:
        raise KeyringInvalid("it is not a JWK Set with at least one key in “keys”")
    return document


def _key_from(jwk: object) -> VerificationKey:
    if not isinstance(jwk, dict):
        raise KeyringInvalid("a member of “keys” is not a JSON object")
    key_id = jwk.get("kid")
    if not is_text(key_id):
        raise KeyringInvalid("a key has no “kid”, or not one of 1 to 200 printable characters")
    if "d" in jwk:
        raise KeyringInvalid(f"the key “{key_id}” holds a private key; keep that secret and replace it")
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        raise KeyringInvalid(f"the key “{key_id}” is not an Ed25519 key")
    if jwk.get("alg", "EdDSA") not in ("EdDSA", "Ed25519") or jwk.get("use", "sig") != "sig":
        raise KeyringInvalid(f"the key “{key_id}” is not meant for Ed25519 signatures")
    status = jwk.get("status", "active")
    if status not in ("active", "revoked"):
        raise KeyringInvalid(f"the status of the key “{key_id}” is neither “active” nor “revoked”")
    issuer = jwk.get("issuer")
    if not (issuer is None or is_text(issuer)):
        raise KeyringInvalid(f"the issuer of the key “{key_id}” is not a text of 1 to 200 printable characters")
    return VerificationKey(key_id, _public_key(key_id, jwk.get("x")), status == "revoked", issuer)


def _public_key(key_id: str, x: object) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64url.decode(x if isinstance(x, str) else ""))
    except ValueError:
        raise KeyringInvalid(f"the “x” of the key “{key_id}” is not 32 bytes in base64url") from None
