"""System Operation > License: the registered license information, the field for a license key, and all keys."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from application.license_keys import KeyringInvalid
from application.licensing import NeedsConfirmation
from application.renewal.making import renewal_file
from application.views.day_view import DayView
from application.views.foreseen import foreseen
from application.views.if_nobody_acts import if_nobody_acts
from application.views.outcome import outcome
from application.views.preview import Preview
from application.words import nouns, sentences
from application.words.foreseen import of_coming, of_shortenings
from application.words.history import doer_of
from application.words.license_keys import of_lost_maintenance, of_status
from application.words.messages import Message
from application.words.preview import of_cancelled, of_gaps, of_harms, of_no_way_back, of_preview, of_side
from application.words.refusals import sentence
from application.words.registration import of_registration
from domain.installation import local_day
from domain.refusals import KeyTooLong, Refused
from interface.settings import SettingsInvalid
from interface.web import caller, errors, form_ids, pictures
from interface.web.admin.sure import MOST_NAMES
from interface.web.audiences import status_of
from interface.web.local_time import local_time

blueprint = Blueprint("license", __name__)

CONFIRMATION = "confirmation"
"""The field that names what was confirmed, as Preview.confirmation does."""


@blueprint.get("/license")
def screen() -> str:
    return _screen()


@blueprint.get("/license/keys")
def keys() -> str:
    """All license keys that were registered, in their order, without their text."""
    now = caller.now()
    listed = caller.licensing().license_keys(now)
    language = caller.language()
    return render_template(
        "license_keys.html",
        keys=listed,
        statuses=[of_status(key, listed, language) for key in listed],
        lost_maintenances=[of_lost_maintenance(key, listed, language) for key in listed],
        registrants=[doer_of(key.registration, now.view, language) for key in listed],
        issued=[local_time(key.license.issued_at, now.time_zone) for key in listed],
        licenses_noun=nouns.LICENSES,
        time_zone=now.time_zone,
    )


@blueprint.post("/license")
def register() -> ResponseReturnValue:
    """Register the pasted key; the screen then says what that did, and shows what is true from now on.

    A key that makes something worse asks first; what is confirmed is what that page told.
    """
    try:
        registration = caller.licensing().register_license_key(
            caller.installation_id(),
            request.form.get("license_key", ""),
            confirmed=request.form.get(CONFIRMATION, ""),
            by=caller.account().by,
            command_id=form_ids.command(),
        )
    except NeedsConfirmation as refusal:
        is_otherwise = bool(refusal.facts["is_otherwise"])
        return _preview(refusal.preview, is_asked=True, is_otherwise=is_otherwise), status_of(refusal)
    now, license_, language = caller.now(), registration.key.license, caller.language()
    shortenings = outcome(now.view, license_.key_id).shortenings if registration.is_new else ()
    # Green is for a key after which nothing is to be done.
    is_well = registration.is_new and not shortenings and not foreseen(now)
    flash(of_registration(license_, now, language, is_new=registration.is_new), "done" if is_well else "note")
    for text in of_shortenings(shortenings, language):
        flash(text, "warning")
    return redirect(url_for(".screen"), 303)


@blueprint.get("/license/renewal-request")
def renewal_request() -> Response:
    """The renewal file for the vendor, as `seatledger license request` writes it; a checkpoint is signed first.

    Raises what AuditLog.take_checkpoint raises.
    """
    now = caller.now()
    content = renewal_file(caller.licensing(), caller.seatledger().audit, now)
    response = Response(content, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="renewal-{now.day}.txt"'
    return response


@blueprint.post("/license/preview")
def preview() -> str:
    """What the pasted key would change, day by day; nothing is recorded, and each time it is looked at anew."""
    form_ids.let_come_again()
    pasted = request.form.get("license_key", "")
    return _preview(caller.licensing().preview_license_key(caller.installation_id(), pasted))


@blueprint.get("/license/preview")
def no_preview() -> Response:
    """Whoever comes to the address of a check without a key is led to the field for one."""
    return redirect(url_for(".screen"), 303)


def _preview(preview: Preview, *, is_asked: bool = False, is_otherwise: bool = False) -> str:
    """The page of a check, which carries the key to be registered; `is_asked` if it came to be registered."""
    language = caller.language()
    names = [user.login_name for user in preview.shut_out if not user.is_administrator]
    fields = [("license_key", request.form.get("license_key", ""))]
    return render_template(
        "license_preview.html",
        preview=preview,
        verdict=of_preview(preview, language),
        harms=of_harms(preview, language),
        names=names[:MOST_NAMES],
        others=max(0, len(names) - MOST_NAMES),
        cancelled=of_cancelled(preview, language),
        gaps=of_gaps(preview, language),
        no_way_back=of_no_way_back(preview, language),
        days=[(on.day, of_side(on.without_key, language), of_side(on.with_key, language)) for on in preview.days],
        fields=[*fields, (CONFIRMATION, preview.confirmation)] if preview.is_harmful else fields,
        is_asked=is_asked,
        is_otherwise=is_otherwise,
    )


@blueprint.errorhandler(Refused)
def refused(refusal: Refused) -> tuple[str, int]:
    """On the screen with the key in its field; of a renewal file, no license key is spoken of."""
    if request.endpoint == "license.renewal_request":
        return errors.page(status_of(refusal), sentence(refusal, caller.language()))
    return _screen(sentence(refusal, caller.language()), refusal.code, request.form.get("license_key", "")), status_of(
        refusal
    )


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> tuple[str, int]:
    """More than any request may have: refused like a text that is too long, without reading it."""
    refusal = KeyTooLong()
    return _screen(sentence(refusal, caller.language()), refusal.code), status_of(refusal)


@blueprint.errorhandler(SettingsInvalid)
@blueprint.errorhandler(KeyringInvalid)
def unavailable(error: Exception) -> tuple[str, int]:
    """Whoever runs the machine must mend this; the key is kept in the field meanwhile."""
    return _screen(_sentence(error), "unavailable", request.form.get("license_key", "")), 503


def _sentence(error: Exception) -> str:
    if isinstance(error, SettingsInvalid):
        return error.sentence(caller.language())
    return sentence(error, caller.language()) if isinstance(error, Refused) else str(error)


def information(on_day: DayView, *, day_word: Message = pictures.TODAY) -> dict[str, Any]:  # Any: what a template takes
    """What the screen shows of the license on a day; the Audit area calls a past one “then”."""
    view, standing = on_day.view, on_day.standing
    license_ = standing.license
    registered = caller.licensing().registration_of(view.installation_id, license_.key_id) if license_ else None
    return {
        "view": view,
        "day": on_day.day,
        "standing": standing,
        "license": license_,
        "issued_on": local_day(datetime.fromtimestamp(license_.issued_at, UTC), view.time_zone) if license_ else None,
        "key": on_day.key_of(license_),
        "next_key": on_day.key_of(standing.next.license) if standing.next else None,
        "registered": registered,
        "registered_by": doer_of(registered.event, view, caller.language()) if registered else None,
        "signing_key": caller.licensing().views.signing_key(view.installation_id, license_),
        "available": on_day.available,
        "products_sentence": sentences.of_products(standing, caller.language()),
        "pictures": pictures.of_day(on_day, caller.language(), day_word),
    }


def _screen(refusal: str | None = None, code: str | None = None, pasted: str = "") -> str:
    now = caller.now()
    shown = information(now)
    days = groupby(if_nobody_acts(now), key=lambda one: one.day)
    return render_template(
        "license.html",
        **shown,
        if_nobody_acts=[(day, [of_coming(one, caller.language()) for one in coming]) for day, coming in days],
        has_keys=len(shown["view"].license_keys) > 0,
        refusal=refusal,
        code=code,
        pasted=pasted,
    )
