"""Every refusal of the domain: one exception for each broken rule, with its code and facts.

The sentences that people read stand in application/words, by code and language: a refusal is told in none of them.
"""

from __future__ import annotations

from typing import ClassVar


class Problem:
    """What is wrong with something, as a code and facts; words/problems.py has a clause for each code."""

    def __init__(self, code: str, /, **facts: object) -> None:  # object: dates, counts, names, problems
        self.code, self.facts = code, facts

    def __eq__(self, other: object) -> bool:  # object: Python's own signature
        return isinstance(other, Problem) and (self.code, self.facts) == (other.code, other.facts)

    __hash__ = None  # type: ignore[assignment]  # facts may be lists

    def __repr__(self) -> str:
        return f"{self.code}({', '.join(f'{name}={fact!r}' for name, fact in self.facts.items())})"


class Refused(Exception):
    """Something asked for was refused; nothing was changed.

    `code` is the contract with programs. `facts` are what the sentence is made from (words/refusals.py): texts,
    numbers, days, periods, and a Problem where there is one. Nothing of it is English.
    """

    code: ClassVar[str]

    def __init__(self, **facts: object) -> None:  # object: dates, counts, names, problems
        super().__init__(facts)
        self.facts = facts

    @property
    def says(self) -> str:
        """By what its sentence is found: the code, unless a refusal has several sentences."""
        return self.code

    def __str__(self) -> str:
        """For whoever reads a traceback; people read words.sentence(refusal, language)."""
        return f"{self.code}: {', '.join(f'{name}={fact!r}' for name, fact in self.facts.items())}"


# License keys (K7): in the order in which a key is read.


class KeyRefused(Refused):
    """A license key was refused (K7); with the fact `begin` because it does not begin as license keys do."""

    @property
    def says(self) -> str:
        return f"{self.code}.begin" if "begin" in self.facts else self.code


class KeyTooLong(KeyRefused):
    code = "too_long"


class KeyMalformed(KeyRefused):
    code = "malformed"


class KeyNotCanonical(KeyRefused):
    code = "not_canonical"


class KeyHeaderWrong(KeyRefused):
    code = "wrong_header"


class SigningKeyUnknown(KeyRefused):
    code = "unknown_signing_key"


class SigningKeyRevoked(KeyRefused):
    code = "revoked_signing_key"


class KeySignatureBad(KeyRefused):
    code = "bad_signature"


class KeyClaimsBad(KeyRefused):
    code = "bad_claims"


class KeyClaimUnknown(KeyRefused):
    code = "unknown_claim"


class WrongProduct(KeyRefused):
    code = "wrong_product"


class WrongInstallation(KeyRefused):
    code = "wrong_installation"


class KeyIdUsed(KeyRefused):
    code = "key_id_used"


class IssuedInFuture(KeyRefused):
    """`today` is the day of the machine's clock, `counted_day` that of the installation, which may stand before it."""

    code = "issued_in_future"

    @property
    def says(self) -> str:
        return _by_day(self)


class LicensePeriodOver(KeyRefused):
    """`counted_day` and `today` as with IssuedInFuture."""

    code = "license_period_over"

    @property
    def says(self) -> str:
        return _by_day(self)


def _by_day(refusal: KeyRefused) -> str:
    """Said otherwise when the installation's day stands before the machine's clock (L3): then that is what to mend."""
    is_ahead = refusal.facts.get("counted_day") != refusal.facts.get("today")
    return f"{refusal.code}.day_ahead" if is_ahead else refusal.code


class OlderThanRegistered(KeyRefused):
    """`issued_on` and `registered_issued_on` are days, or moments if both are on one day (K3)."""

    code = "older_than_registered"

    @property
    def says(self) -> str:
        is_same = self.facts.get("period") == self.facts.get("registered_period")
        return f"{self.code}.same_period" if is_same else self.code


# Users, administrators, auditors, tokens.


class LoginNameInvalid(Refused):
    code = "login_name_invalid"


class LoginNameTaken(Refused):
    code = "login_name_taken"


class UnknownUser(Refused):
    """Nobody bears the name; with the fact `now` somebody bore it, and bears that one now (U8)."""

    code = "unknown_user"

    @property
    def says(self) -> str:
        return f"{self.code}.renamed" if "now" in self.facts else self.code


class UserIsDeleted(Refused):
    code = "user_deleted"


class UserNotDeleted(Refused):
    """Asked to erase somebody who is still a user (P2)."""

    code = "user_not_deleted"


class NameOfDeletedUser(UserIsDeleted, LoginNameTaken):
    """A name is taken, and by somebody deleted (U2): with the code by which programs know that they can restore."""

    @property
    def says(self) -> str:
        return f"{self.code}.name_taken"


class NewNameOfDeletedUser(NameOfDeletedUser):
    """A user was to be given the name of somebody deleted, whom to restore would not help (U8)."""

    @property
    def says(self) -> str:
        return f"{self.code}.new_name_taken"


class RightLost(Refused):
    """Whoever gives a command lost the right to it meanwhile."""

    code = "right_lost"


class LastAdministrator(Refused):
    code = "last_administrator"


class LastAdministratorWithPassword(LastAdministrator):
    """There are other administrators, but none of them could sign in."""

    @property
    def says(self) -> str:
        return f"{self.code}.with_password"


class UnknownAuditor(Refused):
    code = "unknown_auditor"


class AuditorNotRemoved(Refused):
    """Asked to erase somebody who is still an auditor (P2)."""

    code = "auditor_not_removed"


class UnknownOperator(Refused):
    """Nobody of this name has given a command on the machine, or they were erased."""

    code = "unknown_operator"


class UnknownAccount(Refused):
    code = "unknown_account"


class UnknownToken(Refused):
    code = "unknown_token"


class TextInvalid(Refused):
    """A name of an installation, product, or token that cannot be stored."""

    code = "text_invalid"

    @property
    def says(self) -> str:
        return f"{self.code}.{self.facts['what']}"


class ScopeUnknown(Refused):
    code = "unknown_scope"


class NoScope(ScopeUnknown):
    """A token was to be made with nothing that it may do."""

    @property
    def says(self) -> str:
        return f"{self.code}.none"


class TimeZoneUnknown(Refused):
    code = "unknown_time_zone"


class ClockCorrectionRefused(Refused):
    code = "clock_correction_refused"


class PasswordInvalid(Refused):
    """A password that cannot be set; each reason is a class of its own."""


class PasswordLengthWrong(PasswordInvalid):
    code = "password_invalid"
