"""Credentials: passwords, sessions, one-time links and the sign-in throttle; tables beside the log, not events."""

from application.credentials.accounts import Credentials, Holder
from application.credentials.passwords import PasswordHashing, accepted_password
from application.credentials.throttle import SignInThrottle, TooManyAttempts
from application.credentials.token_uses import TokenUses

__all__ = [
    "Credentials",
    "Holder",
    "PasswordHashing",
    "SignInThrottle",
    "TokenUses",
    "TooManyAttempts",
    "accepted_password",
]
