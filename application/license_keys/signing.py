"""The vendor's side: signing a license, and nothing that could not be read again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.license_keys import base64url
from application.license_keys.claims import MAX_TEXT, claims_of, is_text, license_from
from application.license_keys.folding import MAX_KEY
from application.license_keys.reading import ALGORITHM, TYPE
from application.license_keys.strict_json import Json
from domain.license import License
from domain.refusals import KeyClaimsBad, KeyClaimUnknown, Problem, Refused


class LicenseNotSignable(Refused):
    """A license that no reader would accept was to be signed."""

    code = "license_not_signable"


def sign(license: License, private_key: Ed25519PrivateKey, kid: str) -> str:
    """The license key that says `license`, signed. The same license and key always give the same text.

    Raises LicenseNotSignable for everything that reading would refuse for its form.
    """
    if not is_text(kid):
        raise LicenseNotSignable(problem=Problem("kid_not_text", most=MAX_TEXT))
    header = _compact({"alg": ALGORITHM, "kid": kid, "typ": TYPE})
    payload = _payload(license)
    signed = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    text = f"{signed}.{base64url.encode(private_key.sign(signed.encode('ascii')))}"
    if len(text) > MAX_KEY:
        raise LicenseNotSignable(problem=Problem("key_too_long", length=len(text), most=MAX_KEY))
    return text


def _payload(license: License) -> bytes:
    try:
        payload = _compact(claims_of(license))
        read_again = license_from(payload)
    except UnicodeEncodeError:
        raise LicenseNotSignable(problem=Problem("text_not_unicode")) from None
    except KeyClaimsBad as bad:
        raise LicenseNotSignable(problem=bad.facts["problem"]) from None
    except KeyClaimUnknown as unknown:
        raise LicenseNotSignable(problem=Problem("own_claim_named_otherwise", **unknown.facts)) from None
    if read_again != license:
        raise LicenseNotSignable(problem=Problem("not_read_as_written"))
    return payload


def _compact(members: Mapping[str, Json]) -> bytes:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
