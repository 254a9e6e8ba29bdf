"""What registering a license key did, in sentences: what it replaced, or what became of one that was there before."""

from __future__ import annotations

from collections.abc import Iterator

from application.views.day_view import DayView
from application.views.outcome import outcome
from application.views.replacements import Replacement, cancellations, replacements
from application.words.language import Language
from application.words.messages import message, plural
from application.words.nouns import of_licenses
from application.words.sentences import of_license
from domain.license import License, Part, Period

NAMED = 3
"""Of how many licenses that a key replaced all is said; there is seldom more than one. Of others, number and days."""

MOST_NAMED = 8
"""A sentence has to fit into a cookie; the screen of all license keys and the API name every one."""

REPLACED = plural(
    "It replaces {number} license key for good: {replaced}.",
    "It replaces {number} license keys for good: {replaced}.",
)

CANCELLED = plural(
    "It cancels {number} maintenance period for good, with its optional products: {cancelled}.",
    "It cancels {number} maintenance periods for good, with their optional products: {cancelled}.",
)


def of_registration(license_: License, on_day: DayView, language: Language, *, is_new: bool) -> str:
    """What registering the key of a license did, as it is right after it."""
    return language.sentences(_of_new(license_, on_day, language) if is_new else _of_known(license_, on_day, language))


def _of_new(license_: License, on_day: DayView, language: Language) -> Iterator[str]:
    turn = on_day.view.schedule.turn_of(license_.key_id)
    gone = [each.license for each in replacements(on_day).values() if each.by.key_id == license_.key_id]
    cancelled = outcome(on_day.view, license_.key_id).cancellations
    lost = [each for each in cancelled if each.part is Part.MAINTENANCE]
    if turn is None or turn.effect_day <= on_day.day:
        yield language.say("The license key was registered and is in effect.")
    else:
        text = message("The license key was registered. It takes effect on {effect_day}; nothing changes until then.")
        if gone or lost:
            text = message("The license key was registered. It takes effect on {effect_day}.")
        yield language.say(text, effect_day=turn.effect_day)
    yield of_license(on_day.standing, language)
    if gone:
        days = {each.license.key_id: each.days for each in lost}
        names = [_name(each, language, days.pop(each.key_id, None)) for each in gone[:NAMED]]
        names += [_name_in_short(each.key_id, each.license_period, language) for each in gone[NAMED:MOST_NAMED]]
        yield language.say(REPLACED, number=len(gone), replaced=names + ["…"] * (len(gone) > MOST_NAMED))
        lost = [each for each in lost if each.license.key_id in days]
    if lost:
        names = [_name_in_short(each.license.key_id, each.days, language) for each in lost[:MOST_NAMED]]
        yield language.say(CANCELLED, number=len(lost), cancelled=names + ["…"] * (len(lost) > MOST_NAMED))
    larger = [each for each in gone if each.licenses > license_.licenses and _goes_on(each, on_day)]
    if larger:
        text = message(
            "That one had more licenses, and it cannot be used again. If you took the wrong key, ask the vendor for a "
            "new license key that says what that one said."
        )
        if len(gone) > 1:
            text = message(
                "This one has fewer licenses than number {key_id}, which cannot be used again. If you took the wrong "
                "key, ask the vendor for a new license key that says what that one said."
            )
        yield language.say(text, key_id=max(larger, key=lambda each: each.licenses).key_id)


def _of_known(license_: License, on_day: DayView, language: Language) -> Iterator[str]:
    """K2: nothing was changed, whatever became of it."""
    turn, replacement = on_day.view.schedule.turn_of(license_.key_id), replacements(on_day).get(license_.key_id)
    lost = cancellations(on_day.view.schedule, Part.MAINTENANCE).get(license_.key_id) if turn else None
    yield language.say("This license key is already registered; nothing was changed.")
    if replacement is not None:
        cancellation = cancellations(on_day.view.schedule, Part.LICENSE).get(license_.key_id)
        has_begun = cancellation is None or cancellation.turn.effect_day <= cancellation.on
        yield _of_replaced(replacement, language, has_begun=has_begun)
    elif turn is not None and turn.effect_day > on_day.day:
        yield language.say("It takes effect on {effect_day}.", effect_day=turn.effect_day)
    if lost is not None:
        yield language.say(
            "Its maintenance period, {period}, was cancelled on {day} by another one, {by}, and does not come back.",
            period=lost.days,
            day=lost.on,
            by=_name(lost.by, language),
        )
    yield of_license(on_day.standing, language)
    if not _goes_on(license_, on_day):
        yield language.say(
            "The license period of this key ended on {end}; what comes after it takes a new license key from the "
            "vendor.",
            end=license_.license_period.end,
        )
    elif replacement is not None or (lost is not None and lost.days.last_day >= on_day.day):
        yield language.say(
            "If you need what this key says, ask the vendor for a new license key that says the same: number {key_id}, "
            "{edition}, {licenses}, {period}.",
            key_id=license_.key_id,
            edition=license_.edition,
            licenses=of_licenses(license_, language),
            period=license_.license_period,
        )


def _of_replaced(replacement: Replacement, language: Language, *, has_begun: bool) -> str:
    return language.say(
        message("It was replaced on {day} by another one, {by}, and cannot be used again.")
        if has_begun
        else message(
            "Before it took effect it was cancelled, on {day} by another one, {by}, and it cannot be used any more."
        ),
        day=replacement.on,
        by=_name(replacement.by, language),
    )


def _name(license_: License, language: Language, lost: Period | None = None) -> str:
    """A license in a few words, with the number by which the vendor knows its key, and the maintenance lost with it."""
    return language.say(
        message("number {key_id} ({edition}, {licenses}, {period})")
        if lost is None
        else message("number {key_id} ({edition}, {licenses}, {period}, with its maintenance period {lost})"),
        key_id=license_.key_id,
        edition=license_.edition,
        licenses=of_licenses(license_, language),
        period=license_.license_period,
        lost=lost,
    )


def _name_in_short(key_id: str, days: Period, language: Language) -> str:
    return language.say("number {key_id} ({period})", key_id=key_id, period=days)


def _goes_on(license_: License, on_day: DayView) -> bool:
    return license_.license_period.last_day >= on_day.day
