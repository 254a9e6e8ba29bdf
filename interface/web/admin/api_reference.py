"""The API's own description as a page, for whoever writes a program: what /api/v1/openapi.json says, to be read."""

from __future__ import annotations

from flask import Blueprint, render_template

from interface.web.gateway import OPENAPI

blueprint = Blueprint("api_reference", __name__)


@blueprint.get("/api-reference")
def screen() -> str:
    return render_template("api_reference.html", api=OPENAPI)
