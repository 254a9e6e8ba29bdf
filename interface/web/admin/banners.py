"""The warnings on top of every page: those that one screen mends stand in one banner, with one link to it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from application.words.messages import Message, message
from application.words.sentences import Warned

EARLY = 14
"""Days before the end of a period: a stage of more than these only tells (K11)."""


class Link(NamedTuple):
    """To the screen on which a warning can be mended, from any screen but those of the blueprint `not_on`."""

    label: Message
    endpoint: str
    anchor: str | None = None
    not_on: str | None = None


TO_USERS = Link(message("Go to Users"), "users.screen", not_on="users")
TO_TOKENS = Link(message("Go to API tokens"), "tokens.screen", not_on="tokens")
TO_NOTIFICATIONS = Link(message("Go to Notifications"), "notifications.screen", not_on="notifications")
TO_LICENSE = Link(message("Register a license key"), "license.screen", anchor="license_key")


class Banner(NamedTuple):
    """Warnings of one level (danger, warning, info), and the links to what mends them.

    What only tells is quiet: an end that is far, and licenses that are all taken, as they may be for years.
    """

    level: str
    links: tuple[Link, ...]
    messages: tuple[str, ...]


def banners(warnings: Iterable[Warned], blueprint: str | None) -> list[Banner]:
    """The warnings in their order, as the screens of a blueprint show them."""
    return [
        Banner(level, tuple(link for link in links if link.not_on != blueprint), tuple(each.message for each in alike))
        for (level, links), alike in groupby(warnings, lambda warning: (_level(warning), _links(warning)))
    ]


def _level(warning: Warned) -> str:
    if warning.is_urgent:
        return "danger"
    return "info" if warning.code == "nearly_full" or (warning.stage or 0) > EARLY else "warning"


def _links(warning: Warned) -> tuple[Link, ...]:
    if warning.code.startswith("token_"):
        return (TO_TOKENS,)
    if warning.code == "webhook_off":
        return (TO_NOTIFICATIONS,)
    return (TO_USERS, TO_LICENSE) if warning.code in ("licenses_exceeded", "nearly_full") else (TO_LICENSE,)
