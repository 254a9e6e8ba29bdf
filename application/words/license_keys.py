"""What a registered license key is, in words."""

from __future__ import annotations

from application.views.license_keys import KeyLine, KeyStatus
from application.words.language import Language
from application.words.messages import Message, message

STATUSES: dict[KeyStatus, Message] = {
    KeyStatus.IN_FORCE: message("in force since {effect_day}"),
    KeyStatus.COMING: message("coming: takes effect on {effect_day}"),
    KeyStatus.OVER: message("over: ended on {end}"),
    KeyStatus.REPLACED: message("replaced on {day} by no. {number}"),
    KeyStatus.CONTRADICTED: message("never in force: the vendor did not sign it like that"),
}

NEVER_BEGUN = message("replaced on {day} by no. {number}, before it took effect")


def of_status(key: KeyLine, keys: list[KeyLine], language: Language) -> str:
    """What a key is; `keys` are all of them, counted from 1 in their order."""
    text = STATUSES[key.status]
    if key.status is KeyStatus.REPLACED and key.takes_effect_on is None:
        text = NEVER_BEGUN
    replacement = key.replacement
    return language.say(
        text,
        effect_day=key.takes_effect_on,
        end=key.license.license_period.end,
        day=replacement.on if replacement else None,
        number=number_of(replacement.by.key_id, keys) if replacement else None,
    )


def of_lost_maintenance(key: KeyLine, keys: list[KeyLine], language: Language) -> str:
    """By which one the maintenance of a key was cancelled by itself (K10); empty if it was not."""
    lost, replacement = key.lost_maintenance, key.replacement
    if lost is None or (replacement is not None and (replacement.by, replacement.on) == (lost.by, lost.on)):
        return ""
    return language.say("cancelled on {day} by no. {number}", day=lost.on, number=number_of(lost.by.key_id, keys))


def number_of(key_id: str, keys: list[KeyLine]) -> int:
    """The number of a key among all, counted from 1."""
    return 1 + next(number for number, key in enumerate(keys) if key.license.key_id == key_id)
