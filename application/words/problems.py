"""What can be wrong, by the code of its Problem: each a clause that stands after a colon."""

from __future__ import annotations

from application.words.messages import Message, message

PROBLEMS: dict[str, Message] = {
    # Names and texts
    "empty": message("it is empty"),
    "too_many_characters": message("it has {length} characters, and at most {most} are allowed"),
    "dots": message("“.” and “..” are not allowed"),
    "slash": message("it contains a slash (/)"),
    "invisible_character": message("it contains an invisible character"),
    "invisible_character_named": message("it contains an invisible character (U+{number})"),
    # Corrections of the clock
    "nothing_to_mend": message("the newest event was recorded on {newest}, so there is nothing to mend"),
    "clock_says": message("this machine's clock says {today}; set the clock right first"),
    "before_newest_key": message(
        "the newest registered license key was issued on {issued}, and days cannot begin before it"
    ),
    # Events of a log
    "events_missing": message("follows event {newest}: events are missing."),
    "event_does_not_fit": message("does not fit those before it: {error}."),
    "topic_unknown": message(
        "has the topic {topic}, which this version does not know: it was altered, or written by a newer version."
    ),
    "event_unreadable": message("cannot be read: {error}"),
    "opens_something_else": message("opens something that is no installation."),
    "names_no_installation": message("names no installation: it was altered."),
    # Databases
    "not_a_database_url": message("SEATLEDGER_DATABASE must be sqlite:///PATH, such as {example}; it is {url}."),
    # Filters of the history
    "no_such_event": message("there is no event “{event}”"),
    "days_turned_round": message("{first} is after {last}"),
    "never_anybody": message("there never was anybody with the name “{name}”"),
    "never_anybody_did": message(
        "there never was anybody with the name “{name}”; write “cli:NAME” for somebody at the command line, "
        "“token:ID” for an API token"
    ),
    "database_unusable": message("The database {place} cannot be opened: {reason}."),
    "keyring_not_named": message(
        "SEATLEDGER_KEYRING is not set: name the vendor's keyring.json there, so that license keys can be checked."
    ),
}
