"""Auditors: who reads everything and changes nothing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from application.accounts import account_of
from application.words.erasing import of_auditor
from domain.refusals import Refused
from interface.web import caller, form_ids
from interface.web.admin.confirmation import question
from interface.web.admin.erasure import sure_for_ever, tell_erased
from interface.web.admin.passwords import offer_link
from interface.web.admin.tokens import offer_revoking
from interface.web.audiences import status_of

blueprint = Blueprint("auditors", __name__, url_prefix="/auditors")


@blueprint.get("")
def screen() -> str:
    return _screen()


@blueprint.post("")
def add() -> ResponseReturnValue:
    if page := question():
        return page
    name = request.form.get("name", "")
    caller.licensing().add_auditor(
        caller.installation_id(), name, by=caller.account().by, command_id=form_ids.command()
    )
    flash(caller.language().say("The auditor “{name}” was added.", name=_stored_name(name)), "done")
    offer_link(name)
    return redirect(url_for(".screen"), 303)


@blueprint.post("/remove")
def remove() -> Response:
    name = request.form.get("name", "")
    caller.licensing().remove_auditor(
        caller.installation_id(), name, by=caller.account().by, command_id=form_ids.command()
    )
    flash(caller.language().say("The auditor “{name}” was removed.", name=_stored_name(name)), "done")
    offer_revoking(caller.view().account_id(name))
    return redirect(url_for(".screen"), 303)


@blueprint.post("/erase")
def erase() -> ResponseReturnValue:
    """Forget a removed auditor's name: says first what cannot be undone, then asks for the password."""
    name = request.form.get("name", "")
    erasing, id_, language = caller.licensing().erasing, caller.installation_id(), caller.language()
    account_id = erasing.ask_auditor(id_, name)
    stored = _stored_name(name)
    if page := sure_for_ever(of_auditor(stored, account_id, language), back_to=url_for(".screen")):
        return page
    tell_erased(stored, erasing.auditor(id_, name, by=caller.account().by, command_id=form_ids.command()))
    return redirect(url_for(".screen"), 303)


@blueprint.post("/link")
def link() -> ResponseReturnValue:
    """A new one-time link for an auditor who has no password yet, or has forgotten it."""
    if page := question():
        return page
    offer_link(request.form.get("name", ""))
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(refusal), status_of(refusal)


def _stored_name(name: str) -> str:
    auditor = caller.view().auditor(name)
    return auditor.name if auditor else name


def _screen(refusal: Refused | None = None) -> str:
    view = caller.view()
    everybody = sorted(view.auditors.values(), key=lambda auditor: (auditor.name, auditor.auditor_id))
    present = [auditor for auditor in everybody if not auditor.is_removed]
    without_password = {
        auditor.auditor_id
        for auditor in present
        if (account := account_of(view, auditor.auditor_id)) and not caller.accounts().has_password(account)
    }
    return render_template(
        "auditors.html",
        auditors=present,
        former=[auditor for auditor in everybody if auditor.is_removed],
        without_password=without_password,
        refusal=refusal,
    )
