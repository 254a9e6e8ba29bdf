"""What an import would do, in sentences."""

from __future__ import annotations

from dataclasses import replace

from application.user_import import Import
from application.views.day_view import DayView
from application.words.language import Language
from application.words.messages import Message, message
from application.words.nouns import LICENSES, USERS
from domain.login import license_code

WOULD: dict[tuple[bool, bool], Message] = {
    (False, False): message("Would add {new}. There already: {present}. Nothing was changed."),
    (False, True): message(
        "Would add {new}, {beyond} beyond the licenses. There already: {present}. Nothing was changed."
    ),
    (True, False): message("Would add {new} and restore {restored}. There already: {present}. Nothing was changed."),
    (True, True): message(
        "Would add {new} and restore {restored}, {beyond} beyond the licenses. There already: {present}. Nothing was "
        "changed."
    ),
}
"""By whether users would be restored, and whether some would be beyond Valid."""


def of_plan(planned: Import, on_day: DayView, language: Language) -> str:
    """What the import would do to users and licenses (U4)."""
    beyond = min(len(planned.lines), max(0, len(planned.lines) - on_day.available))
    return language.say(
        WOULD[bool(planned.restored), beyond > 0],
        new=len(planned.new),
        restored=len(planned.restored),
        beyond=beyond,
        present=planned.present,
    )


def of_report(report: Import, language: Language, *, restore: bool) -> str:
    """What an import has done; `restore` says whether deleted users of the list were restored."""
    return language.say(
        message("Added: {new}. Restored: {restored}. There already: {present}.")
        if restore
        else message("Added: {new}. There already: {present}."),
        new=len(report.new),
        restored=len(report.restored),
        present=report.present,
    )


def of_refused_logins(planned: Import, on_day: DayView, language: Language) -> str | None:
    """Who could not log in after the import, for want of licenses; None if it is nobody, or has another reason."""
    after = replace(on_day, view=replace(on_day.view, in_use=on_day.in_use + len(planned.lines)))
    if license_code(after) != "licenses_exceeded":
        return None
    return language.say(
        "Then there would be {users}, {licenses}: users without system administrator privileges could not log in.",
        users=language.count(after.in_use, USERS),
        licenses=language.count(after.valid, LICENSES),
    )
