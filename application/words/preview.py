"""What a license key would change, in sentences: each day without it and with it, and what it makes worse."""

from __future__ import annotations

from collections.abc import Iterator

from application.views.day_view import DayView
from application.views.foreseen import CoverGap
from application.views.outcome import Shortening
from application.views.preview import Harm, HarmKind, Preview
from application.words.language import Language
from application.words.messages import Message, message, plural
from application.words.nouns import LICENSES, USERS, of_licenses
from application.words.sentences import of_license, of_products
from domain.license import License, Part
from domain.login import license_code

MOST_NAMED = 10
"""How many users a sentence names; the page and programs are told more of them."""

LOGINS = {
    "ok": message("Users can log in."),
    "no_license": message("Nobody but administrators can log in: there is no license."),
    "license_not_started": message("Nobody but administrators can log in until {starts_on}."),
    "license_expired": message("Nobody but administrators can log in."),
    "licenses_exceeded": message("Nobody but administrators can log in: {users}, {licenses}."),
}
"""By what stands between every user and the product."""

SHUT_OUT = {
    True: message(
        "From {start} on, without end, nobody but administrators can log in. Shut out: {users}, who could log in "
        "without this key{names}. {cause}"
    ),
    False: message(
        "From {start} to {end} nobody but administrators can log in. Shut out: {users}, who could log in without this "
        "key{names}. {cause}"
    ),
}
"""By whether it has no end."""

NAMES = message(" ({names})")

CAUSES = {
    "licenses_exceeded": message("There are {in_use} and {licenses}: delete {excess}, or ask for more licenses."),
    "license_expired": message("The license period is over then."),
    "license_not_started": message("The license period has not begun then."),
    "no_license": message("There is no license then."),
}

OPTIONS_STOP = {
    True: message("From {start} on these optional products cannot be used any more: {products}."),
    False: message("From {start} to {end} these optional products cannot be used: {products}."),
}

LOST: dict[tuple[HarmKind, bool], Message] = {
    (HarmKind.LICENSE_LOST, True): message(
        "From {start} on no license period covers what one covers without this key."
    ),
    (HarmKind.LICENSE_LOST, False): message("From {start} to {end} no license period covers days that one covers now."),
    (HarmKind.MAINTENANCE_LOST, True): message(
        "From {start} on no maintenance period covers what one covers without this key."
    ),
    (HarmKind.MAINTENANCE_LOST, False): message(
        "From {start} to {end} no maintenance period covers days that one covers now."
    ),
    (HarmKind.RELEASES_LOST, True): message(
        "From {start} on only versions released up to {last_release} are covered; without this key, later ones too."
    ),
    (HarmKind.RELEASES_LOST, False): message(
        "From {start} to {end} only versions released up to {last_release} are covered; without this key, later ones "
        "too."
    ),
}

SHORTENED: dict[Part, Message] = {
    Part.LICENSE: message("The license period would be covered until {after} only; without this key: {before}."),
    Part.MAINTENANCE: message(
        "The maintenance period would be covered until {after} only; without this key: {before}."
    ),
}

NO_MAINTENANCE = message("There would be no maintenance any more; without this key it is covered until {before}.")

GAP = {
    Part.LICENSE: plural(
        "No license covers {days}: {number} day.",
        "No license covers {days}: {number} days.",
    ),
    Part.MAINTENANCE: plural(
        "No maintenance period covers {days}: {number} day.",
        "No maintenance period covers {days}: {number} days.",
    ),
}

CANCELLED = {
    Part.LICENSE: message("It cancels the license of key number {key_id} for good: {edition}, {licenses}, {period}."),
    Part.MAINTENANCE: message("It cancels the maintenance period of key number {key_id} for good: {period}."),
}

NO_WAY_BACK = plural(
    "Once this key is registered, there is no way back by what you have: number {names} cannot be used again. If you "
    "find it was the wrong key, ask the vendor for a new license key that says what that one says.",
    "Once this key is registered, there is no way back by what you have: these keys cannot be used again: {names}. If "
    "you find it was the wrong key, ask the vendor for new license keys that say what those say.",
)

KNOWN = message("This license key is already registered; registering it again changes nothing.")
HARMLESS = message("The license key can be registered. It makes nothing worse on any day.")
HARMFUL = message("The license key can be registered, but it makes something worse.")


