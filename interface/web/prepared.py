"""The answers to what never reaches a view, made once at the start: refusing costs nothing, however many ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from application.words.languages import NAMES
from domain.refusals import Refused
from interface.front import Answer, BodyRefused
from interface.front.asking import REQUEST_ID, answer_of
from interface.front.request_ids import PREPARED_ID
from interface.web import caller, errors
from interface.web.gateway import problems

Key = tuple[type[Exception], bool, str | None]
"""The refusal, whether it is for programs, and the tag of the language that is asked for; None for that of the
installation."""


def prepare(app: Flask, refusals: Iterable[Refused | HTTPException]) -> dict[Key, Answer]:
    """For each of the refusals a problem document for programs and a page for people, in every language."""
    return {
        (type(refusal), for_programs, tag): _answer(app, refusal, for_programs=for_programs, tag=tag)
        for refusal in refusals
        for for_programs in (True, False)
        for tag in (*NAMES, None)
    }


def _answer(app: Flask, refusal: Refused | HTTPException, *, for_programs: bool, tag: str | None) -> Answer:
    headers = {"Host": caller.seatledger_of(app).settings.hosts.first}
    if tag is not None:
        headers["Accept-Language"] = tag
    with app.test_request_context("/api/" if for_programs else "/", headers=headers):
        g.account = None
        request.environ[REQUEST_ID] = PREPARED_ID
        response = app.process_response(app.make_response(_page_or_document(refusal, for_programs=for_programs)))
        if response.status_code == 503:
            response.headers["Retry-After"] = str(problems.RETRY_AFTER)
        if isinstance(refusal, BodyRefused):
            response.headers["Connection"] = "close"
        return answer_of(response, request.environ)


def _page_or_document(refusal: Refused | HTTPException, *, for_programs: bool) -> ResponseReturnValue:
    if isinstance(refusal, Refused):
        return problems.of_refusal(refusal) if for_programs else errors.of_refusal(refusal)
    return problems.of_http_error(refusal) if for_programs else errors.of_http(refusal)
