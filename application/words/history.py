"""The history in sentences: who did what, in words that an auditor can quote."""

from __future__ import annotations

from application.log.stored import LogAlarm
from application.views.calendar import CalendarEvent, CalendarLine
from application.views.deeds import Deed, Kind
from application.views.entitlement import Alarm, Entitlement
from application.views.history import HistoryEntry
from application.views.history_lines import Effect, HistoryLine
from application.words.language import Language
from application.words.messages import Message, Plural, message, plural
from application.words.nouns import of_licenses
from domain.installation import Installation
from domain.license import License, Period
from domain.local_time import spelled_anew

ALARMS: dict[type[Installation.Event], Message] = {
    Installation.ClockCorrected: message(
        "The clock was corrected by event {position}: days count anew from {day}. Until then this machine's clock had "
        "been wrong, and days were counted that had not come. Ask who corrected it, and why."
    ),
    Installation.LogAnchorContradicted: message(
        "By event {position}, a license key carries a checkpoint that this history does not extend. The history was "
        "replaced or cut, or a backup was restored. Compare it with the checkpoints that you kept, and ask the vendor."
    ),
    Installation.RestoreAccepted: message(
        "By event {position}, the log was taken back to a backup, and an auditor accepted it: {lost} events had been "
        "signed before, and {size} of them are here. What was recorded after event {size} is gone. Compare the log "
        "with the checkpoints that you kept."
    ),
    Installation.LicenseRegistered: message(
        "Event {position} registers a license that the vendor did not sign like that; it is not in force. Somebody "
        "wrote into the history, or exchanged the keyring. Export the history and verify the export."
    ),
}

CALENDAR = {
    CalendarEvent.LICENSE_BEGAN: message("A license took effect: {edition}, {licenses}, {period}"),
    CalendarEvent.LICENSE_ENDED: message("The license period ended: {edition}, {licenses}, {period}"),
    CalendarEvent.MAINTENANCE_BEGAN: message("A maintenance period began: {period}"),
    CalendarEvent.MAINTENANCE_ENDED: message("The maintenance period ended: {period}"),
}


DEEDS: dict[Kind, Plural] = {
    ("UserAdded", False): plural("{number} user added", "{number} users added"),
    ("UserAdded", True): plural("{number} administrator added", "{number} administrators added"),
    ("UserDeleted", False): plural("{number} user deleted", "{number} users deleted"),
    ("UserRestored", False): plural("{number} user restored", "{number} users restored"),
    ("AdministratorGranted", False): plural(
        "{number} user made an administrator", "{number} users made administrators"
    ),
    ("AdministratorRevoked", False): plural(
        "{number} administrator made an ordinary user", "{number} administrators made ordinary users"
    ),
    ("TokenRevoked", False): plural("{number} API token revoked", "{number} API tokens revoked"),
}
"""What one command did to many, in the order in which it is told."""


def of_line(line: HistoryLine, view: Entitlement, language: Language) -> str:
    """What a line of the history says, without what it changed."""
    if line.calendar is not None:
        return of_calendar(line.calendar, language)
    if line.deed is not None and line.entry is not None:
        return of_deed(line.deed, line.entry, view, language)
    return of_entry(line.entry, view, language) if line.entry else ""


def of_entry(entry: HistoryEntry, view: Entitlement, language: Language) -> str:
    """Who did what; `view` knows the names, and every moment is told with those of that moment (U8)."""
    event, position = entry.event, entry.position
    doer = doer_of(event, view, language)

    def about(text: Message, account_id: str, at: int = position) -> str:
        return language.say(text, who=doer, whom=name_of(account_id, view, at))

    match event:
        case Installation.InstallationOpened():
            return language.say(
                "{who} opened the installation “{name}” for {product}, time zone {time_zone}",
                who=doer,
                name=event.name,
                product=event.product,
                time_zone=event.time_zone,
            )
        case Installation.LicenseRegistered():
            text = message("{who} registered a license key: {edition}, {licenses}, {period}")
            if event.license.license_period.start > entry.day:
                text = message(
                    "{who} registered a license key: {edition}, {licenses}, {period}; it waits for {license_start}"
                )
            period = event.license.license_period
            facts = _facts_of(event.license, period, language)
            return language.say(text, who=doer, license_start=period.start, **facts)
        case Installation.LicenseKeyRefused():
            return language.say(
                "{who} tried to register a license key, which was refused ({code})", who=doer, code=event.code
            )
        case Installation.UserAdded(administrator=True):
            return about(message("{who} added the administrator “{whom}”"), event.user_id)
        case Installation.UserAdded():
            return about(message("{who} added the user “{whom}”"), event.user_id)
        case Installation.UserDeleted():
            return about(message("{who} deleted the user “{whom}”"), event.user_id)
        case Installation.UserRestored():
            return about(message("{who} restored the user “{whom}”"), event.user_id)
        case Installation.UserRenamed() if view.users[event.user_id].is_erased:
            return about(message("{who} renamed the user “{whom}”"), event.user_id)
        case Installation.UserRenamed():
            return language.say(
                "{who} renamed the user “{whom}” to “{name}”",
                who=doer,
                whom=name_of(event.user_id, view, position - 1),
                name=event.login_name,
            )
        case Installation.AdministratorGranted():
            return about(message("{who} made “{whom}” an administrator"), event.user_id)
        case Installation.AdministratorRevoked():
            text = message("{who} made the administrator “{whom}” an ordinary user")
            return about(text, event.user_id)
        case Installation.AuditorAdded():
            return about(message("{who} added the auditor “{whom}”"), event.auditor_id)
        case Installation.AuditorRemoved():
            return about(message("{who} removed the auditor “{whom}”"), event.auditor_id)
        case Installation.PasswordLinkMade():
            text = message("{who} made a one-time link with which “{whom}” sets a password")
            return about(text, event.account_id)
        case Installation.PasswordChanged(how="link"):
            return language.say("{who} set the own password by a one-time link", who=doer)
        case Installation.PasswordChanged():
            if event.by.endswith(f":{event.account_id}"):
                return language.say("{who} changed the own password", who=doer)
            return about(message("{who} set the password of “{whom}”"), event.account_id)
        case Installation.TokenCreated():
            return language.say(
                "{who} made the API token “{name}” ({scopes})", who=doer, name=event.name, scopes=event.scopes
            )
        case Installation.TokenRevoked():
            return language.say(
                "{who} revoked the API token “{token}”", who=doer, token=token_name(event.token_id, view)
            )
        case Installation.ClockCorrected():
            return language.say("{who} corrected the clock: days count anew from {day}", who=doer, day=entry.day)
        case Installation.DayReached():
            return language.say(
                "The server saw {day} come, on which the calendar began or ended something: it counts from then on, "
                "also if a clock is set back",
                day=entry.day,
            )
        case Installation.OperatorSeen():
            return language.say("{who} gave a command on this machine for the first time", who=doer)
        case Installation.PersonErased():
            return about(message("{who} erased the name of “{whom}”"), event.account_id)
        case Installation.RestoreAccepted():
            return language.say(
                "{who} accepted a restored log: of {lost} events that had been signed, the first {size} are here",
                who=doer,
                lost=event.lost_size,
                size=event.size,
            )
        case Installation.LogAnchorContradicted():
            return language.say(
                "The license key registered just before carries a checkpoint of {size} events that this history does "
                "not extend: it was replaced or cut",
                size=event.size,
            )
    raise ValueError(f"{entry.kind} has no sentence")


