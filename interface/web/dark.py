"""Bootstrap's dark colors without its attribute, which only a script could set: a page follows the machine itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import flask_bootstrap  # type: ignore[import-untyped]  # it ships no types
from flask import Blueprint, Response, request

blueprint = Blueprint("dark", __name__)

BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"

_RULE = re.compile(r"[^{}]*\[data-bs-theme=dark\][^{}]*\{[^{}]*\}")


@cache
def sheet() -> str:
    """The rules that Bootstrap has for the attribute, for every page; whoever links them says when they hold."""
    rules = _RULE.findall(BOOTSTRAP.read_text(encoding="utf-8"))
    return "\n".join(rule.strip().replace("[data-bs-theme=dark]", ":root") for rule in rules) + "\n"


@blueprint.get("/dark.css", endpoint="sheet")
def answer() -> Response:
    return css(sheet())


def css(content: str | bytes) -> Response:
    """A sheet of ours as an answer."""
    response = Response(content, mimetype="text/css")
    response.add_etag()
    response.cache_control.no_cache = True  # asked for again each time, as every file of ours, and mostly not sent
    response.make_conditional(request)
    return response
