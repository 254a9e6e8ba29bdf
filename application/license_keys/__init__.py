"""License key text to License and back: the only place that verifies or signs (docs/license-key.md).

Reading: `LicenseKeys(Keyring.from_file(path)).read(text)`.
The vendor's side: `new_signing_key`, `load_signing_key`, `sign`.
"""

from application.license_keys.claims import claims_of, day_from
from application.license_keys.evidence import Verdict, verdict_of
from application.license_keys.folding import MAX_KEY, MAX_PASTE, fingerprint, fold, is_empty
from application.license_keys.keyring import Keyring, KeyringInvalid, VerificationKey
from application.license_keys.reading import LicenseKeys, UnverifiedKey, read_unverified
from application.license_keys.signing import LicenseNotSignable, sign
from application.license_keys.signing_keys import (
    SigningKeyUnusable,
    load_signing_key,
    new_signing_key,
    save_signing_key,
)

__all__ = [
    "MAX_KEY",
    "MAX_PASTE",
    "Keyring",
    "KeyringInvalid",
    "LicenseKeys",
    "LicenseNotSignable",
    "SigningKeyUnusable",
    "UnverifiedKey",
    "Verdict",
    "VerificationKey",
    "claims_of",
    "day_from",
    "fingerprint",
    "fold",
    "is_empty",
    "load_signing_key",
    "new_signing_key",
    "read_unverified",
    "save_signing_key",
    "sign",
    "verdict_of",
]
