"""The license over the API: what is in force, all license keys, and registering one."""

from __future__ import annotations

from datetime import date, datetime

from flask import Response

from application import answers
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document, language
from interface.web.gateway.replay import then


def show_license(caller: Caller, as_of: datetime | date | None, position: int | None, on: date | None) -> Response:
    """GET /api/v1/license; with `as_of` or `position`, what was answered then (A1)."""
    return document(answers.of_installation(then(caller, as_of, position, on), language()))


def list_license_keys(caller: Caller, as_of: datetime | date | None, position: int | None, on: date | None) -> Response:
    """GET /api/v1/license-keys: every registered key, without its text; with `as_of` or `position`, as of then."""
    on_day = then(caller, as_of, position, on)
    keys = caller.seatledger.licensing.license_keys(on_day)
    return document(answers.of_license_keys(keys, on_day, language()))


def register_license_key(caller: Caller, license_key: str) -> Response:
    """POST /api/v1/license-keys: 201 for a new key, 200 for one that is registered already (K2)."""
    licensing = caller.seatledger.licensing
    registration = licensing.register_license_key(
        caller.installation_id, license_key, by=caller.by, command_id=caller.command_id
    )
    now = licensing.now(caller.installation_id)
    return document(answers.of_registration(registration, now, language()), 201 if registration.is_new else 200)
