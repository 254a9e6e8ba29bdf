"""Webhooks in sentences: how each stands, and why nothing is delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from application.words.language import Language
from application.words.messages import Message, message
from application.words.sentences import Warned

if TYPE_CHECKING:
    from application.webhooks import Webhook

ADDED_WITH_KEY: dict[str, Message] = {
    "v1a": message("Give the receiver this public key, by which it knows us. It is no secret, and shown only now."),
    "v1": message("Give the receiver this secret, by a way that nobody else reads. It is shown only now."),
}

STOPPED: dict[str, Message] = {
    "by_hand": message("turned off"),
    "gone": message("turned off: the receiver says that it is gone for good (410)"),
    "failed": message("turned off: every delivery failed for five days"),
}
"""Why nothing is delivered."""


def standing(webhook: Webhook, waiting: int, language: Language) -> str:
    """How a webhook stands, in a few words."""
    if webhook.stopped is not None:
        return language.say(STOPPED[webhook.stopped])
    if webhook.problem is not None:
        return language.say("failing")
    return language.say("delivering") if waiting else language.say("up to date")


Spelling = Callable[[datetime], str]
"""How a moment is written where it stands; if none is given, as the language has it."""


def last_failure(webhook: Webhook, language: Language, spelling: Spelling | None = None) -> str | None:
    """Why the last delivery failed, and when it is tried again; None if it did not."""
    over = message("The last delivery failed: {problem}.")
    again = message("The last delivery failed: {problem}. It is tried again on {moment}.")
    return _failure(webhook, over, again, language, spelling)


def last_mail_failure(receiver: Webhook, language: Language, spelling: Spelling | None = None) -> str | None:
    """Why the last mail was not taken, or not for all, and when it is tried again; None if it was."""
    over = message("Of the last mail: {problem}.")
    again = message("The last mail was not sent: {problem}. It is tried again on {moment}.")
    return _failure(receiver, over, again, language, spelling)


def _failure(
    receiver: Webhook, over: Message, again: Message, language: Language, spelling: Spelling | None
) -> str | None:
    """One of two sentences, the second if it is tried again."""
    if receiver.problem is None:
        return None
    problem, at = language.clause(receiver.problem), receiver.next_at
    if at is None or receiver.stopped is not None:
        return language.say(over, problem=problem)
    return language.say(again, problem=problem, moment=spelling(at) if spelling else at)


def of_given_up(webhooks: Iterable[Webhook], language: Language) -> list[Warned]:
    """The warnings to administrators of webhooks that were turned off because of their receivers."""
    text = message(
        "The webhook {id} was turned off, since its receiver took nothing: {problem}. What happens waits until "
        "somebody turns it on again."
    )
    return [
        Warned("webhook_off", language.say(text, id=each.id, problem=each.problem), is_urgent=False)
        for each in webhooks
        if each.was_given_up
    ]


def place_of(webhook: Webhook, *, whole: bool) -> str:
    """Where it goes; without what follows the host for whoever may not know it all: path and query may be secrets."""
    parts = urlsplit(webhook.url)
    is_alone = parts.path in ("", "/") and not parts.query
    return webhook.url if whole or is_alone else f"{parts.scheme}://{parts.netloc}/…"
