"""What is known to come, in sentences: what will go wrong, which cover became shorter, what the calendar will do."""

from __future__ import annotations

from collections.abc import Sequence

from application.views.foreseen import CoverGap, Foreseen, OptionsEnd, TooFewLicenses
from application.views.if_nobody_acts import Coming, ComingEvent
from application.views.outcome import Shortening
from application.words.language import Language
from application.words.messages import Message, message, plural
from application.words.nouns import LICENSES, USERS, of_licenses
from domain.license import License, Part

MOST_NAMED = 10
"""A warning stands on every screen: of 50 products it names so many. Programs are told all of them."""

TOO_FEW = message(
    "From {day} on there will be more users than licenses: {users}, {licenses}. Users without system administrator "
    "privileges will not be able to log in. Delete {excess} before that day, or register a key with more licenses."
)

OPTIONS_END = {
    True: message(
        "From {day} on these optional products cannot be used any more: {products}. The maintenance period that counts "
        "then does not include them. If you need them, ask the vendor for a new license key that includes them."
    ),
    False: message(
        "From {day} on these optional products cannot be used any more: {products}. The license that takes effect then "
        "has no maintenance period. If you need them, ask the vendor for a new license key that has one and includes "
        "them."
    ),
}
"""By whether the license has a maintenance period."""

GAPS = {
    Part.LICENSE: message(
        "No license covers {days}: nobody but administrators can log in then. Ask the vendor for a license key for "
        "these days, or for one that closes the gap."
    ),
    Part.MAINTENANCE: message(
        "No maintenance period covers {days}: optional products cannot be used then. Ask the vendor for a license key "
        "with a maintenance period for these days, or for one that closes the gap."
    ),
}

BOTH_GAPS = message(
    "No license and no maintenance period cover {days}: nobody but administrators can log in then. Ask the vendor for "
    "a license key for these days, or for one that closes the gap."
)

SHORTENED: dict[tuple[Part, bool], Message] = {
    (Part.LICENSE, True): message(
        "Before this license key the license period was covered until {before}; now it is covered until {after} only. "
        "If that is a mistake, ask the vendor for a new license key for the days after it."
    ),
    (Part.LICENSE, False): message(
        "Before this license key the license period had no end; now it is covered until {after} only. If that is a "
        "mistake, ask the vendor for a new license key for the days after it."
    ),
    (Part.MAINTENANCE, True): message(
        "Before this license key the maintenance period was covered until {before}; now it is covered until {after} "
        "only. If that is a mistake, ask the vendor for a new license key with maintenance for the days after it."
    ),
    (Part.MAINTENANCE, False): message(
        "Before this license key the maintenance period had no end; now it is covered until {after} only. If that is a "
        "mistake, ask the vendor for a new license key with maintenance for the days after it."
    ),
}
"""By whether there was an end before."""

NO_MAINTENANCE = message(
    "Before this license key the maintenance period was covered until {before}; now there is none. If that is a "
    "mistake, ask the vendor for a new license key with a maintenance period."
)

BOTH_SHORTENED = message(
    "Before this license key the license period and the maintenance period were covered until {before}; now they are "
    "covered until {after} only. If that is a mistake, ask the vendor for a new license key for the days after it."
)

COMING = {
    ComingEvent.LICENSE_TAKES_EFFECT: message("The next license takes effect: {license}."),
    ComingEvent.LICENSE_ENDS: message("The license period is over; {last_day} is its last day."),
    ComingEvent.MAINTENANCE_BEGINS: message("A maintenance period begins: {maintenance}."),
    ComingEvent.MAINTENANCE_ENDS: message("The maintenance period is over; {last_day} is its last day."),
    ComingEvent.OPTIONS_BEGIN: message("Optional products can be used: {products}."),
    ComingEvent.OPTIONS_STOP: message("Optional products cannot be used any more: {products}."),
    ComingEvent.USERS_ADMITTED: message("Users can log in."),
}

SHUT_OUT = {
    "license_expired": message("Nobody but administrators can log in."),
    "licenses_exceeded": message("Nobody but administrators can log in: {users}, {licenses}, {beyond} beyond Valid."),
}

IN_USE = plural("{number} user in use", "{number} users in use")


def of_foreseen(one: Foreseen, in_use: int, language: Language) -> str:
    """What will go wrong, on which day, and what mends it (K13)."""
    match one:
        case TooFewLicenses(day, license_, excess):
            return language.say(
                TOO_FEW,
                day=day,
                users=language.count(in_use, USERS),
                licenses=of_licenses(license_, language),
                excess=language.count(excess, USERS),
            )
        case OptionsEnd(day, license_, products):
            names = [*products[:MOST_NAMED], *["…"] * (len(products) > MOST_NAMED)]
            return language.say(OPTIONS_END[license_.maintenance_period is not None], day=day, products=names)
        case CoverGap(part, days):
            return language.say(GAPS[part], days=days)


def of_both_gaps(gap: CoverGap, language: Language) -> str:
    """A gap in the licenses that is one in the maintenance as well."""
    return language.say(BOTH_GAPS, days=gap.days)


def of_shortening(one: Shortening, language: Language) -> str:
    """Whose cover a registration shortened, from when to when (K12)."""
    if one.after is None:
        return language.say(NO_MAINTENANCE, before=one.before)
    return language.say(SHORTENED[one.part, one.before is not None], before=one.before, after=one.after)


def of_shortenings(shortenings: Sequence[Shortening], language: Language) -> list[str]:
    """The same for a screen: one sentence if both periods became shorter from and to the same days."""
    days = {(one.before, one.after) for one in shortenings}
    if len(shortenings) > 1 and len(days) == 1 and not {None}.intersection(*days):
        ((before, after),) = days
        return [language.say(BOTH_SHORTENED, before=before, after=after)]
    return [of_shortening(one, language) for one in shortenings]


def of_coming(one: Coming, language: Language) -> str:
    """What the calendar will begin or end on a day."""
    text = SHUT_OUT[one.code] if one.event is ComingEvent.USERS_SHUT_OUT else COMING[one.event]
    was, becomes = one.was, one.becomes
    ended = was.license_period if one.event is ComingEvent.LICENSE_ENDS else was.maintenance
    return language.say(
        text,
        license=_name(becomes.license, language) if becomes.license else None,
        last_day=ended.end if ended else None,
        maintenance=becomes.maintenance,
        products=one.products,
        users=language.count(one.in_use, IN_USE),
        licenses=language.count(becomes.valid, LICENSES),
        beyond=language.number(one.beyond),
    )


def _name(license_: License, language: Language) -> str:
    return language.say(
        message("{edition}, {licenses}, {period}"),
        edition=license_.edition,
        licenses=of_licenses(license_, language),
        period=license_.license_period,
    )
