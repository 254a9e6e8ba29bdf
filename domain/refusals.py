"""Every refusal of the domain: one exception for each broken rule, with its code and a sentence for a person.

A sentence is an English template over the refusal's details, so that a translation can take its place.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refused(Exception):
    """Something asked for was refused; nothing was changed.

    `code` is the contract with programs, `str(refusal)` the sentence for people, `details` what it was made from.
    """

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, **details: Any) -> None:
        super().__init__(details)
        self.details = details

    def __str__(self) -> str:
        return self.sentence.format(**self.details)


# License keys (K7): in the order in which a key is read.


class KeyRefused(Refused):
    """A license key was refused (K7)."""


class KeyTooLong(KeyRefused):
    code = "too_long"
    sentence = "This text is too long for a license key. Paste the license key alone, without the rest of the mail."


class KeyMalformed(KeyRefused):
    code = "malformed"
    sentence = (
        "This is not a whole license key. A license key has three parts with two dots between them; copy all of it, "
        "from the first character to the last."
    )


class KeyNotCanonical(KeyRefused):
    code = "not_canonical"
    sentence = "A character of this license key was altered on the way. Copy it again from the vendor's mail."


class KeyHeaderWrong(KeyRefused):
    code = "wrong_header"
    sentence = (
        "The beginning of this text is not that of a license key: it is another kind of signed text, or it was altered "
        "on the way. Copy the license key again from the vendor's mail."
    )


class SigningKeyUnknown(KeyRefused):
    code = "unknown_signing_key"
    sentence = (
        "This license key was signed with the key “{signing_key_id}”, which this installation does not know. "
        "Update the product or its keyring, or ask the vendor."
    )


class SigningKeyRevoked(KeyRefused):
    code = "revoked_signing_key"
    sentence = (
        "This license key was signed with the key “{signing_key_id}”, which the vendor has revoked. "
        "Ask the vendor for a new license key."
    )


class KeySignatureBad(KeyRefused):
    code = "bad_signature"
    sentence = (
        "The signature of this license key does not fit: it was altered, or a part is missing. "
        "Copy it again from the vendor's mail."
    )


class KeyClaimsBad(KeyRefused):
    code = "bad_claims"
    sentence = "This license key is signed but its content is not valid: {problem}. Ask the vendor for a new one."


class KeyClaimUnknown(KeyRefused):
    code = "unknown_claim"
    sentence = (
        "This license key says something that this version does not understand (“{claim}”). "
        "It needs a newer version of Seatledger."
    )


class WrongProduct(KeyRefused):
    code = "wrong_product"
    sentence = (
        "This license key is for the product “{key_product}”; this installation runs “{product}”. "
        "Ask the vendor for a key for “{product}”."
    )


class WrongInstallation(KeyRefused):
    code = "wrong_installation"
    sentence = (
        "This license key is for another installation ({audience}). This installation is {installation_id}; "
        "tell the vendor this number."
    )


class KeyIdUsed(KeyRefused):
    code = "key_id_used"
    sentence = (
        "A different license key with the same number ({key_id}) is already registered. "
        "Ask the vendor for a key with a number of its own."
    )


class IssuedInFuture(KeyRefused):
    code = "issued_in_future"
    sentence = (
        "This license key was issued on {issued_on}, but this machine's clock says {today}. "
        "Check the machine's clock, then register the key again."
    )


class LicensePeriodOver(KeyRefused):
    code = "license_period_over"
    sentence = (
        "The license period of this key ended on {license_end}; today is {today}. Ask the vendor for a current one."
    )


class OlderThanRegistered(KeyRefused):
    code = "older_than_registered"
    sentence = (
        "This license key was issued on {issued_on}, before a registered key for the same period "
        "(issued on {registered_issued_on}). Register the newer key, or ask the vendor."
    )


# Users, administrators, auditors, tokens.


class LoginNameInvalid(Refused):
    code = "login_name_invalid"
    sentence = "The login name is not valid: {problem}."


class LoginNameTaken(Refused):
    code = "login_name_taken"
    sentence = (
        "The login name “{login_name}” is already registered. A login name is never registered twice; "
        "a deleted user can be restored."
    )


class UnknownUser(Refused):
    code = "unknown_user"
    sentence = "There is no user with the login name “{login_name}”."


class UserIsDeleted(Refused):
    code = "user_deleted"
    sentence = "The user “{login_name}” is deleted. Restore the user first."


class LastAdministrator(Refused):
    code = "last_administrator"
    sentence = "“{login_name}” is the last administrator. Make another user an administrator first."


class UnknownAuditor(Refused):
    code = "unknown_auditor"
    sentence = "There is no auditor with the name “{name}”."


class UnknownAccount(Refused):
    code = "unknown_account"
    sentence = "“{name}” is neither an administrator nor an auditor; only they have a password."


class UnknownToken(Refused):
    code = "unknown_token"
    sentence = "There is no token “{token_id}”."


class TextInvalid(Refused):
    """A name of an installation, product, or token that cannot be stored."""

    code = "text_invalid"
    sentence = "The {what} is not valid: {problem}."


class ScopeUnknown(Refused):
    code = "unknown_scope"
    sentence = "“{scope}” is not a scope. The scopes are {scopes}; a token has at least one."


class TimeZoneUnknown(Refused):
    code = "unknown_time_zone"
    sentence = "“{time_zone}” is not a time zone. Use a name such as Europe/Berlin, Asia/Tokyo or UTC."


class ClockCorrectionRefused(Refused):
    code = "clock_correction_refused"
    sentence = "The clock cannot be corrected to {day}: {problem}."


class PasswordInvalid(Refused):
    code = "password_invalid"
    sentence = "A password has 12 to 128 characters; this one has {length}."
