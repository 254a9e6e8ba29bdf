"""What the self-checks say: what is wrong, and how to mend it, by the code of a finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from application.self_checks.finding import Finding
from application.words.language import Language
from application.words.messages import Message, message


class InWords(NamedTuple):
    """A finding in words: what is wrong, and what mends it."""

    wrong: str
    mend: str


FINDINGS: dict[str, tuple[Message, Message]] = {
    "check_failed": (
        message("A self-check could not look: {reason}."),
        message("Mend what it names; if it is none of this machine's, report it as a defect of Seatledger."),
    ),
    # The database
    "schema_differs": (
        message("Missing from the database, or not what this version makes: {names}."),
        message("Somebody changed the database by hand. Export the history, verify the export, and start again."),
    ),
    "program_owns_log": (
        message("The role {role}, which the program has on the server, could alter the history."),
        message(
            "Name a role of its own in SEATLEDGER_DATABASE, which neither owns the tables nor is a superuser, and run "
            "“seatledger migrate”, which gives it its rights; docs/postgresql.md says how."
        ),
    ),
    "several_installations": (
        message(
            "The database holds a second installation, {other}, beside {id}, which is the one that is answered for."
        ),
        message(
            "Seatledger makes one alone: somebody put the other one there. Keep the database as it is; a backup from "
            "before goes on where it was good."
        ),
    ),
    "no_installation": (
        message("There is no installation in this database yet."),
        message("Run “seatledger init”, or correct SEATLEDGER_DATABASE."),
    ),
    "log_unreadable": (
        message("Event {position} {problem}"),
        message("It was altered, or written by a newer version. Export the history and verify the export."),
    ),
    "log_contradicted": (
        message("The history contradicts what was signed, or itself: {problem}"),
        message("No checkpoint is signed over it. Export the history and verify the export; docs/audit.md goes on."),
    ),
    "signing_refused": (
        message("No checkpoint is signed any more: {problem}"),
        message(
            "If a backup was restored, let an auditor accept it with a checkpoint that they kept: “seatledger audit "
            "accept-restore --checkpoint FILE”. If none was, somebody altered the database: keep it as it is; "
            "docs/audit.md goes on."
        ),
    ),
    "signer_memory_unusable": (
        message("No checkpoint is signed, since what was signed last is not known: {problem}."),
        message("Until then nothing shows that the newest events are not altered."),
    ),
    "signer_memory_missing": (
        message("The signer does not remember what it signed: {path} is not there."),
        message(
            "The next checkpoint makes the file. Nothing to do after an upgrade from a version before 1.0, or if the "
            "file was left behind when the machine was changed; else ask who removed it."
        ),
    ),
    "signed_by_another_key": (
        message("The checkpoint over {size} events is signed by another log key than those before it."),
        message(
            "If the log key was changed to another one and back, auditors need both. If not, somebody put that "
            "checkpoint and its key into the database: auditors find checkpoint_invalid."
        ),
    ),
    "history_altered": (
        message("The history was altered: {message} (noticed at {found_at})."),
        message("No checkpoint is signed over it. Export the history and verify the export; docs/audit.md goes on."),
    ),
    "store_went_back": (
        message("Event {position}, known before, is gone from the history (noticed at {noticed_at})."),
        message(
            "Rows were removed, or another file was put in the database's place. If nobody restored a backup, keep the "
            "file as it is and compare it with the checkpoints that you kept."
        ),
    ),
    "newest_event_altered": (
        message("Event {position} was altered in its place (noticed at {noticed_at})."),
        message("Export the history and verify the export. This server goes on with what the event said before."),
    ),
    # People
    "names_unreadable": (
        message(
            "The names of {number} people cannot be read, {account_id} among them: their keys were removed from the "
            "database or altered. They cannot log in."
        ),
        message("Keep the database as it is for your auditors, and restore a backup."),
    ),
    "names_broken": (
        message(
            "The names of {number} people, {account_id} among them, are none that a command would have given: somebody "
            "wrote into the history."
        ),
        message("Keep a copy of the database as it is, export the history for your auditors, and delete these users."),
    ),
    "pepper_unusable": (
        message("The names of erased people cannot be compared: {problem}."),
        message("Until then nobody can be added or renamed."),
    ),
    "erased_list_unusable": (
        message("The list of erased people, {path}, cannot be used: {reason}."),
        message("Mend the file, or take it from your backup of the keys. Until then nobody can be erased."),
    ),
    # Files
    "others_can_write": (
        message("Others can write {path}, or can put another file in its place."),
        message("Run “chmod go-w {mend}”; then ask who could have changed the file."),
    ),
    "others_can_read": (
        message("Others can read {path}, which is secret."),
        message("Run “chmod go-rwx {path}”."),
    ),
    "setting_unusable": (message("{problem}"), message("Correct the setting, or what it names.")),
    "log_key_unusable": (
        message("The log key cannot be used: {problem}. No checkpoints are signed."),
        message("Put the log key back, for its owner alone."),
    ),
    # License keys
    "keyring_unusable": (
        message("License keys cannot be checked: {problem}"),
        message("Name the vendor's keyring in SEATLEDGER_KEYRING, as the vendor ships it."),
    ),
    "key_passed_over": (
        message("A key of the keyring is passed over: {problem}."),
        message("Nothing to do if the vendor publishes it for another purpose; otherwise ask the vendor."),
    ),
    "license_contradicted": (
        message("The license of event {position} is not in force: {problem}."),
        message(
            "Somebody wrote into the history, or exchanged the keyring. Compare the keyring with the vendor's. If they "
            "are the same, restore a backup from before, or ask the vendor for a new license key."
        ),
    ),
    "signing_key_gone": (
        message("The license of event {position} stays in force, but {problem}."),
        message("Vendors retire keys: compare the keyring with the vendor's, and ask the vendor if it surprises you."),
    ),
    # The clock
    "clock_behind": (
        message("This machine's clock says {clock}, but {what} is of {moment}: the clock is behind."),
        message("Set the clock right. If it is right now and had jumped forward, run “seatledger clock correct DATE”."),
    ),
    "clocks_apart": (
        message("This machine's clock says {clock}, but that of the database's server says {server}."),
        message(
            "Each server counts days by its own clock. Let a time service (NTP) set the clocks of all of them, and of "
            "the database's server."
        ),
    ),
    "day_ahead_of_clock": (
        message("The newest event was recorded on {day}, but this machine's clock says {clock_day}."),
        message(
            "Days are counted from {day} on. If the clock had jumped forward, set it right and run “seatledger clock "
            "correct {clock_day_typed}”; if it is behind, set it right."
        ),
    ),
    # Monitoring
    "license_not_in_force": (message("No license is in force."), message("Register a license key.")),
    "licenses_exceeded": (
        message("More users than licenses: {in_use} of {valid}."),
        message("Delete users, or register a key with more licenses."),
    ),
    "license_ends": (
        message("The license period is covered until {until}; days left: {days}."),
        message("Register the next license key."),
    ),
    "maintenance_ends": (
        message("The maintenance period is covered until {until}; days left: {days}."),
        message("Register the next license key."),
    ),
    "licenses_will_be_exceeded": (
        message("From {day} on there will be more users than licenses: {number} beyond {valid}."),
        message("Delete users before that day, or register a key with more licenses."),
    ),
    "options_will_end": (
        message("From {day} on these optional products cannot be used any more: {products}."),
        message("If they are needed, ask the vendor for a new license key that includes them."),
    ),
    "cover_gap": (
        message("Nothing covers {days}, {where}."),
        message("Ask the vendor for a license key for these days, or for one that closes the gap."),
    ),
    # Notifications
    "webhook_off": (
        message("The webhook {id} is turned off, since its receiver took nothing: {problem}."),
        message("Mend the receiver, then run “seatledger webhook resume {id}”; what happened meanwhile waits."),
    ),
    "webhook_failing": (
        message("Nothing is delivered to the webhook {id} since {since}: {problem}."),
        message("Mend the receiver, then run “seatledger webhook resume {id}”, or remove the webhook."),
    ),
    "mail_failing": (
        message("No warning is mailed since {since}: {problem}."),
        message("Mend the settings or the mail server, then run “seatledger mail test”."),
    ),
    "token_ends": (
        message("The API token “{name}” is good until {until}; days left: {days}."),
        message("Make a new token and give it to its program."),
    ),
    "checkpoint_old": (
        message("The newest checkpoint is {minutes} minutes old, and events were recorded since."),
        message("See what the server's log says; “seatledger audit checkpoint” signs one."),
    ),
    "checkpoint_missing": (
        message("No checkpoint was ever signed."),
        message("See what the server's log says; “seatledger audit checkpoint” signs one."),
    ),
}


def in_words(finding: Finding, language: Language) -> InWords:
    """The finding in words."""
    wrong, mend = FINDINGS[finding.code]
    return InWords(language.say(wrong, **finding.facts), language.say(mend, **finding.facts))


def answers(findings: Iterable[Finding], language: Language) -> list[dict[str, str]]:
    """Findings as the API and `--json` give them."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "about": finding.about,
            "message": in_words(finding, language).wrong,
            "mend": in_words(finding, language).mend,
        }
        for finding in findings
    ]
