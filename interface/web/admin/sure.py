"""The page that asks before harm: what will happen, to whom, and a button that names it. It works without scripts."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue

from interface.web.admin.confirmation import FIELD as PASSWORD_AGAIN

FIELD = "sure"

NOT_CARRIED = frozenset(("csrf_token", PASSWORD_AGAIN))
"""A password that was given again counts for five minutes; no page holds it."""

MOST_NAMES = 100
"""How many of the names are shown; of the others, their number."""


def is_sure() -> bool:
    """Whether the button of that page was pressed."""
    return FIELD in request.form


def sure(title: str, sentences: Sequence[str], button: str, *, names: Sequence[str]) -> ResponseReturnValue:
    """The page, which carries the form that was sent; 409, since nothing was changed yet."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]
    shown = names[:MOST_NAMES]
    page = render_template(
        "sure.html",
        heading=title,
        sentences=sentences,
        button=button,
        names=shown,
        others=len(names) - len(shown),
        action=request.path,
        fields=fields,
        field=FIELD,
    )
    return page, 409
