"""API tokens in sentences: how each stands, and what somebody leaves behind who made some."""

from __future__ import annotations

from application.views import tokens
from application.views.day_view import DayView
from application.words.history import name_of
from application.words.language import Language
from application.words.messages import Message, message, plural
from application.words.sentences import Warned

STATUSES: dict[str, Message] = {
    "good": message("good"),
    "expired": message("expired"),
    "revoked": message("revoked"),
}

TOKENS_OF_LEAVER = plural(
    "“{name}” made an API token that still works: {tokens}. Revoke it if nobody needs it any more.",
    "“{name}” made {number} API tokens that still work: {tokens}. Revoke those that nobody needs any more.",
)


def of_leaver(account_id: str, on_day: DayView, language: Language) -> list[Warned]:
    """The warning that somebody without a right any more leaves tokens that work (S-10); none if there is nothing."""
    working = tokens.working_tokens_of(account_id, on_day)
    if not working or on_day.view.right_since(account_id) is not None:
        return []
    named = [
        language.say(message("“{name}” ({token_id})"), name=token.name, token_id=token.token_id) for token in working
    ]
    text = language.say(TOKENS_OF_LEAVER, number=len(working), name=name_of(account_id, on_day.view), tokens=named)
    return [Warned("tokens_remain", text, is_urgent=False)]
