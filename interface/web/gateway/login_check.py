"""GET /api/v1/login-check: may this person log in, and with what."""

from __future__ import annotations

from flask import Response

from application.answers import LoginChecks
from domain.login import decide
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document
from interface.web.gateway.problems import MalformedRequest
from interface.web.gateway.requests import day_of, query

_answers = LoginChecks()


def login_check(caller: Caller) -> Response:
    """The decision for `login_name` today; `release_date` is the day on which the asking version was released (L4)."""
    asked = query("login_name", "release_date")
    if "login_name" not in asked:
        raise MalformedRequest(problem="the query parameter login_name is missing")
    release_date = day_of(asked, "release_date")
    made = decide(caller.view, asked["login_name"], caller.day, release_date)
    return document(_answers.answer(made, caller.view, release_date))
