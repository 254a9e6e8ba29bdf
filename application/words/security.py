"""The security log in sentences: what became of a sign-in, or which event gave or took a right."""

from __future__ import annotations

from application.credentials import Outcome, SignIn
from application.security_log import SecurityLine
from application.views.entitlement import Entitlement
from application.words.history import name_of, of_entry
from application.words.language import Language
from application.words.messages import Message, message

OUTCOMES: dict[Outcome, Message] = {
    Outcome.SIGNED_IN: message("“{who}” signed in"),
    Outcome.SIGNED_IN_BY_LINK: message("“{who}” signed in by a one-time link"),
    Outcome.SIGNED_OUT: message("“{who}” signed out"),
    Outcome.SESSION_ENDED: message("“{who}” ended another session"),
    Outcome.WRONG_PASSWORD: message("A sign-in as “{who}” failed: wrong password"),
    Outcome.UNKNOWN_NAME: message(
        "A sign-in as “{who}” failed: no administrator or auditor had the name that was typed"
    ),
    Outcome.TOO_MANY_ATTEMPTS: message("Sign-ins as “{who}” were refused unseen: too many had failed before"),
    Outcome.WRONG_CODE: message("A sign-in as “{who}” failed: wrong code of the second factor"),
    Outcome.SECOND_FACTOR_ON: message("“{who}” turned the second factor on"),
    Outcome.SECOND_FACTOR_OFF: message("The second factor of “{who}” was turned off"),
    Outcome.CALENDAR_ON: message("“{who}” made a secret address for a calendar"),
    Outcome.CALENDAR_OFF: message("“{who}” turned the secret address of the calendar off"),
}


def of_security_line(line: SecurityLine, view: Entitlement, language: Language) -> str:
    """What happened; `view` knows the names."""
    if line.entry is not None:
        return of_entry(line.entry, view, language)
    return of_sign_in(line.sign_in, view, language) if line.sign_in else ""


def of_sign_in(sign_in: SignIn, view: Entitlement, language: Language) -> str:
    who = name_of(sign_in.account_id, view) if sign_in.account_id else sign_in.name or ""
    return language.say(OUTCOMES[sign_in.outcome], who=who)