def of_deed(deed: Deed, entry: HistoryEntry, view: Entitlement, language: Language) -> str:
    """Who did what to how many by one command, of which `entry` is an event."""
    changes = [language.count(deed.counts[kind], noun) for kind, noun in DEEDS.items() if kind in deed.counts]
    return language.say(
        "{who}, by one command: {changes}", who=who(entry.by, view, language, entry.position), changes=changes
    )


def doer_of(event: Installation.Event, view: Entitlement, language: Language) -> str:
    """The name of whoever did it, as it was then; whoever renames herself still bears the name before (U8)."""
    position = event.originator_version - isinstance(event, Installation.UserRenamed)
    return who(event.by, view, language, position)


def of_calendar(line: CalendarLine, language: Language) -> str:
    """What began or ended by itself."""
    return language.say(CALENDAR[line.event], **_facts_of(line.license, line.period, language))


def of_effect(effect: Effect, language: Language) -> list[str]:
    """What an event changed, such as “In use 4 → 5”; nothing for what stayed the same."""
    changes = []
    for text, (before, after) in (
        (message("Valid {before} → {after}"), effect.valid),
        (message("In use {before} → {after}"), effect.in_use),
    ):
        if before != after:
            changes.append(language.say(text, before=language.number(before), after=language.number(after)))
    edition, new_edition = effect.edition
    if edition != new_edition:
        none = language.say("none")
        changes.append(language.say("Edition {before} → {after}", before=edition or none, after=new_edition or none))
    return changes


def of_alarm(alarm: Alarm, language: Language) -> str:
    """What an alarm that stands in the history means, and what an auditor does about it."""
    event = alarm.event
    sizes = (event.size, event.lost_size) if isinstance(event, Installation.RestoreAccepted) else (0, 0)
    return language.say(ALARMS[type(event)], position=alarm.position, day=alarm.day, size=sizes[0], lost=sizes[1])


def of_log_alarm(alarm: LogAlarm, language: Language, time_zone: str = "UTC") -> str:
    """What was found to be wrong with the log itself, and when by the clocks of a zone."""
    return language.say(
        "The history was altered: {message} (found at {found_at}). No checkpoint is signed over it. Export the history "
        "and verify the export.",
        message=alarm.message,
        found_at=spelled_anew(alarm.found_at, time_zone),
    )


def who(by: str, view: Entitlement, language: Language, at: int | None = None) -> str:
    """The name of whoever did something, after the event `at` if one is said; `by` as it stands in the log."""
    kind, _, ident = by.partition(":")
    if kind in ("user", "auditor"):
        return name_of(ident, view, at)
    if kind == "token":
        return language.say("API token “{name}”", name=token_name(ident, view))
    if kind == "server":
        return language.say("The server")
    return language.say("{name} (command line)", name=name_of(ident, view, at))


def name_of(account_id: str, view: Entitlement, at: int | None = None) -> str:
    """The name of an account or an operator, after the event `at` if one is said; the id if there is none."""
    return view.name_at(account_id, view.position if at is None else at) or account_id


def token_name(token_id: str, view: Entitlement) -> str:
    token = view.tokens.get(token_id)
    return token.name if token else token_id


def _facts_of(
    license_: License, period: Period, language: Language
) -> dict[str, object]:  # object: any fact of a message
    return {"edition": license_.edition, "licenses": of_licenses(license_, language), "period": period}
