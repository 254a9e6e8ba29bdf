"""System Settings: where the menu under the login name leads; every screen with what it stands at."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from application.words import sentences
from interface.web import caller
from interface.web.admin import navigation

blueprint = Blueprint("system_settings", __name__)


@blueprint.get("/")
def home() -> Response:
    return redirect(url_for(".screen"), 303)


@blueprint.get("/system-settings")
def screen() -> str:
    now = caller.now()
    return render_template(
        "system_settings.html",
        screens=list(navigation.screens()),
        license_sentence=sentences.of_license(now.standing, caller.language()),
        valid=now.valid,
        in_use=now.in_use,
    )
