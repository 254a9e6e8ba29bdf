"""Whether a registration says what the vendor signed: its event against its key text, and that against a keyring."""

from __future__ import annotations

from dataclasses import dataclass, fields

from application.license_keys.keyring import Keyring
from application.license_keys.reading import UnverifiedKey, is_signed_by, read_unverified
from domain.installation import Installation
from domain.license import License
from domain.refusals import KeyRefused, Problem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with the evidence of a registration, if anything is.

    `is_contradicted`: the license is not in force. Otherwise nobody is locked out: vendors retire signing keys.
    """

    problem: Problem | None = None
    is_contradicted: bool = False


FITS = Verdict()


def verdict_of(registration: Installation.LicenseRegistered, product: str, keyring: Keyring | None) -> Verdict:
    """Compare a registration with the key text that it carries, and its signature with the keyring of now.

    `product` is the installation's. A revoked key is known as well: what was registered before the revocation stays.
    Without a keyring (None) the signature is not looked at. Never raises: an event in the store may say anything.
    """
    try:
        signed = read_unverified(registration.key_text)
    except (KeyRefused, TypeError, AttributeError):
        return _contradicted("evidence_no_license_key")
    if signed.text != registration.key_text:
        return _contradicted("evidence_no_license_key")
    if (claim := _other_claim(registration, signed)) is not None:
        return _contradicted("evidence_says_otherwise", claim=claim)
    audience = signed.license.audience
    if audience not in ("*", str(registration.originator_id)) or signed.license.product != product:
        return _contradicted("evidence_for_another")
    if keyring is None:
        return FITS
    key = keyring.get(signed.signing_key_id)
    if key is None:
        return Verdict(Problem("signing_key_gone", kid=signed.signing_key_id))
    if not is_signed_by(signed.text, key):
        return _contradicted("evidence_signature_unfit", kid=signed.signing_key_id)
    return FITS


def _contradicted(code: str, **facts: object) -> Verdict:  # object: any fact of a message
    return Verdict(Problem(code, **facts), is_contradicted=True)


def _other_claim(registration: Installation.LicenseRegistered, signed: UnverifiedKey) -> str | None:
    """The first thing that the event says otherwise than the signed key; None if there is none."""
    if registration.signing_key_id != signed.signing_key_id:
        return "signing_key_id"
    if registration.fingerprint != signed.fingerprint:
        return "fingerprint"
    try:
        stored = registration.license
    except Exception:  # whatever it is that an altered event does
        return "license"
    names = (each.name for each in fields(License))
    return next((name for name in names if getattr(stored, name) != getattr(signed.license, name)), None)
