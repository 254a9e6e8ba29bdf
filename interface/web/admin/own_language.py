"""Your language: the one in which an account wants to be spoken to."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from application.words.languages import NAMES
from interface.web import caller

blueprint = Blueprint("own_language", __name__, url_prefix="/own-language")

OF_BROWSER = ""
"""The value of the field that means whatever the browser asks for."""


@blueprint.get("")
def screen() -> str:
    return render_template(
        "own_language.html",
        names=NAMES,
        chosen=caller.accounts().language_tag(caller.account()) or OF_BROWSER,
        of_browser=OF_BROWSER,
    )


@blueprint.post("")
def choose() -> Response:
    """Another value than those of the page chooses none."""
    tag = request.form.get("language", OF_BROWSER)
    caller.accounts().choose_language(caller.account(), tag if tag in NAMES else None)
    g.pop("language", None)  # the answer is in the new one
    flash(caller.language().say("Your language was changed."), "done")
    return redirect(url_for(".screen"), 303)
