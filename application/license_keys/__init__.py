"""License key text to License and back: the only place that verifies or signs (docs/license-key.md).

Reading: `LicenseKeys(Keyring.from_file(path)).read(text)`.
The vendor's side: `new_signing_key`, `load_signing_key`, `doubts`, `sign`, `revoke_signing_key`.
"""

from application.license_keys.claims import claims_of, day_from
from application.license_keys.doubts import doubts
from application.license_keys.evidence import Verdict, verdict_of
from application.license_keys.folding import MAX_KEY, MAX_PASTE, fingerprint, fold, is_empty
from application.license_keys.keyring import Keyring, KeyringInvalid, VerificationKey
from application.license_keys.reading import LicenseKeys, UnverifiedKey, is_signed_by, read_unverified
from application.license_keys.signing import LicenseNotSignable, sign
from application.license_keys.signing_keys import (
    KidNotPublished,
    SigningKeyUnusable,
    load_signing_key,
    new_signing_key,
    published_key,
    revoke_signing_key,
    save_signing_key,
)

__all__ = [
    "MAX_KEY",
    "MAX_PASTE",
    "Keyring",
    "KeyringInvalid",
    "KidNotPublished",
    "LicenseKeys",
    "LicenseNotSignable",
    "SigningKeyUnusable",
    "UnverifiedKey",
    "Verdict",
    "VerificationKey",
    "claims_of",
    "day_from",
    "doubts",
    "fingerprint",
    "fold",
    "is_empty",
    "is_signed_by",
    "load_signing_key",
    "new_signing_key",
    "published_key",
    "read_unverified",
    "revoke_signing_key",
    "save_signing_key",
    "sign",
    "verdict_of",
]
