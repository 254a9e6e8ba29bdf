"""GET /api/v1/login-check: may this person log in, and with what."""

from __future__ import annotations

from flask import Response

from application import answers
from application.answers import LoginChecks
from domain.login import decide
from domain.refusals import Problem
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document, language
from interface.web.gateway.problems import MalformedRequest
from interface.web.gateway.replay import AS_OF, POSITION, asks_for_the_past, then
from interface.web.gateway.requests import day_of, query

_answers = LoginChecks()


def login_check(caller: Caller) -> Response:
    """The decision for `login_name` today; `release_date` is the day on which the asking version was released (L4).

    With `as_of` or `position`, the decision that was given then (A1).
    """
    asked = query("login_name", "release_date", AS_OF, POSITION)
    if "login_name" not in asked:
        raise MalformedRequest(problem=Problem("parameter_missing", name="login_name"))
    release_date = day_of(asked, "release_date")
    if asks_for_the_past(asked):
        on_day = then(caller, asked)
        made = decide(on_day, asked["login_name"], release_date)
        return document(answers.of_login_check(made, on_day, language(), release_date))
    made = decide(caller.on_day, asked["login_name"], release_date)
    return document(_answers.answer(made, caller.on_day, language(), release_date))
