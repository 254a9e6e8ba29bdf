"""GET /denied: what a person reads whom a gateway has turned away, since nginx throws the answer's body away.

It asks neither for an account nor for the database, and takes nothing of ours along but a sheet: a proxy shows it under
the product's own name.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from application.words.denied import FOR_THE_GATEWAY, sentence
from domain.login import Decision
from interface.web import caller
from interface.web.dark import css

blueprint = Blueprint("denied", __name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@blueprint.get("/denied")
def screen() -> Response:
    """The sentence of `code` (and `decision`), from a table: no text of the request is shown, and nothing is looked up.

    503 if the gateway could not ask or was refused itself, else 403.
    """
    code = request.args.get("code", "")
    is_administrator = request.args.get("decision") == Decision.ADMIN_ONLY
    return page(
        sentence(code, caller.language(), is_administrator=is_administrator), 503 if code in FOR_THE_GATEWAY else 403
    )


@blueprint.get("/denied.css")
def sheet() -> Response:
    """Not among the other sheets: a proxy lets everybody have what begins with /denied, and nothing else."""
    return css(_sheet())


@cache
def _sheet() -> bytes:
    return Path(current_app.static_folder or "", "denied.css").read_bytes()


def page(text: str, status: int) -> Response:
    """The page with a sentence; without what every other page is given, which is read from the database."""
    html = current_app.jinja_env.get_template("denied.html").render(sentence=text)
    return Response(html, status, HEADERS, mimetype="text/html")
