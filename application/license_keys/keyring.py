"""The keyring: a JWK Set (RFC 7517) of the vendor's public Ed25519 keys, each active or revoked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.license_keys import base64url, strict_json
from application.license_keys.claims import MAX_TEXT, is_text
from application.license_keys.strict_json import Json
from application.permissions import barrier
from domain.refusals import Problem, Refused


class KeyringInvalid(Refused):
    """A keyring cannot be read, or is not one; `place` is its file, if it has one."""

    code = "keyring_invalid"

    @property
    def says(self) -> str:
        return f"{self.code}.in_a_file" if "place" in self.facts else self.code


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
        points = set()
        for key in keys:
            raw = key.public_key.public_bytes_raw()
            if key.key_id in self._keys:
                raise KeyringInvalid(problem=Problem("kid_twice", kid=key.key_id))
            if raw in points:
                raise KeyringInvalid(problem=Problem("key_twice", kid=key.key_id))
            points.add(raw)
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
            raise KeyringInvalid(problem=unreadable(error, Path(path)), place=str(path)) from error
        except KeyringInvalid as invalid:
            raise KeyringInvalid(problem=invalid.facts["problem"], place=str(path)) from None

    def to_jwk_set(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [key.jwk() for key in self]}


def jwk_set(text: str | bytes) -> dict[str, Json]:
    """The JSON of a JWK Set with at least one member in `keys`; the keys themselves are not checked."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        document = strict_json.parse(data.removeprefix(b"\xef\xbb\xbf"))
    except strict_json.NotStrictJson as error:
        raise KeyringInvalid(problem=error.problem) from None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list) or not document["keys"]:
        raise KeyringInvalid(problem=Problem("not_jwk_set"))
    return document


def unreadable(error: OSError, path: Path) -> Problem:
    """What the system says of a file that cannot be read."""
    if isinstance(error, PermissionError) and (problem := barrier(path)):
        return problem
    return Problem("system_says", reason=error.strerror) if error.strerror else Problem("cannot_be_read")


def _key_from(jwk: Json) -> VerificationKey:
    if not isinstance(jwk, dict):
        raise KeyringInvalid(problem=Problem("key_not_object"))
    key_id = jwk.get("kid")
    if not is_text(key_id):
        raise KeyringInvalid(problem=Problem("key_without_kid", most=MAX_TEXT))
    if "d" in jwk:
        raise KeyringInvalid(problem=Problem("key_private", kid=key_id))
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        raise KeyringInvalid(problem=Problem("key_not_ed25519", kid=key_id))
    if jwk.get("alg", "EdDSA") not in ("EdDSA", "Ed25519") or jwk.get("use", "sig") != "sig":
        raise KeyringInvalid(problem=Problem("key_not_for_signatures", kid=key_id))
    status = jwk.get("status", "active")
    if status not in ("active", "revoked"):
        raise KeyringInvalid(problem=Problem("key_status_unknown", kid=key_id))
    issuer = jwk.get("issuer")
    if not (issuer is None or is_text(issuer)):
        raise KeyringInvalid(problem=Problem("key_issuer_not_text", kid=key_id, most=MAX_TEXT))
    return VerificationKey(key_id, _public_key(key_id, jwk.get("x")), status == "revoked", issuer)


def _public_key(key_id: str, x: Json) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64url.decode(x if isinstance(x, str) else ""))
    except ValueError:
        raise KeyringInvalid(problem=Problem("key_x_unfit", kid=key_id)) from None
