"""The sentences of login decisions, warnings and licenses. Registrations and refusals have modules of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from application.views.calendar import ONE_DAY
from application.views.day_view import DayView
from application.views.entitlement import Alarm
from application.views.foreseen import CoverGap, Foreseen, OptionsEnd, TooFewLicenses, foreseen, gap_after
from application.views.outcome import Shortening
from application.views.tokens import TokenEnd
from application.views.warnings import DayWarning, NearlyFull, warnings
from application.words.foreseen import of_both_gaps, of_foreseen, of_shortening
from application.words.language import Language
from application.words.messages import message
from application.words.nouns import DAYS_LEFT, LICENSES, USERS, of_licenses
from domain.license import CoverWarning, Part, PeriodStatus, Standing
from domain.login import Decision, LoginDecision, license_code, release_is_covered

DECISIONS = {
    ("unknown_user", Decision.REFUSE): message("There is no user with this login name. Check how it is written."),
    ("user_deleted", Decision.REFUSE): message("This user was deleted. Ask your administrator to restore it."),
    ("no_license", Decision.ADMIN_ONLY): message("No license key is registered yet. Register one on the Admin screen."),
    ("no_license", Decision.REFUSE): message("No license key is registered yet. Please tell your administrator."),
    ("license_not_started", Decision.ADMIN_ONLY): message(
        "The license period begins on {starts_on}. Until then only the Admin screen is available."
    ),
    ("license_not_started", Decision.REFUSE): message(
        "The license period begins on {starts_on}; you can log in from that day."
    ),
    ("license_expired", Decision.ADMIN_ONLY): message(
        "The license period ended on {license_end}. Only the Admin screen is available: register a new license key."
    ),
    ("license_expired", Decision.REFUSE): message(
        "The license period ended on {license_end}. Please tell your administrator."
    ),
    ("release_not_covered", Decision.ADMIN_ONLY): message(
        "This version was released on {release_date}, after the maintenance period. Only the Admin screen is "
        "available: register a new license key, or go back to an earlier version."
    ),
    ("release_not_covered", Decision.REFUSE): message(
        "This version was released on {release_date}, which the license does not cover. Please tell your administrator."
    ),
    ("licenses_exceeded", Decision.ADMIN_ONLY): message(
        "The number of licenses has been exceeded: {users}, {licenses}. Only the Admin screen is "
        "available: delete {excess}, or register a key with more licenses."
    ),
    ("licenses_exceeded", Decision.REFUSE): message(
        "The number of licenses has been exceeded: {users}, {licenses}. Please tell your administrator."
    ),
    ("ok", Decision.ADMIT): message("You may log in. {products}"),
}

UNTIL_THE_NEXT = {
    Decision.ADMIN_ONLY: message(
        "The license period ended on {license_end}, and the next license takes effect on {starts_on}. Until then only "
        "the Admin screen is available: register a license key for these days."
    ),
    Decision.REFUSE: message(
        "The license period ended on {license_end}; you can log in from {starts_on}, when the next license takes "
        "effect. Please tell your administrator."
    ),
}
"""What is said of a license that is over while another one waits."""

WARNINGS = {
    "licenses_exceeded": message(
        "The number of licenses has been exceeded: {users}, {licenses}. Users without system "
        "administrator privileges cannot log in. Delete {excess}, or register a key with more licenses."
    ),
    "license_ends_soon": message(
        "The license period ends on {covered_until} ({days}). Register the next license key by then; "
        "registering it early does no harm."
    ),
    "license_over": message("The license period ended on {covered_until}. Nobody but administrators can log in."),
    "maintenance_ends_soon": message(
        "The maintenance period ends on {covered_until} ({days}). After that day optional products cannot be used."
    ),
    "maintenance_over": message("The maintenance period ended on {covered_until}. Optional products cannot be used."),
    "no_license": message("No license key is registered yet. Nobody but administrators can log in."),
    "license_not_started": message(
        "The license period begins on {starts_on}. Until then only administrators can log in."
    ),
}


BEFORE_A_GAP = {
    "license_ends_soon": message(
        "The license period ends on {covered_until} ({days}); the next license takes effect on {starts_on}."
    ),
    "license_over": message(
        "The license period ended on {covered_until}. Nobody but administrators can log in until {starts_on}, when the "
        "next license takes effect."
    ),
    "maintenance_ends_soon": message(
        "The maintenance period ends on {covered_until} ({days}). After that day optional products cannot be used "
        "until {starts_on}, when the next one begins."
    ),
    "maintenance_over": message(
        "The maintenance period ended on {covered_until}. Optional products cannot be used until {starts_on}, when the "
        "next one begins."
    ),
}
"""What stands in the place of these warnings if something waits on the far side of a gap (K13)."""

NEARLY_FULL = message(
    "Nearly all licenses are in use: {users}, {licenses}, {available} available. With more users than licenses, users "
    "without system administrator privileges cannot log in. Delete users who do not need a license any more, or ask "
    "the vendor for a license key with more licenses."
)

NO_LICENSE_AVAILABLE = message(
    "No license is available any more: {users}, {licenses}. With one more user, users without system administrator "
    "privileges cannot log in."
)

REPLACE = message("Replace it on the screen API tokens, give the new token to the program, then revoke this one.")

TOKEN_ENDS = {
    ("token_ends_soon", True): message(
        "The API token “{name}” ({token_id}) ends on {last_day} ({days}). After that day nobody can log in through a "
        "gateway that uses it. {replace}"
    ),
    ("token_ends_soon", False): message(
        "The API token “{name}” ({token_id}) ends on {last_day} ({days}). After that day programs that use it are "
        "refused. {replace}"
    ),
    ("token_over", True): message(
        "The API token “{name}” ({token_id}) ended on {last_day}: nobody can log in through a gateway that uses it. "
        "{replace}"
    ),
    ("token_over", False): message(
        "The API token “{name}” ({token_id}) ended on {last_day}: programs that use it are refused. {replace}"
    ),
}
"""The warnings of tokens by code, and whether a login gateway may be asking with the token."""

DAY_AHEAD = message(
    "Days are counted from {day} on, on which the newest event was recorded, but this machine's clock says "
    "{clock_day}. If the clock had jumped forward, set it right and run “seatledger clock correct {clock_day_typed}” "
    "on this machine; if it is behind, set it right."
)
"""For administrators alone, wherever something follows from a day that the clock does not know yet."""


CONTRADICTED = message(
    "Event {position} registers a license that the vendor did not sign like that; it is not in force. Ask the "
    "vendor for a new license key, or have a backup restored; and tell whoever audits this installation."
)


class Warned(NamedTuple):
    """A warning to administrators: its code, its sentence, and whether users are being turned away by it.

    `stage` and `day` are those of application/views/warnings.py. `about` is what programs are told besides (K12, K13):
    days and numbers, by their names.
    """

    code: str
    message: str
    is_urgent: bool
    stage: int | None = None
    day: date | None = None
    about: Mapping[str, object] = MappingProxyType({})  # object: JSON


def of_decision(login: LoginDecision, on_day: DayView, language: Language, release_date: date | None = None) -> str:
    """What the person at the login reads (L2)."""
    text = DECISIONS[login.code, login.decision]
    if login.code == "license_expired" and login.standing.next is not None:
        text = UNTIL_THE_NEXT[login.decision]
    return language.say(
        text,
        **_facts(login.standing, on_day.in_use, language),
        release_date=release_date,
        products=of_products(login.standing, language),
    )


def of_cover(on_day: DayView, release_date: date, language: Language) -> str:
    """Whether the license in force covers a version released on that day (L4)."""
    if on_day.standing.license is None:
        return language.say(
            "No license is in force, so that none covers a version released on {day}.", day=release_date
        )
    if release_is_covered(on_day.standing, release_date, on_day.time_zone):
        return language.say("A version released on {day} is covered by the license in force.", day=release_date)
    return language.say(
        "A version released on {day} is not covered by the license in force: that takes a license key issued on that "
        "day or later, or a maintenance period that goes on until then.",
        day=release_date,
    )


def of_products(standing: Standing, language: Language) -> str:
    """Which optional products may be used, or why none (L1)."""
    period, status = standing.maintenance, standing.maintenance_status
    if period is None:
        return language.say("Optional products are not available: the license has no maintenance period.")
    if status is PeriodStatus.UPCOMING:
        return language.say(
            "Optional products are available from {start}, when the maintenance period begins.", start=period.start
        )
    if status is PeriodStatus.EXPIRED:
        return language.say(
            "Optional products are not available: the maintenance period ended on {end}.", end=period.end
        )
    if not standing.optional_products:
        return language.say("The license includes no optional products.")
    return language.say("Optional products: {products}.", products=standing.optional_products)


def of_warnings(on_day: DayView, language: Language) -> list[Warned]:
    """Everything that administrators are warned of on that day, the most urgent first (K11, K13, U4)."""
    return [of_warning(one, on_day, language) for one in warnings(on_day)]


def of_warnings_after_command(on_day: DayView, language: Language) -> list[Warned]:
    """What the answer to a command warns of: all but how full the license is, which stands where people look."""
    return [of_warning(one, on_day, language) for one in warnings(on_day) if one.code != "nearly_full"]


def of_warning(one: DayWarning, on_day: DayView, language: Language) -> Warned:
    """One of the warnings of that day, in a sentence."""
    about: Mapping[str, object] = {}  # object: JSON
    match one.cause:
        case CoverWarning() as end:
            text = _of_end(end, on_day, language)
        case TooFewLicenses() | OptionsEnd() | CoverGap() as coming:
            text, about = of_foreseen(coming, on_day.in_use, language), _about_foreseen(coming, on_day)
        case NearlyFull() as full:
            text, about = _of_fullness(full, language), {"valid": full.valid, "in_use": full.in_use}
        case TokenEnd() as token_end:
            text = _of_token_end(token_end, language)
        case Alarm(position):
            text = language.say(CONTRADICTED, position=position)
        case None if one.code == "day_ahead_of_clock":
            text = _of_day_ahead(on_day, language)
        case None:
            text = language.say(WARNINGS[one.code], **_facts(on_day.standing, on_day.in_use, language))
    return Warned(one.code, text, one.is_urgent, one.stage, one.day, about)


def of_logins(on_day: DayView, language: Language) -> list[Warned]:
    """The warnings that concern whoever changes users: what keeps some from logging in, now or on a known day."""
    warned = of_warnings(on_day, language)
    return [warning for warning in warned if warning.is_urgent or warning.code == "licenses_will_be_exceeded"]


def _of_end(warning: CoverWarning, on_day: DayView, language: Language) -> str:
    """The warning of the end of cover (K11), which says what comes after it, if anything does."""
    gap = gap_after(on_day, warning.part, warning.covered_until)
    return language.say(
        WARNINGS[warning.code] if gap is None else BEFORE_A_GAP[warning.code],
        covered_until=warning.covered_until,
        days=of_days_left(warning.days_left, language),
        starts_on=gap.end + ONE_DAY if gap and gap.end else None,
    )


def _about_foreseen(one: Foreseen, on_day: DayView) -> dict[str, object]:  # object: JSON
    about: dict[str, object] = {"day": one.day.isoformat()}  # object: JSON
    match one:
        case TooFewLicenses(_, license_, excess):
            about |= {"key_id": license_.key_id, "valid": license_.licenses, "in_use": on_day.in_use, "excess": excess}
        case OptionsEnd(_, license_, products):
            about |= {"key_id": license_.key_id, "optional_products": list(products)}
        case CoverGap(part, days):
            about |= {"what": part.value, "until": days.end.isoformat() if days.end else None}
    return about


def _of_fullness(full: NearlyFull, language: Language) -> str:
    return language.say(
        NO_LICENSE_AVAILABLE if full.in_use == full.valid else NEARLY_FULL,
        users=language.count(full.in_use, USERS),
        licenses=language.count(full.valid, LICENSES),
        available=language.number(full.valid - full.in_use),
    )


def of_shortenings(shortenings: Iterable[Shortening], language: Language) -> list[Warned]:
    """The warnings of a registration that made cover shorter (K12)."""
    return [
        Warned(
            "cover_shortened",
            of_shortening(one, language),
            is_urgent=False,
            about={
                "what": one.part.value,
                "before": one.before.isoformat() if one.before else None,
                "after": one.after.isoformat() if one.after else None,
            },
        )
        for one in shortenings
    ]


BOTH_PERIODS = {
    "license_ends_soon": message(
        "The license period ends on {covered_until} ({days}), and so does the maintenance period. Register the next "
        "license key by then; registering it early does no harm."
    ),
    "license_over": message(
        "The license period ended on {covered_until}, and so did the maintenance period. Nobody but administrators can "
        "log in."
    ),
}
"""Where both periods end on one day: two banners would say nearly the same."""

BOTH_BEFORE_A_GAP = {
    "license_ends_soon": message(
        "The license period ends on {covered_until} ({days}), and so does the maintenance period; the next ones begin "
        "on {starts_on}."
    ),
    "license_over": message(
        "The license period ended on {covered_until}, and so did the maintenance period. Nobody but administrators can "
        "log in until {starts_on}, when the next ones begin."
    ),
}
"""The same where something waits on the far side of one gap."""


def of_banners(on_day: DayView, language: Language) -> list[Warned]:
    """The warnings as a page shows them: where both periods end on one day, one of the two names both.

    Programs and the command line are told of each by its code.
    """
    warned = _with_one_gap(of_warnings(on_day, language), on_day, language)
    ends = on_day.standing.warnings
    codes = {warning.code for warning in warned}
    if len(ends) < 2 or len({end.covered_until for end in ends}) > 1 or not codes >= {end.code for end in ends}:
        return warned
    gap, *others = {gap_after(on_day, end.part, end.covered_until) for end in ends}
    if others:
        return warned
    of_license_, of_maintenance = ends
    text = language.say(
        (BOTH_PERIODS if gap is None else BOTH_BEFORE_A_GAP)[of_license_.code],
        covered_until=of_license_.covered_until,
        days=of_days_left(of_license_.days_left, language),
        starts_on=gap.end + ONE_DAY if gap and gap.end else None,
    )
    return [
        warning._replace(message=text) if warning.code == of_license_.code else warning
        for warning in warned
        if warning.code != of_maintenance.code
    ]


def _with_one_gap(warned: list[Warned], on_day: DayView, language: Language) -> list[Warned]:
    """The same with one warning of each gap that the licenses and the maintenance have on the same days."""
    gaps = [one for one in foreseen(on_day) if isinstance(one, CoverGap)]
    shared = {(str(gap.day), gap.part.value): gap for gap in gaps if sum(gap.days == g.days for g in gaps) > 1}
    banners = []
    for warning in warned:
        gap = shared.get((str(warning.day), str(warning.about.get("what"))))
        if gap is None or warning.code != "cover_gap":
            banners.append(warning)
        elif gap.part is Part.LICENSE:
            banners.append(warning._replace(message=of_both_gaps(gap, language)))
    return banners


def of_last_license(on_day: DayView, language: Language) -> list[Warned]:
    """The warning to whoever took the last license that one user more is one too many (U4); none at other times."""
    standing = on_day.standing
    if license_code(on_day) != "ok" or on_day.in_use != standing.valid:
        return []
    text = language.say(NO_LICENSE_AVAILABLE, **_facts(standing, on_day.in_use, language))
    return [Warned("no_license_available", text, is_urgent=False)]


def of_token_ends(on_day: DayView, language: Language) -> list[Warned]:
    """The API tokens that end soon or are over, the next end first."""
    return [one for one in of_warnings(on_day, language) if one.code in ("token_ends_soon", "token_over")]


def _of_token_end(end: TokenEnd, language: Language) -> str:
    return language.say(
        TOKEN_ENDS[end.code, end.stops_logins],
        name=end.token.name,
        token_id=end.token.token_id,
        last_day=end.token.expires_on,
        days=of_days_left(end.days_left, language),
        replace=language.say(REPLACE),
    )


def of_clock(on_day: DayView, language: Language) -> list[Warned]:
    """The warning that the day stands before this machine's clock, if it does."""
    return [one for one in of_warnings(on_day, language) if one.code == "day_ahead_of_clock"]


def _of_day_ahead(on_day: DayView, language: Language) -> str:
    return language.say(DAY_AHEAD, day=on_day.view.day, clock_day=on_day.clock_day)


def of_days_left(days: int, language: Language) -> str:
    """The days to an end; 0 is the last day itself."""
    return language.count(days, DAYS_LEFT) if days else language.say("today is the last day")


def of_license(standing: Standing, language: Language) -> str:
    """The license in force, in a few words."""
    license_ = standing.license
    if license_ is None:
        return language.say("No license is in force.")
    is_over = standing.license_status is PeriodStatus.EXPIRED
    return language.say(
        message("Over: {edition}, {licenses}, {period}.")
        if is_over
        else message("In force: {edition}, {licenses}, {period}."),
        edition=license_.edition,
        licenses=of_licenses(license_, language),
        period=license_.license_period,
    )


def _facts(standing: Standing, in_use: int, language: Language) -> dict[str, object]:  # object: any fact of a message
    return {
        "starts_on": standing.next.effect_day if standing.next else None,
        "license_end": standing.license.license_period.end if standing.license else None,
        "users": language.count(in_use, USERS),
        "licenses": language.count(standing.valid, LICENSES),
        "excess": language.count(in_use - standing.valid, USERS),
    }
