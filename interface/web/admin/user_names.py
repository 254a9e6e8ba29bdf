"""What an administrator does to a user's name: gives another one, and erases it for ever; on the Users screen, too."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from application.words.erasing import of_user
from application.words.renaming import of_logins, of_renamed
from interface.web import caller, form_ids
from interface.web.admin.confirmation import question
from interface.web.admin.erasure import sure_for_ever, tell_erased
from interface.web.admin.sure import Choice
from interface.web.admin.users import blueprint, offer_undo
from interface.web.admin.users_page import back

__all__ = ["blueprint", "erase", "rename"]


@blueprint.post("/rename")
def rename() -> ResponseReturnValue:
    """An administrator's name takes the password: whoever bears it at the login is let in as an administrator."""
    login_name, new_name = request.form.get("login_name", ""), request.form.get("new_name", "")
    user = caller.view().user(login_name)
    if user is not None and user.is_administrator and (answer := question()):
        return answer
    own = form_ids.command()
    changed = caller.licensing().rename_user(
        caller.installation_id(), login_name, new_name, by=caller.account().by, command_id=own
    )
    language = caller.language()
    name = user.login_name if user else login_name
    if not changed:
        flash(language.say("“{name}” is named that already; nothing was changed.", name=name), "note")
        return back()
    renamed = caller.view().user(new_name)
    now = renamed.login_name if renamed else new_name
    text = f"{of_renamed(name, now, language)} {of_logins(name, now, language)}"
    offer_undo(text, own.command_id)
    return back()


@blueprint.post("/erase")
def erase() -> ResponseReturnValue:
    """Says first what cannot be undone, then asks for the password."""
    login_name = request.form.get("login_name", "")
    erasing, id_, language = caller.licensing().erasing, caller.installation_id(), caller.language()
    account_id = erasing.ask_user(id_, login_name)
    name = caller.view().users[account_id].login_name
    choice = Choice(
        "frees_name",
        language.say("The name may be given again"),
        language.say("Otherwise it stays taken: nobody is ever given it again."),
    )
    back_to = url_for("users.screen", show="deleted")
    if answer := sure_for_ever(of_user(name, account_id, language), back_to=back_to, choice=choice):
        return answer
    frees_name = "frees_name" in request.form
    erased = erasing.user(id_, login_name, frees_name=frees_name, by=caller.account().by, command_id=form_ids.command())
    tell_erased(name, erased)
    return back()
