"""System Operation > License: the registered license information, and the field for a license key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from application import answers
from application.license_keys import KeyringInvalid
from application.views.entitlement import Entitlement
from application.words import sentences
from domain.installation import local_day
from domain.refusals import KeyTooLong, Refused
from interface.settings import SettingsInvalid
from interface.web import caller, pictures
from interface.web.statuses import status_of

blueprint = Blueprint("license", __name__)


@blueprint.get("/license")
def screen() -> str:
    return _screen()


@blueprint.post("/license")
def register() -> Response:
    """Register the pasted key; the screen then says what that did, and shows what is true from now on."""
    registration = caller.licensing().register_license_key(
        caller.installation_id(), request.form.get("license_key", ""), by=caller.account().by
    )
    view = caller.view()
    said = answers.of_registration(registration, view, caller.today(view))
    flash(said["message"], "done" if registration.is_new else "note")
    return redirect(url_for(".screen"), 303)


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    return _screen(str(refusal), refusal.code, request.form.get("license_key", "")), status_of(refusal)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> tuple[str, int]:
    """More than any request may have: refused like a text that is too long, without reading it."""
    refusal = KeyTooLong()
    return _screen(str(refusal), refusal.code), status_of(refusal)


@blueprint.errorhandler(SettingsInvalid)
@blueprint.errorhandler(KeyringInvalid)
def unavailable(error: Exception) -> tuple[str, int]:
    """Whoever runs the machine must mend this; the key is kept in the field meanwhile."""
    return _screen(str(error), "unavailable", request.form.get("license_key", "")), 503


def information(view: Entitlement, day: date, *, called: str = "today") -> dict[str, Any]:
    """What the screen shows of the license on a day; the Audit area calls a past one “then”."""
    standing = view.schedule.on(day)
    license_ = standing.license
    return {
        "view": view,
        "day": day,
        "standing": standing,
        "license": license_,
        "issued_on": local_day(datetime.fromtimestamp(license_.issued_at, UTC), view.time_zone) if license_ else None,
        "available": standing.valid - view.in_use,
        "products_sentence": sentences.of_products(standing),
        "pictures": pictures.of_view(view, day, called),
    }


def _screen(refusal: str | None = None, code: str | None = None, pasted: str = "") -> str:
    view = caller.view()
    shown = information(view, caller.today(view))
    return render_template("license.html", **shown, refusal=refusal, code=code, pasted=pasted)
