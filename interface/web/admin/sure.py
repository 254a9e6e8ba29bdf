"""The page that asks before harm: what will happen, to whom, and a button that names it. It works without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from interface.web.forms import fields_to_carry

FIELD = "sure"

MOST_NAMES = 100
"""How many of the names are shown; of the others, their number."""


class Choice(NamedTuple):
    """A box that can be checked on the page: the name of its field, its label, and what is so without it."""

    field: str
    label: str
    otherwise: str


def is_sure() -> bool:
    """Whether the button of that page was pressed."""
    return FIELD in request.form


def sure(
    title: str,
    sentences: Sequence[str],
    button: str,
    *,
    names: Sequence[str],
    choice: Choice | None = None,
    back_to: str | None = None,
) -> ResponseReturnValue:
    """The page, which carries the form that was sent; 409, since nothing was changed yet.

    `back_to` is where “Cancel” leads: to the Users screen if not said otherwise.
    """
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
        choice=choice,
        back_to=back_to or url_for("users.screen"),
    )
    return page, 409
