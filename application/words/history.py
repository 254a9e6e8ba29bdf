"""The history in sentences: who did what, in words that an auditor can quote."""

from __future__ import annotations

from application.log.stored import LogAlarm
from application.views.calendar import CalendarEvent, CalendarLine
from application.views.entitlement import Alarm, Entitlement, HistoryEntry
from application.views.history import Effect, HistoryLine
from application.words.sentences import of_licenses, of_period
from domain.license import license_of_fields

EVENTS = {
    "InstallationOpened": "{who} opened the installation “{name}” for {product}, time zone {time_zone}",
    "LicenseRegistered": "{who} registered a license key: {edition}, {licenses_text}, {period}",
    "LicenseRegistered early": (
        "{who} registered a license key: {edition}, {licenses_text}, {period}; it waits for {license_start}"
    ),
    "LicenseKeyRefused": "{who} tried to register a license key, which was refused ({code})",
    "UserAdded": "{who} added the user “{whom}”",
    "UserAdded as administrator": "{who} added the administrator “{whom}”",
    "UserDeleted": "{who} deleted the user “{whom}”",
    "UserRestored": "{who} restored the user “{whom}”",
    "AdministratorGranted": "{who} made “{whom}” an administrator",
    "AdministratorRevoked": "{who} made the administrator “{whom}” an ordinary user",
    "AuditorAdded": "{who} added the auditor “{whom}”",
    "AuditorRemoved": "{who} removed the auditor “{whom}”",
    "PasswordChanged": "{who} set the password of “{whom}”",
    "PasswordChanged by its owner": "{who} changed the own password",
    "TokenCreated": "{who} made the API token “{name}” ({scopes_text})",
    "TokenRevoked": "{who} revoked the API token “{token}”",
    "ClockCorrected": "{who} corrected the clock: days count anew from {day}",
    "LogAnchorContradicted": (
        "The license key registered just before carries a checkpoint of {size} events that this history does not "
        "extend: it was replaced or cut"
    ),
}

ALARMS = {
    "ClockCorrected": (
        "The clock was corrected by event {position}: days count anew from {day}. Until then this machine's clock had "
        "been wrong, and days were counted that had not come. Ask who corrected it, and why."
    ),
    "LogAnchorContradicted": (
        "By event {position}, a license key carries a checkpoint that this history does not extend. The history was "
        "replaced or cut, or a backup was restored. Compare it with the checkpoints that you kept, and ask the vendor."
    ),
}

ALTERED = (
    "The history was altered: {message} (found at {found_at}). No checkpoint is signed over it. Export the history and "
    "verify the export."
)

CALENDAR = {
    CalendarEvent.LICENSE_BEGAN: "A license took effect: {edition}, {licenses_text}, {period}",
    CalendarEvent.LICENSE_ENDED: "The license period ended: {edition}, {licenses_text}, {period}",
    CalendarEvent.MAINTENANCE_BEGAN: "A maintenance period began: {period}",
    CalendarEvent.MAINTENANCE_ENDED: "The maintenance period ended: {period}",
}


def of_line(line: HistoryLine, view: Entitlement) -> str:
    """What a line of the history says, without what it changed."""
    if line.calendar is not None:
        return of_calendar(line.calendar)
    return of_entry(line.entry, view) if line.entry else ""


def of_entry(entry: HistoryEntry, view: Entitlement) -> str:
    """Who did what."""
    kind = entry.event
    facts = dict(entry.fields, who=who(entry.by, view), day=entry.day)
    if kind == "LicenseRegistered":
        registered = license_of_fields(entry.fields)
        facts["period"] = of_period(registered.license_period)
        facts["licenses_text"] = of_licenses(registered)
        if registered.license_period.start > entry.day:
            kind = "LicenseRegistered early"
    if kind == "PasswordChanged" and entry.by.endswith(f":{entry.fields['account_id']}"):
        kind = "PasswordChanged by its owner"
    if kind == "UserAdded" and entry.fields["administrator"]:
        kind = "UserAdded as administrator"
    if kind == "TokenCreated":
        facts["scopes_text"] = ", ".join(entry.fields["scopes"])
    if kind == "TokenRevoked":
        token = view.tokens.get(entry.fields["token_id"])
        facts["token"] = token.name if token else entry.fields["token_id"]
    for field in ("user_id", "auditor_id", "account_id"):
        if field in entry.fields:
            facts["whom"] = name_of(entry.fields[field], view)
    return EVENTS[kind].format(**facts)


def of_calendar(line: CalendarLine) -> str:
    """What began or ended by itself."""
    return CALENDAR[line.event].format(
        edition=line.license.edition,
        licenses_text=of_licenses(line.license),
        period=of_period(line.period),
    )


def of_effect(effect: Effect) -> list[str]:
    """What an event changed, such as “In use 4 → 5”; nothing for what stayed the same."""
    changes = []
    for name, (before, after) in (("Valid", effect.valid), ("In use", effect.in_use)):
        if before != after:
            changes.append(f"{name} {before} → {after}")
    before_edition, after_edition = effect.edition
    if before_edition != after_edition:
        changes.append(f"Edition {before_edition or 'none'} → {after_edition or 'none'}")
    return changes


def of_alarm(alarm: Alarm) -> str:
    """What an alarm that stands in the history means, and what an auditor does about it."""
    return ALARMS[alarm.event].format(position=alarm.position, day=alarm.day)


def of_log_alarm(alarm: LogAlarm) -> str:
    """What was found to be wrong with the log itself."""
    return ALTERED.format(message=alarm.message, found_at=alarm.found_at)


def who(by: str, view: Entitlement) -> str:
    """The name of whoever did something; `by` as it stands in the log."""
    kind, _, ident = by.partition(":")
    if kind in ("user", "auditor"):
        return name_of(ident, view)
    if kind == "token":
        token = view.tokens.get(ident)
        return f"API token “{token.name if token else ident}”"
    return f"{ident} (command line)"


def name_of(account_id: str, view: Entitlement) -> str:
    account = view.account(account_id)
    if account is None:
        return account_id
    name: str = account[1]
    return name
