"""Credentials: passwords, sessions, one-time links and the sign-in throttle; tables beside the log, not events."""

from application.credentials.accounts import Credentials, Holder, OpenSession, key_of
from application.credentials.calendar_addresses import CalendarAddresses
from application.credentials.hashing import PasswordHashing
from application.credentials.languages import AccountLanguages
from application.credentials.passwords import accepted_password
from application.credentials.second_factors import Enrollment, SecondFactors
from application.credentials.sign_ins import Outcome, SignIn, SignIns
from application.credentials.throttle import SignInThrottle, TooManyAttempts
from application.credentials.token_uses import TokenUses

__all__ = [
    "AccountLanguages",
    "CalendarAddresses",
    "Credentials",
    "Enrollment",
    "Holder",
    "OpenSession",
    "Outcome",
    "PasswordHashing",
    "SecondFactors",
    "SignIn",
    "SignInThrottle",
    "SignIns",
    "TokenUses",
    "TooManyAttempts",
    "accepted_password",
    "key_of",
]
