"""License key text to License and back: the only place that verifies or signs (docs/license-key.md).

Reading: `LicenseKeys(Keyring.from_file(path)).read(text)`.
The vendor's side, which no installation needs: `signing_keys`, `signing` and `doubts`.
"""

from application.license_keys.claims import claims_of, day_from
from application.license_keys.evidence import Verdict, verdict_of
from application.license_keys.folding import MAX_KEY, MAX_PASTE, fingerprint, fold, is_empty
from application.license_keys.keyring import Keyring, KeyringInvalid, VerificationKey
from application.license_keys.reading import LicenseKeys, UnverifiedKey, is_signed_by, read_unverified

__all__ = [
    "MAX_KEY",
    "MAX_PASTE",
    "Keyring",
    "KeyringInvalid",
    "LicenseKeys",
    "UnverifiedKey",
    "Verdict",
    "VerificationKey",
    "claims_of",
    "day_from",
    "fingerprint",
    "fold",
    "is_empty",
    "is_signed_by",
    "read_unverified",
    "verdict_of",
]
