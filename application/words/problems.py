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
}
