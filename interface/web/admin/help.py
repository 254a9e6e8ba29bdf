"""Help: what people ask first, and where the rest is written."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
def screen() -> str:
    return render_template("help.html")
