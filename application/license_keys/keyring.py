"""The keyring: a JWK Set (RFC 7517) of the vendor's public Ed25519 keys, each active or revoked.

Keys of another kind are passed over, as RFC 7517 asks (section 5): a vendor may publish them for other purposes.
What is dangerous is refused with the whole file: see `Keyring`. The one-file verifier keeps the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.encoding import decoded, mark_of
from application.files import problem_of, read_small
from application.license_keys import base64url, strict_json
from application.license_keys.claims import MAX_TEXT, is_text
from application.license_keys.strict_json import Json
from application.permissions import barrier
from application.proof.verify_export import MAX_KEYS, is_sound_point
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

    @property
    def thumbprint(self) -> str:
        """The key's JWK thumbprint (RFC 7638), by which two people see that they mean the same key."""
        x = base64url.encode(self.public_key.public_bytes_raw())
        return base64url.encode(sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())

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
    """Public keys by their `kid`; neither a `kid` nor a key stands in it twice, so that a revocation holds.

    `passed_over` says which keys of the file are none of ours to use, and why.
    """

    def __init__(self, keys: Iterable[VerificationKey], passed_over: Iterable[Problem] = ()) -> None:
        self.passed_over = tuple(passed_over)
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
        keys, passed_over = [], []
        for jwk in jwk_set(text)["keys"]:
            if (problem := why_passed_over(jwk)) is not None:
                passed_over.append(problem)
            else:
                keys.append(_key_from(jwk))
        if not keys:
            raise KeyringInvalid(problem=Problem("no_usable_key", why=passed_over[0]))
        return cls(keys, passed_over)

    @classmethod
    def from_file(cls, path: str | Path) -> Keyring:
        try:
            return cls.from_jwk_set(read_small(Path(path)))
        except OSError as error:
            raise KeyringInvalid(problem=unreadable(error, Path(path)), place=str(path)) from error
        except KeyringInvalid as invalid:
            raise KeyringInvalid(problem=invalid.facts["problem"], place=str(path)) from None

    def to_jwk_set(self) -> dict[str, list[dict[str, str]]]:
        return {"keys": [key.jwk() for key in self]}


def jwk_set(text: str | bytes) -> dict[str, Json]:
    """The JSON of a JWK Set with at least one member in `keys`; the keys themselves are not checked."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if mark_of(data)[0]:
        with suppress(UnicodeDecodeError):  # then it is no JSON either, and is refused as that
            data = decoded(data).encode()
    try:
        document = strict_json.parse(data)
    except strict_json.NotStrictJson as error:
        raise KeyringInvalid(problem=error.problem) from None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list) or not document["keys"]:
        raise KeyringInvalid(problem=Problem("not_jwk_set"))
    if len(document["keys"]) > MAX_KEYS:
        raise KeyringInvalid(problem=Problem("too_many_keys", most=MAX_KEYS))
    return document


def unreadable(error: OSError, path: Path) -> Problem:
    """What the system says of a file that cannot be read."""
    if isinstance(error, PermissionError) and (problem := barrier(path)):
        return problem
    return problem_of(error)


def why_passed_over(jwk: Json) -> Problem | None:
    """Why a key cannot be one that signs license keys; None for one that can. Raises KeyringInvalid for a secret."""
    if not isinstance(jwk, dict):
        raise KeyringInvalid(problem=Problem("key_not_object"))
    key_id = jwk.get("kid")
    if "d" in jwk:
        raise KeyringInvalid(problem=Problem("key_private", kid=key_id if is_text(key_id) else ""))
    if not is_text(key_id):
        return Problem("key_without_kid", most=MAX_TEXT)
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        return Problem("key_not_ed25519", kid=key_id)
    if jwk.get("alg", "EdDSA") not in ("EdDSA", "Ed25519") or jwk.get("use", "sig") != "sig":
        return Problem("key_not_for_signatures", kid=key_id)
    if jwk.get("status", "active") not in ("active", "revoked"):
        return Problem("key_status_unknown", kid=key_id)
    issuer = jwk.get("issuer")
    if not (issuer is None or is_text(issuer)):
        return Problem("key_issuer_not_text", kid=key_id, most=MAX_TEXT)
    return None


def _key_from(jwk: dict[str, Json]) -> VerificationKey:
    """The key of a JWK that is not passed over. Raises KeyringInvalid if it is no point that signs for one alone."""
    key_id = jwk["kid"]
    try:
        x = base64url.decode(jwk["x"] if isinstance(jwk.get("x"), str) else "")
        public_key = Ed25519PublicKey.from_public_bytes(x)
    except ValueError:
        raise KeyringInvalid(problem=Problem("key_x_unfit", kid=key_id)) from None
    if not is_sound_point(x):
        raise KeyringInvalid(problem=Problem("key_point_unsound", kid=key_id))
    return VerificationKey(key_id, public_key, jwk.get("status") == "revoked", jwk.get("issuer"))
