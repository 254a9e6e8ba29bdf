"""Webhooks in sentences: how each stands, and why nothing is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.words.language import Language
from application.words.messages import Message, message

if TYPE_CHECKING:
    from application.webhooks import Webhook

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


def last_failure(webhook: Webhook, language: Language) -> str | None:
    """Why the last delivery failed, and when it is tried again; None if it did not."""
    if webhook.problem is None:
        return None
    problem = language.clause(webhook.problem)
    if webhook.stopped is not None or webhook.next_at is None:
        return language.say(message("The last delivery failed: {problem}."), problem=problem)
    return language.say(
        message("The last delivery failed: {problem}. It is tried again on {moment}."),
        problem=problem,
        moment=webhook.next_at,
    )