def of_preview(preview: Preview, language: Language) -> str:
    """Whether the key can be registered, and whether it makes anything worse."""
    if not preview.is_new:
        return language.say(KNOWN)
    return language.say(HARMFUL if preview.is_harmful else HARMLESS)


def of_side(on_day: DayView, language: Language) -> list[str]:
    """What is so on a day: the license, who can log in, and the optional products."""
    standing = on_day.standing
    logins = language.say(
        LOGINS[license_code(on_day)],
        starts_on=standing.next.effect_day if standing.next else None,
        users=language.count(on_day.in_use, USERS),
        licenses=language.count(on_day.valid, LICENSES),
    )
    return [of_license(standing, language), logins, of_products(standing, language)]


def of_harms(preview: Preview, language: Language) -> list[str]:
    """All that the key makes worse, a sentence each: first who is shut out, then options, then cover."""
    shortened = {one.part for one in preview.shortenings}
    implied = {HarmKind.LICENSE_LOST: Part.LICENSE, HarmKind.MAINTENANCE_LOST: Part.MAINTENANCE}
    order = list(HarmKind)
    harms = sorted(preview.harms, key=lambda harm: (order.index(harm.kind), harm.days.start))
    sentences = [of_harm(harm, preview, language) for harm in harms if implied.get(harm.kind) not in shortened]
    return [*sentences, *(of_shortening(one, language) for one in preview.shortenings)]


def of_harm(harm: Harm, preview: Preview, language: Language) -> str:
    """What is worse with the key, on which days."""
    is_endless = harm.days.end is None
    facts: dict[str, object] = {"start": harm.days.start, "end": harm.days.end}  # object: any fact of a message
    match harm.kind:
        case HarmKind.USERS_SHUT_OUT:
            users = preview.ordinary_users
            named = [user.login_name for user in users[:MOST_NAMED]] + ["…"] * (len(users) > MOST_NAMED)
            facts["users"] = language.count(len(users), USERS)
            facts["names"] = language.say(NAMES, names=named) if named else ""
            facts["cause"] = _cause(harm, language)
            return language.say(SHUT_OUT[is_endless], **facts)
        case HarmKind.OPTIONS_STOP:
            return language.say(OPTIONS_STOP[is_endless], products=harm.products, **facts)
    return language.say(LOST[harm.kind, is_endless], last_release=harm.last_release, **facts)


def of_shortening(one: Shortening, language: Language) -> str:
    """Whose cover the key would shorten, from when to when."""
    if one.after is None:
        return language.say(NO_MAINTENANCE, before=one.before)
    before = one.before or language.say("without end")
    return language.say(SHORTENED[one.part], before=before, after=one.after)


def of_gaps(preview: Preview, language: Language) -> list[str]:
    """The days that nothing covers with the key, and how many they are."""
    return [
        language.say(GAP[gap.part], days=gap.days, number=number)
        for gap in preview.gaps
        if (number := days_of(gap)) is not None
    ]


def days_of(gap: CoverGap) -> int | None:
    """How many days a gap has; None without an end."""
    return (gap.days.end - gap.days.start).days + 1 if gap.days.end else None


def of_cancelled(preview: Preview, language: Language) -> list[str]:
    """Every license and maintenance that the key would cancel (K12)."""
    return [
        language.say(
            CANCELLED[each.part],
            key_id=each.license.key_id,
            edition=each.license.edition,
            licenses=of_licenses(each.license, language),
            period=each.days,
        )
        for each in preview.outcome.cancellations
    ]


def of_no_way_back(preview: Preview, language: Language) -> list[str]:
    """Whom to ask for which key if it turns out to be the wrong one; nothing if nothing is lost by it."""
    ending = preview.ends_for_good
    if not ending or not preview.is_harmful:
        return []
    return [language.say(NO_WAY_BACK, number=len(ending), names=list(_names(ending, language)))]


def _names(licenses: list[License], language: Language) -> Iterator[str]:
    for license_ in licenses:
        yield language.say(
            "{key_id} ({edition}, {licenses}, {period})",
            key_id=license_.key_id,
            edition=license_.edition,
            licenses=of_licenses(license_, language),
            period=license_.license_period,
        )


def _cause(harm: Harm, language: Language) -> str:
    on_day = harm.on.with_key
    return language.say(
        CAUSES[harm.code],
        in_use=language.count(on_day.in_use, USERS),
        licenses=language.count(on_day.valid, LICENSES),
        excess=language.count(on_day.in_use - on_day.valid, USERS),
    )
