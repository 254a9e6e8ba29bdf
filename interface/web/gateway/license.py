"""The license over the API: what is in force, and registering a license key."""

from __future__ import annotations

from flask import Response

from application import answers
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document, language
from interface.web.gateway.replay import AS_OF, POSITION, asks_for_the_past, then
from interface.web.gateway.requests import body, query


def show_license(caller: Caller) -> Response:
    """GET /api/v1/license; with `as_of` or `position`, what was answered then (A1)."""
    asked = query(AS_OF, POSITION)
    on_day = then(caller, asked) if asks_for_the_past(asked) else caller.on_day
    return document(answers.of_installation(on_day))


def register_license_key(caller: Caller) -> Response:
    """POST /api/v1/license-keys: 201 for a new key, 200 for one that is registered already (K2)."""
    query()
    text = body({"license_key": str})["license_key"]
    licensing = caller.seatledger.licensing
    registration = licensing.register_license_key(caller.installation_id, text, by=caller.by)
    now = licensing.now(caller.installation_id)
    return document(answers.of_registration(registration, now, language()), 201 if registration.is_new else 200)
