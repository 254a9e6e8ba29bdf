"""What an administrator does to users, to one or to several at once; users_page.py shows them, user_names.py names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from unicodedata import normalize
from uuid import UUID

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.words.messages import message, plural
from domain.installation import Installation
from domain.login_name import shown
from domain.refusals import Refused
from interface.web import caller, form_ids
from interface.web.admin.confirmation import question
from interface.web.admin.passwords import offer_link
from interface.web.admin.sure import MOST_NAMES, is_sure, sure
from interface.web.admin.tokens import offer_revoking
from interface.web.admin.users_page import back, page, sheet
from interface.web.audiences import status_of

MOST_OFFERED = 10
"""For how many people at most the next page offers links or tokens: they go there in a cookie, which holds 4 KB."""

blueprint = Blueprint("users", __name__, url_prefix="/users")


class NobodySelected(Refused):
    """The form names no user."""

    code = "nobody_selected"


class CommandIdMalformed(Refused):
    """What is to be undone is no id of a command."""

    code = "unknown_command"

    @property
    def says(self) -> str:
        return "unknown_command.malformed"


@blueprint.get("")
def screen() -> str:
    return page(request.args)


@blueprint.get("/users.csv")
def export() -> Response:
    """The list as it is filtered, for a spreadsheet; it can be imported again."""
    return sheet(request.args)


@blueprint.post("")
def add() -> ResponseReturnValue:
    """The name of the one field, or those of the other, one a line."""
    if "login_names" in request.form:
        names = [line for line in request.form["login_names"].splitlines() if line.strip()]
        ask_somebody(names)
    else:
        names = [request.form.get("login_name", "")]
    administrator = "administrator" in request.form
    if administrator and (answer := question()):
        return answer
    say = caller.language().say
    button = say(
        plural("Add {number} user beyond the licenses", "Add {number} users beyond the licenses"), number=len(names)
    )
    if answer := beyond_licenses(names, button):
        return answer
    _, command_id = _changed(partial(caller.licensing().add_users, administrator=administrator), names)
    registered = _registered(names)
    text = (
        say("“{name}” was added.", name=registered[0])
        if len(names) == 1
        else say(plural("{number} user was added.", "{number} users were added."), number=len(names))
    )
    offer_undo(text, command_id)
    if len(names) == 1:
        _tell_spelling(names[0].strip(), registered[0])
    if administrator:
        for name in registered:
            offer_link(name)
    return back()


@blueprint.post("/delete")
def delete() -> ResponseReturnValue:
    """Those who were selected are asked about by name: the list may be longer than the screen."""
    names = _selected()
    say = caller.language().say
    if (len(names) > 1 or "ask" in request.form) and not is_sure():
        button = say(plural("Delete {number} user", "Delete {number} users"), number=len(names))
        sentences = [say("They can no longer log in, and their licenses are freed. Deleted users can be restored.")]
        administrators = [name for name in names if (user := caller.view().user(name)) and user.is_administrator]
        if administrators:
            sentences.append(
                say(
                    "Whoever is an administrator among them can be restored, but as an ordinary user: the password is "
                    "gone. These are administrators: {names}.",
                    names=_registered(administrators[:MOST_NAMES]),
                )
            )
        if any(caller.view().account_id(name) == caller.account().account_id for name in names):
            sentences.append(say("You are among them: you will be signed out at once."))
        return sure(say("Delete these users?"), sentences, button, names=_registered(names))
    changed, command_id = _changed(caller.licensing().delete_users, names)
    text = (
        say("“{name}” was deleted, which frees a license.", name=_registered(names)[0])
        if len(names) == 1
        else say(
            plural(
                "{number} user was deleted, which frees a license.",
                "{number} users were deleted, which frees as many licenses.",
            ),
            number=changed,
        )
    )
    offer_undo(text, command_id)
    for name in names[:MOST_OFFERED]:
        offer_revoking(caller.view().account_id(name))
    return back()


@blueprint.post("/restore")
def restore() -> ResponseReturnValue:
    names = _selected()
    say = caller.language().say
    deleted = [name for name in names if (user := caller.view().user(name)) and user.is_deleted]
    button = say(
        plural("Restore {number} user beyond the licenses", "Restore {number} users beyond the licenses"),
        number=len(deleted),
    )
    if answer := beyond_licenses(deleted, button):
        return answer
    changed, command_id = _changed(caller.licensing().restore_users, names)
    text = (
        say("“{name}” was restored as an ordinary user.", name=_registered(names)[0])
        if len(names) == 1
        else say(
            plural(
                "{number} user was restored as an ordinary user.", "{number} users were restored as ordinary users."
            ),
            number=changed,
        )
    )
    offer_undo(text, command_id)
    return back()


@blueprint.post("/grant")
def grant() -> ResponseReturnValue:
    if answer := question():
        return answer
    _, command_id = _changed(caller.licensing().grant_administrators, [_login_name()])
    [name] = _registered([_login_name()])
    offer_undo(caller.language().say("“{name}” is an administrator now.", name=name), command_id)
    offer_link(name)
    return back()


@blueprint.post("/revoke")
def revoke() -> Response:
    _, command_id = _changed(caller.licensing().revoke_administrators, [_login_name()])
    [name] = _registered([_login_name()])
    offer_undo(caller.language().say("“{name}” is an ordinary user now.", name=name), command_id)
    offer_revoking(caller.view().account_id(name))
    return back()


@blueprint.post("/link")
def link() -> ResponseReturnValue:
    """A new one-time link for an administrator who has no password yet, or has forgotten it."""
    if answer := question():
        return answer
    offer_link(_login_name())
    return back()


@blueprint.post("/undo")
def undo() -> ResponseReturnValue:
    """Take back what the message told of. What takes the password by itself takes it here too."""
    try:
        undone_id = UUID(request.form.get("command_id", ""))
    except ValueError:
        raise CommandIdMalformed from None
    licensing, id_ = caller.licensing(), caller.installation_id()
    command = licensing.user_command(id_, undone_id)
    users = caller.view().users
    leads_to_rights = any(
        isinstance(event, Installation.AdministratorRevoked)
        or (isinstance(event, Installation.UserRenamed) and users[event.user_id].is_administrator)
        for event in command.events
    )
    if leads_to_rights and (answer := question()):
        return answer
    say = caller.language().say
    coming_back = [
        user.login_name
        for event in command.events
        if isinstance(event, Installation.UserDeleted) and (user := users.get(event.user_id))
    ]
    if answer := beyond_licenses(coming_back, say("Undo beyond the licenses")):
        return answer
    own = form_ids.command()
    undone = licensing.undo(id_, command, by=caller.account().by, command_id=own)
    effects = [
        say(sentence, number=len(names))
        for sentence, names in (
            (plural("{number} user is deleted", "{number} users are deleted"), undone.deleted),
            (plural("{number} user is restored", "{number} users are restored"), undone.restored),
            (plural("{number} user is an administrator", "{number} users are administrators"), undone.granted),
            (plural("{number} user is an ordinary user", "{number} users are ordinary users"), undone.revoked),
            (plural("{number} user is named as before", "{number} users are named as before"), undone.renamed),
        )
        if names
    ]
    offer_undo(say("Undone: {what}.", what=effects), own.command_id)
    if undone.were_administrators:
        flash(
            say(
                "Restored as ordinary users, though they were administrators: {names}. Make them administrators again "
                "if that is meant.",
                names=undone.were_administrators[:20],
            ),
            "note",
        )
    for name in undone.granted[:MOST_OFFERED]:
        offer_link(name)
    for name in (*undone.deleted, *undone.revoked)[:MOST_OFFERED]:
        offer_revoking(caller.view().account_id(name))
    return back()


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return page(request.form, refusal), status_of(refusal)


def beyond_licenses(names: list[str], button: str) -> ResponseReturnValue | None:
    """The page that asks before so many more users go beyond the licenses (U4, W-4); None where there is no harm.

    Without a license nobody is kept out by one user more, so nobody is asked.
    """
    now = caller.now()
    excess = now.in_use + len(names) - now.valid
    if is_sure() or not names or not now.valid or excess <= 0:
        return None
    say = caller.language().say
    facts = {"valid": now.valid, "in_use": now.in_use, "excess": excess}
    if now.in_use > now.valid:
        what = say(
            "There are {in_use} users and {valid} licenses, so that nobody but administrators can log in. After this, "
            "{excess} users have to be deleted or licensed before that ends.",
            **facts,
        )
    else:
        what = say(
            plural(
                "This needs {number} license more than there are ({valid}): from then on nobody but "
                "administrators can log in, until a user is deleted or a license key with more licenses is registered.",
                "This needs {number} licenses more than there are ({valid}): from then on nobody but "
                "administrators can log in, until users are deleted or a license key with more licenses is registered.",
            ),
            number=excess,
            **facts,
        )
    return sure(say("Go beyond the licenses?"), [what], button, names=names)


def offer_undo(text: str, command_id: UUID | None) -> None:
    """Tell what was done, with a button that takes it back; without a command there is nothing to take back."""
    if command_id is None:
        flash(text, "done")
    else:
        flash({"text": text, "command_id": str(command_id)}, "undo")  # type: ignore[arg-type]  # JSON can hold it


def ask_somebody(names: list[str]) -> None:
    """Raises NobodySelected."""
    if not names:
        raise NobodySelected


def _changed(command: Callable[..., int], names: list[str]) -> tuple[int, UUID | None]:
    """How many users a command on these changed, and its id; None if it changed nobody."""
    own = form_ids.command()
    number = command(caller.installation_id(), names, by=caller.account().by, command_id=own)
    return number, own.command_id if number else None


def _login_name() -> str:
    return request.form.get("login_name", "")


def _selected() -> list[str]:
    """Whom the form is about: one, or all whose boxes were checked. Raises NobodySelected."""
    names = request.form.getlist("login_name")
    ask_somebody(names)
    return names


def _tell_spelling(typed: str, name: str) -> None:
    """Says how a name is kept whose letters were typed in another form, such as wide ones, which one sees (U1)."""
    if normalize("NFC", " ".join(typed.split())) != name:
        text = message("“{typed}” is kept as “{name}”: login names have letters and digits in their ordinary form.")
        flash(caller.language().say(text, typed=shown(typed), name=name), "note")


def _registered(names: list[str]) -> list[str]:
    """The names as they are registered, which may be spelled otherwise than what was sent (U1)."""
    view = caller.view()
    return [user.login_name if (user := view.user(name)) else name for name in names]
