"""Renaming in sentences: what was done, and what the login makes of both names from now on (U8)."""

from __future__ import annotations

from application.words.language import Language
from application.words.messages import message
from domain.login_name import login_key


def of_renamed(name: str, now: str, language: Language) -> str:
    """What was done to a user of one name who has another one now."""
    return language.say(message("“{name}” is “{now}” now."), name=name, now=now)


def of_logins(name: str, now: str, language: Language) -> str:
    """What becomes of logins with the name before; two spellings of one name are one at the login (U1)."""
    if login_key(name) == login_key(now):
        return language.say(message("Only the spelling changed: logins go on as before, in both spellings."))
    return language.say(
        message("Logins as “{name}” are refused from now on: rename the account where people log in, too."), name=name
    )
