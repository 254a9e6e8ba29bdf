"""GET /problems/CODE: what the `type` of a problem document leads to, for whoever wrote the program that was refused.

It asks neither for an account nor for the database, which may be what the problem is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from flask import Blueprint, abort, render_template
from markupsafe import Markup, escape

from application.words.messages import Message
from application.words.problem_types import PROBLEM_TYPES
from domain.refusals import KeyRefused
from interface.web import caller
from interface.web.audiences import STATUSES
from interface.web.gateway.problems import HTTP_ERRORS, UNREADABLE, UNTRUSTED_HOST, type_of

blueprint = Blueprint("problem_types", __name__)

BY_CODE = {
    **dict.fromkeys((kind.code for kind in KeyRefused.__subclasses__()), 422),
    **dict.fromkeys(UNREADABLE, 503),
    UNTRUSTED_HOST[0]: 400,
    **{code: status for status, (code, _) in HTTP_ERRORS.items()},
    **STATUSES,
}
"""The status of each code, of refusals and of what Flask itself finds."""

_CODE = re.compile(r"`([^`]+)`")


class ProblemPage(NamedTuple):
    """A kind of problem as its page shows it."""

    code: str
    status: int
    title: str
    when: Markup
    to_do: Markup
    address: str


@blueprint.get("/problems")
def every_problem() -> str:
    return render_template("problems.html", problems=[_page_of(code) for code in PROBLEM_TYPES])


@blueprint.get("/problems/<code>")
def one_problem(code: str) -> str:
    if code not in PROBLEM_TYPES:
        abort(404)
    return render_template("problem.html", problem=_page_of(code))


def _page_of(code: str) -> ProblemPage:
    kind = PROBLEM_TYPES[code]
    title = caller.language().say(kind.title)
    return ProblemPage(code, BY_CODE[code], title, _with_code(kind.when), _with_code(kind.to_do), type_of(code))


def _with_code(text: Message) -> Markup:
    """The text with what stands in backquotes as code, and a full stop."""
    html = _CODE.sub(r"<code>\1</code>", str(escape(caller.language().say(text))))
    return Markup(caller.language().sentence(html))  # noqa: S704  escaped above
