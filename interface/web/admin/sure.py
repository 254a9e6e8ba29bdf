"""The page that asks before harm: what will happen, to whom, and a button that names it. It works without scripts."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue

from interface.web.forms import fields_to_carry

FIELD = "sure"

MOST_NAMES = 100
"""How many of the names are shown; of the others, their number."""


def is_sure() -> bool:
    """Whether the button of that page was pressed."""
    return FIELD in request.form


def sure(title: str, sentences: Sequence[str], button: str, *, names: Sequence[str]) -> ResponseReturnValue:
    """The page, which carries the form that was sent; 409, since nothing was changed yet."""
    shown = names[:MOST_NAMES]
    page = render_template(
        "sure.html",
        heading=title,
        sentences=sentences,
        button=button,
        names=shown,
        others=len(names) - len(shown),
        action=request.path,
        fields=fields_to_carry(),
        field=FIELD,
    )
    return page, 409
