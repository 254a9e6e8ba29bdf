"""What erasing a name asks on the screens, and says afterwards: of users and of auditors alike."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash
from flask.typing import ResponseReturnValue

from application.erasing import Erased
from application.words.erasing import left_to_do, of_erased
from interface.web import caller
from interface.web.admin.confirmation import question
from interface.web.admin.sure import Choice, is_sure, sure


def sure_for_ever(
    sentences: Sequence[str], *, back_to: str, choice: Choice | None = None
) -> ResponseReturnValue | None:
    """The page that says what cannot be undone, then the one that asks for the password; None once both are done."""
    say = caller.language().say
    if is_sure():
        return question()
    return sure(
        say("Erase this name for ever?"), sentences, say("Erase the name"), names=(), choice=choice, back_to=back_to
    )


def tell_erased(name: str, erased: Erased) -> None:
    """Says what was done, and what is left to do."""
    language = caller.language()
    flash(of_erased(name, erased, language), "done")
    for warning in left_to_do(erased, language):
        flash(warning.message, "note")
