"""The license over the API: what is in force and covers which release, all keys, previewing and registering one."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response

from application import answers
from application.licensing import NeedsConfirmation
from interface.web.caller import language
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document
from interface.web.gateway.problems import of_refusal
from interface.web.gateway.replay import ask_now_or_audit, then


def show_license(caller: Caller, as_of: datetime | date | None, position: int | None, on: date | None) -> Response:
    """GET /api/v1/license; with `as_of` or `position`, what was answered then (A1)."""
    return document(answers.of_installation(then(caller, as_of, position, on), language()))


def list_license_keys(caller: Caller, as_of: datetime | date | None, position: int | None, on: date | None) -> Response:
    """GET /api/v1/license-keys: every registered key, without its text; with `as_of` or `position`, as of then."""
    on_day = then(caller, as_of, position, on)
    keys = caller.seatledger.licensing.license_keys(on_day)
    return document(answers.of_license_keys(keys, on_day, language()))


def register_license_key(caller: Caller, license_key: str, confirm: bool, confirmation: str | None) -> Response:
    """POST /api/v1/license-keys: 201 for a new key, 200 for one that is registered already (K2).

    409 for one that makes something worse, with what would happen, until that is confirmed: with `confirm` whatever it
    is, or with `confirmation` too, what a preview told.
    """
    licensing = caller.seatledger.licensing
    confirmed: bool | str = confirm if confirmation is None else confirm and confirmation
    try:
        registration = licensing.register_license_key(
            caller.installation_id, license_key, confirmed=confirmed, by=caller.by, command_id=caller.command_id
        )
    except NeedsConfirmation as refusal:
        return of_refusal(refusal, preview=answers.of_preview(refusal.preview, language()))
    now = licensing.now(caller.installation_id)
    return document(answers.of_registration(registration, now, language()), 201 if registration.is_new else 200)


def preview_license_key(caller: Caller, license_key: str) -> Response:
    """POST /api/v1/license-keys/preview: each day without the key and with it; nothing is recorded (C-21)."""
    preview = caller.seatledger.licensing.preview_license_key(caller.installation_id, license_key)
    return document(answers.of_preview(preview, language()))


def show_cover(
    caller: Caller, release_date: date, as_of: datetime | date | None, position: int | None, on: date | None
) -> Response:
    """GET /api/v1/license/covers: whether a version released on that day may be used (L4), before it is installed."""
    if "license" not in caller.token.scopes:
        ask_now_or_audit(caller, as_of, position)
    return document(answers.of_cover(then(caller, as_of, position, on), release_date, language()))
