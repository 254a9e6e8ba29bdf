"""The entries of the calendar of renewals in words: what stands in the line of a day, and what is to be done."""

from __future__ import annotations

from typing import NamedTuple

from application.views.day_view import DayView
from application.views.foreseen import CoverGap, Foreseen, OptionsEnd, TooFewLicenses
from application.views.if_nobody_acts import ComingEvent
from application.views.renewal_calendar import Beginning, Entry, LastDay, NothingAhead, RenewalDay, Trouble
from application.words.foreseen import of_both_gaps, of_coming, of_foreseen
from application.words.language import Language
from application.words.messages import Message, message
from application.words.nouns import DAYS_LEFT
from application.words.sentences import of_license
from domain.license import Part

LICENSE, MAINTENANCE, BOTH = (Part.LICENSE,), (Part.MAINTENANCE,), (Part.LICENSE, Part.MAINTENANCE)

RENEWAL: dict[tuple[Part, ...], Message] = {
    LICENSE: message("Renew the license: {days}"),
    MAINTENANCE: message("Renew the maintenance: {days}"),
    BOTH: message("Renew license and maintenance: {days}"),
}

TO_RENEW: dict[tuple[Part, ...], Message] = {
    LICENSE: message(
        "The license period ends on {covered_until}. Ask the vendor for the next license key; registering it early "
        "does no harm."
    ),
    MAINTENANCE: message(
        "The maintenance period ends on {covered_until}. Ask the vendor for a license key with the next one; "
        "registering it early does no harm."
    ),
    BOTH: message(
        "The license period ends on {covered_until}, and so does the maintenance period. Ask the vendor for the next "
        "license key; registering it early does no harm."
    ),
}

LAST_DAY: dict[tuple[Part, ...], Message] = {
    LICENSE: message("Last day of the license"),
    MAINTENANCE: message("Last day of the maintenance"),
    BOTH: message("Last day of license and maintenance"),
}

AFTER_LAST_DAY: dict[tuple[Part, ...], Message] = {
    LICENSE: message("After this day nobody but administrators can log in, unless another license key covers it."),
    MAINTENANCE: message("After this day optional products cannot be used, unless another license key covers it."),
    BOTH: message(
        "After this day nobody but administrators can log in, and optional products cannot be used, unless another "
        "license key covers it."
    ),
}

BEGINNINGS = {
    frozenset((ComingEvent.LICENSE_TAKES_EFFECT,)): message("The next license takes effect"),
    frozenset((ComingEvent.MAINTENANCE_BEGINS,)): message("A maintenance period begins"),
    frozenset((ComingEvent.LICENSE_TAKES_EFFECT, ComingEvent.MAINTENANCE_BEGINS)): message(
        "The next license takes effect, and a maintenance period begins"
    ),
}

TOO_FEW = message("More users than licenses from this day on")
OPTIONS_END = message("Optional products cannot be used from this day on")
GAPS = {
    Part.LICENSE: message("No license covers these days"),
    Part.MAINTENANCE: message("No maintenance period covers these days"),
}
GAP_OF_BOTH = message("No license and no maintenance period cover these days")


class CalendarWords(NamedTuple):
    """The line of an entry, and the text below it."""

    summary: str
    description: str


def of_entry(entry: Entry, on_day: DayView, language: Language) -> CalendarWords:
    return CalendarWords(_summary(entry, on_day, language), _description(entry, on_day, language))


def of_entry_elsewhere(entry: Entry, on_day: DayView, language: Language) -> CalendarWords:
    """The same for a calendar in which other things stand too: the line begins with the installation's name."""
    words = of_entry(entry, on_day, language)
    return words._replace(summary=language.say("{name}: {summary}", name=on_day.view.name, summary=words.summary))


def _summary(entry: Entry, on_day: DayView, language: Language) -> str:
    match entry:
        case RenewalDay():
            return language.say(RENEWAL[entry.parts], days=language.count(entry.days_left, DAYS_LEFT))
        case LastDay():
            return language.say(LAST_DAY[entry.parts])
        case Beginning():
            return language.say(BEGINNINGS[frozenset(one.event for one in entry.coming)])
        case Trouble(_, is_of_both=True):
            return language.say(GAP_OF_BOTH)
        case Trouble(cause):
            return language.say(_of_trouble(cause))
        case NothingAhead() if on_day.standing.license is None:
            return language.say("No license key is registered")
        case NothingAhead():
            return language.say("Nothing to renew")


def _of_trouble(cause: Foreseen) -> Message:
    match cause:
        case TooFewLicenses():
            return TOO_FEW
        case OptionsEnd():
            return OPTIONS_END
        case CoverGap(part, _):
            return GAPS[part]


def _description(entry: Entry, on_day: DayView, language: Language) -> str:
    match entry:
        case RenewalDay():
            return language.say(TO_RENEW[entry.parts], covered_until=entry.covered_until)
        case LastDay():
            return language.say(AFTER_LAST_DAY[entry.parts])
        case Beginning():
            return "\n".join(of_coming(one, language) for one in entry.coming)
        case Trouble(CoverGap() as gap, is_of_both=True):
            return of_both_gaps(gap, language)
        case Trouble(cause):
            return of_foreseen(cause, on_day.in_use, language)
        case NothingAhead():
            return of_license(on_day.standing, language)
